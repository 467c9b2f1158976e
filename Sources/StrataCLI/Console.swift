import Foundation
import Glibc
import NeuralNetworks

/// What is written for people and for scripts.
enum Console {
  /// Writes a line to standard error, where messages and progress go.
  static func say(_ line: String) {
    fflush(nil)
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  /// Writes a line to standard output, at once.
  static func write(_ line: String) {
    print(line)
    fflush(nil)
  }

  /// `number` with at most four digits that say something.
  static func short(_ number: Double) -> String {
    switch abs(number) {
    case 0: "0"
    case 1e-3..<1: String(format: "%.4f", number)
    case 1..<1e6: String(format: "%.5g", number)
    default: String(format: "%.3e", number)
    }
  }

  /// The loss and the metrics on one line.
  static func text(_ logs: Logs) -> String {
    logs.map { "\($0) \(short($1))" }.joined(separator: "  ")
  }
}
