import Foundation
import TensorGraph

/// The layers that files can name.
public struct LayerRegistry: Sendable {
  /// Every layer of the library, the one list of them.
  public static let all: [any NamedLayer.Type] = [
    ActivationLayer.self, ActivityRegularization.self, AdaptiveAveragePooling1D.self,
    AdaptiveAveragePooling2D.self, AdaptiveAveragePooling3D.self, AdaptiveMaxPooling1D.self,
    AdaptiveMaxPooling2D.self, AdaptiveMaxPooling3D.self, Add.self, AdditiveAttention.self,
    AlphaDropout.self, Attention.self, AugMix.self, AutoContrast.self, Average.self,
    AveragePooling1D.self, AveragePooling2D.self, AveragePooling3D.self, BatchNormalization.self,
    Bidirectional.self, CategoryEncoding.self, CenterCrop.self, Concatenate.self,
    ContrastLimitedAdaptiveHistogramEqualization.self, Conv1D.self, Conv1DTranspose.self,
    Conv2D.self, Conv2DTranspose.self, Conv3D.self, Conv3DTranspose.self, ConvLSTM1D.self,
    ConvLSTM2D.self, ConvLSTM3D.self, Cropping1D.self, Cropping2D.self, Cropping3D.self,
    CutMix.self, Dense.self, DepthwiseConv1D.self, DepthwiseConv2D.self, Discretization.self,
    Dot.self, Dropout.self, ELU.self, EinsumDense.self, Embedding.self, Equalization.self,
    Flatten.self, GRU.self, GRUCell.self, GaussianDropout.self, GaussianNoise.self,
    GlobalAveragePooling1D.self, GlobalAveragePooling2D.self, GlobalAveragePooling3D.self,
    GlobalMaxPooling1D.self, GlobalMaxPooling2D.self, GlobalMaxPooling3D.self,
    GroupNormalization.self, GroupQueryAttention.self, HashedCrossing.self, Hashing.self,
    Identity.self, IntegerLookup.self, LSTM.self, LSTMCell.self, LayerNormalization.self,
    LeakyReLU.self, Masking.self, MaxNumBoundingBoxes.self, MaxPooling1D.self, MaxPooling2D.self,
    MaxPooling3D.self, Maximum.self, MelSpectrogram.self, Minimum.self, MixUp.self,
    MultiHeadAttention.self, Multiply.self, Normalization.self, PReLU.self, Permute.self,
    Pipeline.self, RMSNormalization.self, RNN.self, RandAugment.self, RandomBrightness.self,
    RandomColorDegeneration.self, RandomColorJitter.self, RandomContrast.self, RandomCrop.self,
    RandomElasticTransform.self, RandomErasing.self, RandomFlip.self, RandomGaussianBlur.self,
    RandomGrayscale.self, RandomHue.self, RandomInvert.self, RandomPerspective.self,
    RandomPosterization.self, RandomRotation.self, RandomSaturation.self, RandomSharpness.self,
    RandomShear.self, RandomTranslation.self, RandomZoom.self, ReLU.self, RepeatVector.self,
    Rescaling.self, Reshape.self, Resizing.self, ReversibleEmbedding.self, STFTSpectrogram.self,
    SeparableConv1D.self, SeparableConv2D.self, SimpleRNN.self, SimpleRNNCell.self, Softmax.self,
    Solarization.self, SpatialDropout1D.self, SpatialDropout2D.self, SpatialDropout3D.self,
    SpectralNormalization.self, StackedRNNCells.self, StringLookup.self, Subtract.self,
    TextVectorization.self, TimeDistributed.self, UnitNormalization.self, UpSampling1D.self,
    UpSampling2D.self, UpSampling3D.self, ZeroPadding1D.self, ZeroPadding2D.self,
    ZeroPadding3D.self,
  ]

  /// The layers of the library.
  public static let standard = LayerRegistry()

  private let types: [String: any NamedLayer.Type]
  /// How many layers of the file are around the one that is read.
  private var depth = 0
  /// More layers in each other than any network has.
  private static let depthLimit = 32

  /// Creates a registry of the library's layers and of `own` ones.
  public init(adding own: [any NamedLayer.Type] = []) {
    types = Dictionary(
      (LayerRegistry.all + own).map { ($0.className, $0) }, uniquingKeysWith: { $1 })
  }

  /// The names of all classes, in alphabetical order.
  public var classNames: [String] { types.keys.sorted() }

  /// The class of this name, if it is known.
  package func layerType(named className: String) -> (any NamedLayer.Type)? { types[className] }

  /// The class whose name is written much like `name`, if there is one.
  package func nearestClass(to name: String) -> String? { nearest(name, in: classNames) }

