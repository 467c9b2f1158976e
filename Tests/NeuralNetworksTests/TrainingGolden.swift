import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph

/// A case that Keras computed: an entry of `Tests/Golden/<family>/cases.json` with its arrays.
struct TrainingGolden: Sendable, CustomStringConvertible {
  /// The folder under `Tests/Golden`.
  let family: String
  /// The entry of the index.
  let entry: JSONValue

  var name: String { entry["name"]?.string ?? "" }
  var description: String { name }

  static func folder(_ family: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/\(family)")
  }

  /// All cases of a family.
  static func all(_ family: String) throws -> [TrainingGolden] {
    let index = try JSONValue(
      parsing: Data(contentsOf: folder(family).appending(path: "cases.json")))
    return (index["cases"]?.array ?? []).map { TrainingGolden(family: family, entry: $0) }
  }

  /// The arrays by name.
  func arrays() throws -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: try NumPy.archive(
        path: Self.folder(family).appending(path: name + ".npz").path()
      ).map { ($0.name, $0.tensor) })
  }
}

extension [String: Tensor] {
  /// The array `name`, which the case has.
  func array(_ name: String) throws -> Tensor {
    guard let array = self[name] else { throw FormatError("there is no array \(name)") }
    return array
  }
}

/// The largest difference between elements, relative to the largest element of `expected`.
func distance(_ a: Tensor, _ expected: Tensor) -> Double {
  guard a.shape == expected.shape else { return .infinity }
  let scale = max(expected.numbers.map(\.magnitude).max() ?? 0, 1e-3)
  let differences = zip(a.numbers, expected.numbers).map { a, b in
    a == b || (a.isNaN && b.isNaN) ? 0 : a.isFinite && b.isFinite ? (a - b).magnitude : .infinity
  }
  return (differences.max() ?? 0) / scale
}
