import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph

/// How long the loading of a file took: the least of several times, with the file in memory.
struct LoadingResult {
  private let path: String
  private let byteCount: Int
  /// Reading the bytes into memory of one's own.
  private var reading = Double.infinity
  /// Loading a model with its test vector, or tensors.
  private var loading = Double.infinity
  /// Loading a model without its test vector, or viewing tensors in place.
  private var unchecked = Double.infinity

  init(_ path: String, engine: any Engine) throws {
    self.path = path
    let data = try Files.contents(of: path)
    byteCount = data.count
    let isTensors = ModelFormat(of: data) == .safetensors
    let clock = ContinuousClock(), start = clock.now
    func seconds(_ body: () throws -> some Any) rethrows -> Double {
      var kept: Any?  // what is loaded is destroyed when the clock has stopped
      let elapsed = try clock.measure { kept = try body() }
      withExtendedLifetime(kept) {}
      return elapsed / .seconds(1)
    }
    var rounds = 0
    while rounds < 4 || (rounds < 20 && clock.now - start < .seconds(3)) {
      reading = min(reading, try seconds { try Data(contentsOf: URL(filePath: path)) })
      if isTensors {
        loading = min(loading, try seconds { try SafetensorsFile(path: path).copies() })
        unchecked = min(unchecked, try seconds { try SafetensorsFile(path: path).tensors() })
      } else {
        loading = min(loading, try seconds { try Model.load(from: path, engine: engine) })
        unchecked = min(
          unchecked,
          try seconds { try Model.load(from: path, checksTestVector: false, engine: engine) })
      }
      rounds += 1
    }
  }

  var json: JSON {
    .object([
      ("name", .string(path)), ("bytes", .int(byteCount)), ("load_ms", .number(loading * 1e3)),
      ("unchecked_ms", .number(unchecked * 1e3)), ("read_ms", .number(reading * 1e3)),
    ])
  }

  static let header = "     load, ms  unchecked, ms  read, ms"

  var text: String {
    let columns = [loading, unchecked, reading].map { Console.short($0 * 1e3) }
    return zip(columns, [13, 15, 10]).map { text, width in
      String(repeating: " ", count: max(width - text.count, 1)) + text
    }.joined() + "  \(path)"
  }
}

extension SafetensorsFile {
  /// All tensors in memory of their own.
  fileprivate func copies() throws -> [Tensor] { try names.map { try tensor($0).owned() } }
}