  /// Whether a file may name the class so, today or in older versions of Keras.
  package func knows(_ object: JSONValue) -> Bool {
    let name = object["class_name"]?.string ?? ""
    return [object["registered_name"]?.string, name, Self.withoutPackage(name)].contains {
      $0.map { types[$0] != nil } ?? false
    } || types[OlderLayers.current(name, object["config"] ?? .null).0] != nil
  }

  /// The layer that Keras's `config` describes, with defaults for what it leaves out.
  ///
  /// - Throws: when there is no such class, or a hyperparameter it does not have is set.
  public func layer(
    className: String, config: JSONValue
  ) throws(ConfigurationError) -> any NamedLayer {
    if let type = types[className] ?? types[Self.withoutPackage(className)] {
      return try layer(
        type, Self.all.contains { $0 == type } ? OlderLayers.current(className, config).1 : config)
    }
    let (name, config) = OlderLayers.current(className, config)
    if let type = types[name] { return try layer(type, config) }
    var mistake = ConfigurationError("there is no layer \(name)", layer: config["name"]?.string)
    mistake.unknown = name
    if name == "Lambda" {
      mistake.message = "a Lambda in a file is a piece of Python, which cannot be run"
      mistake.hint = "write it as a layer of its own, and add that to the registry as Lambda"
    } else {
      mistake.hint = spellingHint(name, in: classNames)
    }
    throw mistake
  }

  /// The layer that `object`, a class and its hyperparameters, describes.
  ///
  /// - Throws: when there is no such class, or a hyperparameter it does not have is set.
  func layer(_ object: JSONValue) throws(ConfigurationError) -> any NamedLayer {
    guard let className = object["class_name"]?.string, let config = object["config"] else {
      throw ConfigurationError("a layer has no class_name and config")
    }
    if let name = object["registered_name"]?.string, types[name] != nil {
      return try layer(className: name, config: config)
    }
    return try layer(className: className, config: config)
  }

  /// The name of a class without that of the package it is registered in: `MyLayer` of
  /// `my_package>MyLayer`.
  private static func withoutPackage(_ name: String) -> String {
    name.lastIndex(of: ">").map { String(name[name.index(after: $0)...]) } ?? name
  }

  private func layer<T: NamedLayer>(
    _ type: T.Type, _ config: JSONValue
  ) throws(ConfigurationError) -> T {
    let place = config["name"]?.string ?? T.className
    let keys = HyperparameterKeys.defaults(of: type)
    var members = keys.defaults
    var given = config.object ?? [:]
    let options: LayerOptions
    do {
      options = try LayerOptions(taking: &given, of: T.className)
      members[HyperparameterKeys.options] = try .object(options.config())
    } catch {
      var mistake =
        (error as? ConfigurationError)
        ?? ConfigurationError("\(T.className) cannot be read: \(describe(error))")
      mistake.layer = mistake.layer ?? place
      throw mistake
    }
    if keys.names.contains("name") { members["name"] = options.name.map(JSONValue.string) ?? .null }
    for (older, key) in HyperparameterKeys.renamed[T.className] ?? [:] {
      if let value = given.removeValue(forKey: older), given[key] == nil { given[key] = value }
    }
    for (key, value) in given.sorted(by: { $0.key < $1.key }) {
      if keys.names.contains(key) {
        members[key] = value
      } else if let problem = HyperparameterKeys.problem(with: key, value, of: T.className) {
        throw ConfigurationError(
          problem, layer: place,
          hint: nearest(key, in: keys.names.sorted()).map { "did you mean \($0)?" })
      }
    }
    do {
      return try JSONValue.object(keys.forDecoding(members)).decoded(as: T.self, registry: self)
    } catch {
      throw ConfigurationError("\(T.className) cannot be read: \(describe(error))", layer: place)
    }
  }

  /// The hyperparameters of `layer` as Keras's files have them, with every default.
  ///
  /// - Throws: when the layer does not let itself be encoded.
  ///
  /// - Parameters:
  ///   - layer: The layer.
  ///   - name: Its name, if the model has given it one.
  ///   - isTrainable: Whether it is trained; what its options say if nothing else does.
  ///   - policy: The element types of what is around it. Keras's layers within layers take nothing
  ///     from those around them, so all of them get theirs written out.
  /// - Returns: the members of Keras's `config`.
  public static func config(
    of layer: any NamedLayer, name: String? = nil, isTrainable: Bool? = nil,
    policy: DTypePolicy = .float32
  ) throws(ConfigurationError) -> JSONValue {
    do {
      return try .object(members(of: layer, name: name, isTrainable, policy))
    } catch let mistake as ConfigurationError {
      throw mistake
    } catch {
      throw ConfigurationError("\(layer.className) cannot be written: \(describe(error))")
    }
  }

