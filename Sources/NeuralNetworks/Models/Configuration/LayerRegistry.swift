import Foundation
import TensorGraph

/// The layers that files can name.
public struct LayerRegistry: Sendable {
  /// Every layer of the library, the one list of them.
  public static let all: [any NamedLayer.Type] = [
    ActivationLayer.self, Add.self, Average.self, AveragePooling1D.self, AveragePooling2D.self,
    AveragePooling3D.self, BatchNormalization.self, Bidirectional.self, Concatenate.self,
    Conv1D.self, Conv2D.self, Conv3D.self, Dense.self, Dot.self, Dropout.self, ELU.self,
    Embedding.self, Flatten.self, GRU.self, GlobalAveragePooling1D.self,
    GlobalAveragePooling2D.self, GlobalAveragePooling3D.self, GlobalMaxPooling1D.self,
    GlobalMaxPooling2D.self, GlobalMaxPooling3D.self, Identity.self, LSTM.self,
    LayerNormalization.self, LeakyReLU.self, Masking.self, MaxPooling1D.self, MaxPooling2D.self,
    MaxPooling3D.self, Maximum.self, Minimum.self, MultiHeadAttention.self, Multiply.self,
    PReLU.self, Permute.self, ReLU.self, RepeatVector.self, Rescaling.self, Reshape.self,
    SimpleRNN.self, Softmax.self, Subtract.self, UpSampling2D.self, ZeroPadding2D.self,
  ]

  /// The layers of the library.
  public static let standard = LayerRegistry()

  private let types: [String: any NamedLayer.Type]

  /// Creates a registry of the library's layers and of `own` ones.
  public init(adding own: [any NamedLayer.Type] = []) {
    types = Dictionary(
      (LayerRegistry.all + own).map { ($0.className, $0) }, uniquingKeysWith: { $1 })
  }

  /// The names of all classes, in alphabetical order.
  public var classNames: [String] { types.keys.sorted() }

  /// The layer that Keras's `config` describes, with defaults for what it leaves out.
  ///
  /// - Throws: when there is no such class, or a hyperparameter it does not have is set.
  public func layer(
    className: String, config: JSONValue
  ) throws(ConfigurationError) -> any NamedLayer {
    guard let type = types[className] else {
      throw ConfigurationError(
        "there is no layer \(className)", layer: config["name"]?.string,
        hint: spellingHint(className, in: classNames))
    }
    return try layer(type, config)
  }

  private func layer<T: NamedLayer>(
    _ type: T.Type, _ config: JSONValue
  ) throws(ConfigurationError) -> T {
    let place = config["name"]?.string ?? T.className
    let keys = HyperparameterKeys(of: T.example)
    var members = keys.defaults
    for (key, value) in (config.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      if keys.names.contains(key) {
        members[key] = value
      } else if let problem = HyperparameterKeys.problem(with: key, value, of: T.className) {
        throw ConfigurationError(
          problem, layer: place,
          hint: nearest(key, in: keys.names.sorted()).map { "did you mean \($0)?" })
      }
    }
    do {
      return try JSONValue.object(keys.forDecoding(members)).decoded(as: T.self)
    } catch {
      throw ConfigurationError("\(T.className) cannot be read: \(describe(error))", layer: place)
    }
  }

  /// The hyperparameters of `layer` as Keras's files have them, with every default.
  ///
  /// - Throws: when the layer does not let itself be encoded.
  public static func config(
    of layer: any NamedLayer, name: String? = nil, isTrainable: Bool = true
  ) throws(ConfigurationError) -> JSONValue {
    func encoded<T: NamedLayer>(_ layer: T) throws -> [String: JSONValue] {
      HyperparameterKeys(of: layer).defaults
    }
    do {
      var members = try encoded(layer)
      members["name"] = .string(name ?? layer.name ?? layer.className.snakeCased)
      members["trainable"] = .bool(isTrainable)
      members["dtype"] = float32Policy
      return .object(members)
    } catch {
      throw ConfigurationError("\(layer.className) cannot be written: \(describe(error))")
    }
  }

  /// `layer` as Keras's files have it: module, class, hyperparameters.
  ///
  /// - Throws: when the layer does not let itself be encoded.
  public static func object(
    of layer: any NamedLayer, name: String? = nil, isTrainable: Bool = true
  ) throws(ConfigurationError) -> JSONValue {
    let isOwn = !all.contains { $0 == type(of: layer) }
    return [
      "module": isOwn ? nil : "keras.layers", "class_name": .string(layer.className),
      "config": try config(of: layer, name: name, isTrainable: isTrainable),
      "registered_name": isOwn ? .string("Custom>\(layer.className)") : nil,
    ]
  }
}

/// The element type of all layers, as Keras writes it.
let float32Policy: JSONValue = [
  "module": "keras", "class_name": "DTypePolicy", "config": ["name": "float32"],
  "registered_name": nil,
]

/// A layer within another one's hyperparameters, as Keras's files have it.
public struct SerializedLayer: Codable {
  /// The layer.
  public let layer: any NamedLayer

  /// Creates the written form of `layer`.
  public init(_ layer: any NamedLayer) { self.layer = layer }

  public init(from decoder: any Decoder) throws {
    let object = try JSONValue(from: decoder)
    guard let className = object["class_name"]?.string, let config = object["config"] else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a layer"))
    }
    layer = try LayerRegistry.standard.layer(className: className, config: config)
  }

  public func encode(to encoder: any Encoder) throws {
    try LayerRegistry.object(of: layer).encode(to: encoder)
  }
}
