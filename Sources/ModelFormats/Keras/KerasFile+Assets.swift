import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension KerasFile {
  /// `object`, the configuration of a network, with the vocabularies that `zip` has as files and
  /// the weights of their words.
  ///
  /// Throws when a vocabulary is no text.
  static func addingAssets(
    to object: JSONValue, _ zip: ZipReader, _ weights: StoredWeights, _ registry: LayerRegistry
  ) throws -> JSONValue {
    guard zip.names.contains(where: { $0.hasPrefix(assets) }) else { return object }
    let reader = AssetReader(zip: zip, weights: weights, registry: registry)
    return try reader.completed(object, in: "")
  }

  static let assets = "assets/"
}

/// Finds the parts of layers that a file has beside its configuration.
private struct AssetReader {
  let zip: ZipReader
  let weights: StoredWeights
  let registry: LayerRegistry

  /// `object`, a network or a layer whose group is `place`, with what the file has beside it.
  func completed(_ object: JSONValue, in place: String) throws -> JSONValue {
    guard var members = object.object, var config = members["config"]?.object else { return object }
    if let layers = config["layers"]?.array {
      let container = place.isEmpty ? "layers" : "\(place)/layers"
      config["layers"] = .array(
        try layers.map { layer in
          guard let group = try group(of: layer, in: container) else { return layer }
          return try completed(layer, in: "\(container)/\(group)")
        })
    } else if !place.isEmpty, let name = members["class_name"]?.string,
      let type = registry.layerType(named: name) as? any AssetLayer.Type,
      config["vocabulary"] ?? .null == .null
    {
      config = try filled(config, type, place)
    }
    members["config"] = .object(config)
    return .object(members)
  }

  private func group(of layer: JSONValue, in container: String) throws -> String? {
    guard let className = layer["class_name"]?.string,
      let name = layer["config"]?["name"]?.string ?? layer["name"]?.string
    else { return nil }
    return try weights.groups(in: container, of: [(className.snakeCased, name)])?.first
  }

  private func filled(
    _ config: [String: JSONValue], _ type: any AssetLayer.Type, _ place: String
  ) throws -> [String: JSONValue] {
    let path = KerasFile.assets + "\(place)/\(type.vocabularyName)"
    guard zip.names.contains(path) else { return config }
    let array = "\(place)/\(type.wordWeightsName)"
    return try KerasFile.naming(path) {
      try type.completed(
        config, vocabulary: textLines(zip.text(of: path)),
        weights: weights.tensor(array)?.numbers)
    }
  }
}

/// The lines of a text, without empty ones at its end, as Keras reads a vocabulary.
///
/// Throws when the bytes are not UTF-8.
package func textLines(_ data: Data) throws(FormatError) -> [String] {
  guard let text = String(validating: data, as: UTF8.self) else {
    throw FormatError(
      "the text is not UTF-8", got: "\(data.count) bytes", hint: "save it in that encoding")
  }
  var lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { line in
    String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
  }
  while lines.last == "" { lines.removeLast() }
  return lines
}