  private static func members(
    of layer: any NamedLayer, name: String?, _ isTrainable: Bool?, _ policy: DTypePolicy?
  ) throws -> [String: JSONValue] {
    func encoded<T: NamedLayer>(_ layer: T) -> [String: JSONValue] {
      HyperparameterKeys(of: layer).defaults
    }
    _ = try JSONValue(encoding: layer)  // which says why it cannot be
    var members = encoded(layer)
    let hasOwnType = members["dtype"] != nil
    members.merge(try layer.options.config()) { $1 }
    members["name"] = .string(name ?? layer.name ?? layer.defaultName)
    members["trainable"] = .bool(isTrainable ?? layer.options.isTrainable)
    if let policy = layer.options.dtype ?? policy {
      if !hasOwnType { members["dtype"] = policy.object }
      members = members.mapValues { $0.completed(with: policy) }
    }
    if layer is any DataFormatLayer {
      members["data_format"] = .string((layer.options.dataFormat ?? .channelsLast).rawValue)
    }
    if HyperparameterKeys.takeNamesOnly.contains(layer.className) {
      guard layer.options.activityRegularizer == nil else {
        throw ConfigurationError(
          "Keras's \(layer.className) has no hyperparameter activity_regularizer",
          layer: name ?? layer.name, hint: "put an ActivityRegularization after it")
      }
      members["trainable"] = nil
    }
    if layer is Pipeline { (members["trainable"], members["dtype"]) = (nil, nil) }
    return members
  }

  /// `layer` as Keras's files have it: module, class, hyperparameters.
  ///
  /// - Throws: when the layer does not let itself be encoded.
  public static func object(
    of layer: any NamedLayer, name: String? = nil, isTrainable: Bool? = nil,
    policy: DTypePolicy = .float32
  ) throws(ConfigurationError) -> JSONValue {
    object(
      of: layer,
      try config(of: layer, name: name, isTrainable: isTrainable, policy: policy))
  }

  /// `layer` within another one, which says what element types it has if itself does not.
  fileprivate static func inner(_ layer: any NamedLayer) throws -> JSONValue {
    object(of: layer, .object(try members(of: layer, name: nil, nil, nil)))
  }

  private static func object(of layer: any NamedLayer, _ config: JSONValue) -> JSONValue {
    let isOwn = !all.contains { $0 == type(of: layer) }
    let name = layer.className, plainName = withoutPackage(name)
    return [
      "module": isOwn ? nil : "keras.layers", "class_name": .string(plainName), "config": config,
      "registered_name": isOwn ? .string(name == plainName ? "Custom>\(name)" : name) : nil,
    ]
  }
}

extension JSONValue {
  /// The value with `policy` in the layers within it that do not say their element types.
  fileprivate func completed(with policy: DTypePolicy) -> JSONValue {
    switch self {
    case .array(let elements): return .array(elements.map { $0.completed(with: policy) })
    case .object(var members):
      guard let className = members["class_name"], className != "DTypePolicy",
        case .object(var config)? = members["config"], config["name"] != nil
      else { return self }
      let inner = config["dtype"].flatMap(DTypePolicy.init(_:)) ?? policy
      config = config.mapValues { $0.completed(with: inner) }
      if config["dtype"] == nil { config["dtype"] = policy.object }
      members["config"] = .object(config)
      return .object(members)
    default: return self
    }
  }
}

extension LayerRegistry {
  private static let userInfoKey = CodingUserInfoKey(rawValue: "LayerRegistry")

  /// The registry with which `decoder` reads layers within a layer.
  ///
  /// - Throws: when too many layers are in each other, each of which is read with all within it.
  static func current(of decoder: any Decoder) throws -> LayerRegistry {
    var registry = userInfoKey.flatMap { decoder.userInfo[$0] as? LayerRegistry } ?? .standard
    registry.depth += 1
    guard registry.depth <= depthLimit else {
      throw ConfigurationError("more than \(depthLimit) layers are in each other")
    }
    return registry
  }

  /// Makes `decoder` read layers within layers with this registry.
  func use(in decoder: JSONDecoder) {
    if let key = LayerRegistry.userInfoKey { decoder.userInfo[key] = self }
  }
}

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
    layer = try LayerRegistry.current(of: decoder)
      .layer(className: className, config: config)
  }

  public func encode(to encoder: any Encoder) throws {
    try LayerRegistry.inner(layer).encode(to: encoder)
  }
}
