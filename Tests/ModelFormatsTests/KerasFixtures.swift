import Foundation
import ModelFormats
import Strata
import Testing

/// A model that Keras wrote and ran: an entry of `cases.json` in a folder of golden data.
struct KerasCase: Sendable, CustomTestStringConvertible {
  let folder: String
  let entry: JSONValue

  var name: String { entry["name"]?.string ?? "" }
  var testDescription: String { name }

  /// All cases in `folder`; none when it cannot be read, which a test notices.
  static func all(_ folder: String) -> [KerasCase] {
    let cases = try? JSONValue(
      parsing: Data(contentsOf: URL(filePath: path(folder, "cases.json"))))["cases"]?.array
    return (cases ?? []).map { KerasCase(folder: folder, entry: $0) }
  }

  static func path(_ folder: String, _ file: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/\(folder)/\(file)").path
  }

  /// The path of the file that the entry names under `key`.
  func file(_ key: String) -> String { Self.path(folder, entry[key]?.string ?? "") }

  /// The names under `key`.
  func names(_ key: String) -> [String] { entry[key]?.array?.compactMap(\.string) ?? [] }

  func arrays() throws -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: try NumPy.archive(path: Self.path(folder, "\(name).npz")).map {
        ($0.name, $0.tensor)
      })
  }
}

/// The bytes of the golden file `name`.
func kerasFile(_ name: String) throws -> Data {
  try Data(contentsOf: URL(filePath: KerasCase.path("keras_files", name)))
}

/// The largest difference between elements, relative where `expected` is above 1.
func largestDifference(_ a: Tensor, _ expected: Tensor) -> Double {
  guard a.shape == expected.shape else { return .infinity }
  return zip(a.numbers, expected.numbers).reduce(0) { largest, pair in
    let difference = (pair.0 - pair.1).magnitude / max(1, pair.1.magnitude)
    return difference <= largest ? largest : difference.isNaN ? .infinity : difference
  }
}

/// A folder that is removed after `body`.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "strata-\(UInt64.random(in: 0 ... .max))").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// The entries of `archive`, those in `replacing` changed.
func rebuilt(_ archive: Data, replacing: [String: Data]) throws -> Data {
  let zip = try ZipReader(archive), writer = try ZipWriter()
  for name in zip.names { try writer.add(name, replacing[name] ?? zip.bytes(of: name)) }
  return try writer.finish()
}

/// The numbers of `model`'s weights, states, optimizer and random numbers, bit by bit.
func everything(in model: Model) -> [Tensor] {
  Array(model.weights.values) + model.optimizerVariables.map(\.value)
    + [model.variables[model.declarations.count]]
}
