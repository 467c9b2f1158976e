import Foundation
import Glibc
import Testing

@Suite(.serialized) struct MemoryTests {
  @Test("a training of many epochs needs no more memory than one of few")
  func epochs() throws {
    let box = try Sandbox()
    try box.writeIris()
    var early = 0, late = 0
    _ = try box.run(
      Sandbox.command,
      [
        "train", "mlp", "--x", "x.npy", "--y", "y.npy", "--epochs", "1000000", "--threads", "1",
        "--validation-split", "0.2", "--csv-log", "log.csv", "-o", "m.keras",
      ]
    ) { process in
      func wait(forEpochs count: Int) {
        for _ in 0..<20_000 where process.isRunning {
          let lines = box.bytes("log.csv")?.count { $0 == UInt8(ascii: "\n") } ?? 0
          if lines > count { return }
          usleep(5_000)
        }
      }
      wait(forEpochs: 200)
      early = residentKilobytes(process.processIdentifier)
      wait(forEpochs: 1500)
      late = residentKilobytes(process.processIdentifier)
      kill(process.processIdentifier, SIGKILL)
    }
    #expect(early > 0)
    #expect(late < early + 2048, "\(early) kB, then \(late) kB")
  }
}

/// How much memory a process has, in kB.
private func residentKilobytes(_ process: Int32) -> Int {
  let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
  return line.flatMap { Int($0.split(separator: " ").dropLast().last ?? "") } ?? 0
}
