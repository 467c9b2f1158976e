// What the examples on real data share.

import Foundation
import Strata

/// The share of the data and the epochs that an example uses: all, or what the environment variable
/// `STRATA_EXAMPLE_SHARE` says, such as 0.05. What it has learned then is little.
public let share: Double = {
  guard let text = ProcessInfo.processInfo.environment["STRATA_EXAMPLE_SHARE"] else { return 1 }
  guard let share = Double(text), share > 0, share <= 1 else {
    fail("STRATA_EXAMPLE_SHARE is a number above 0 and at most 1, not \(text)")
  }
  return share
}()

/// That share of `count`, and at least 1.
public func part(of count: Int) -> Int { max(1, Int(Double(count) * share)) }

/// That share of the samples, the first ones.
public func part(of data: TrainingData) -> TrainingData {
  data.rows(0..<part(of: data.sampleCount))
}

/// What `body` loads. Where that is not possible the example ends, without having shown anything.
public func available<T>(_ body: () throws -> T) -> T {
  do {
    return try body()
  } catch {
    print("skipped: there are no data.\n\(error)")
    exit(0)
  }
}

/// Ends the example unless `goal` was reached or, where only a part of the data was used, `start`.
public func demand(_ goal: Bool, orForAPart start: Bool? = nil, _ what: String) {
  let isPart = share < 1 && start != nil
  guard isPart ? start == true : goal else { fail("\(what): not reached") }
  print(isPart ? "learned something from a part of the data" : "reached: \(what)")
}

private func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data("error: \(message)\n".utf8))
  exit(1)
}

/// `share` in percent, with one digit after the point.
public func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

/// `number` with `digits` after the point.
public func rounded(_ number: Double, _ digits: Int) -> String {
  String(format: "%.\(digits)f", number)
}

/// The same random numbers for the same seed: SplitMix64.
public struct Generator: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
