import TensorGraph

/// A layer of which Keras's files keep parts beside its configuration: a vocabulary as a text, and
/// weights of words among the weights of the model.
///
/// Here these are constants of the layer, and files of ours have them in the configuration, which
/// Keras reads too.
public protocol AssetLayer: NamedLayer {
  /// The arrays that Keras expects among the weights, by their place in the group of the layer.
  var storedArrays: [(path: String, tensor: Tensor)] { get }
  /// Where the vocabulary is among the files of the layer, and the weights of its words among the
  /// arrays.
  static var vocabularyName: String { get }
  static var wordWeightsName: String { get }
  /// `config` with what a file has beside it: the lines of the vocabulary, and weights.
  ///
  /// - Throws: when a line is no token.
  static func completed(
    _ config: [String: JSONValue], vocabulary: [String], weights: [Double]?
  ) throws(ConfigurationError) -> [String: JSONValue]
}

extension AssetLayer {
  public static var vocabularyName: String { "vocabulary.txt" }
  public static var wordWeightsName: String { "vars/idf_weights" }

  public static func completed(
    _ config: [String: JSONValue], vocabulary: [String], weights: [Double]?
  ) throws(ConfigurationError) -> [String: JSONValue] {
    var config = config
    config["vocabulary"] = .array(try vocabulary.map(token))
    // Beyond the vocabulary are zeros that fill up to max_tokens.
    if let weights {
      config["idf_weights"] = .array(weights.prefix(vocabulary.count).map(JSONValue.number))
    }
    return config
  }

  /// A token as a configuration has it.
  private static func token(_ line: String) throws(ConfigurationError) -> JSONValue {
    guard self == IntegerLookup.self else { return .string(line) }
    guard let number = Int(line) else {
      throw ConfigurationError("the vocabulary of IntegerLookup has ‘\(line)’, which is no integer")
    }
    return .int(number)
  }

  fileprivate func arrays(
    _ weights: [Double]?, at paths: [String]
  ) -> [(path: String, tensor: Tensor)] {
    guard let weights else { return [] }
    return paths.map { ($0, Tensor([weights.count], weights.map { Float($0) })) }
  }
}

extension StringLookup: AssetLayer {
  public var storedArrays: [(path: String, tensor: Tensor)] {
    arrays(storedWeights, at: [Self.wordWeightsName])
  }
}

extension IntegerLookup: AssetLayer {
  public var storedArrays: [(path: String, tensor: Tensor)] {
    arrays(storedWeights, at: [Self.wordWeightsName])
  }
}

extension TextVectorization: AssetLayer {
  /// Keras keeps the weights of the layer and of the lookup in it.
  public var storedArrays: [(path: String, tensor: Tensor)] {
    arrays(
      lookup.storedWeights,
      at: [Self.wordWeightsName, "_lookup_layer/" + Self.wordWeightsName])
  }
}
