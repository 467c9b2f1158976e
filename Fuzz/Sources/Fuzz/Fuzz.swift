import CFuzzer
import Foundation

// `fuzz READER [libFuzzer's arguments]` feeds a reader; `fuzz --seeds READER FOLDER FILE…` writes
// what it starts from; `fuzz --list` names the readers. Scripts/fuzz does all three.
@main
struct Fuzz {
  static func main() throws {
    var arguments = CommandLine.arguments
    guard arguments.count > 1, arguments[1] != "--list" else {
      return print(Reader.all.map(\.name).joined(separator: "\n"))
    }
    let isSeeding = arguments[1] == "--seeds"
    if isSeeding { arguments.remove(at: 1) }
    guard let reader = Reader.all.first(where: { $0.name == arguments[1] }) else {
      print("error: there is no reader \(arguments[1])")
      exit(2)
    }
    arguments.remove(at: 1)
    if isSeeding {
      return try writeSeeds(of: reader, to: arguments[1], files: Array(arguments[2...]))
    }
    reader.start(arguments)
  }

  /// Writes what Strata makes and what `files` hold into a folder, a file for each.
  private static func writeSeeds(of reader: Reader, to folder: String, files: [String]) throws {
    var seeds = try reader.seeds()
    for path in files {
      let data = try Data(contentsOf: URL(filePath: path))
      if data.count <= 1 << 16 { seeds += reader.parts(data) }
    }
    for (index, seed) in seeds.enumerated() {
      try seed.write(to: URL(filePath: "\(folder)/seed-\(index)"))
    }
    print("\(reader.name): \(seeds.count) seeds")
  }
}

extension Reader {
  /// The reader that this process feeds; a C function, which libFuzzer wants, has no context.
  private static let current = {
    let name = ProcessInfo.processInfo.environment["FUZZ_READER"]
    return Reader.all.first { $0.name == name }
  }()

  /// Hands the process over to libFuzzer.
  fileprivate func start(_ arguments: [String]) -> Never {
    setenv("FUZZ_READER", name, 1)
    var pointers = arguments.map { strdup($0) } + [nil]
    var count = Int32(arguments.count)
    let status = pointers.withUnsafeMutableBufferPointer { buffer in
      var base = buffer.baseAddress
      return LLVMFuzzerRunDriver(&count, &base) { bytes, count in
        // An allocation of exactly this size, so that every byte read beyond it is found.
        let data = bytes.map { Data(bytes: $0, count: count) } ?? Data()
        Reader.current?.read(data)
        return 0
      }
    }
    exit(status)
  }
}
