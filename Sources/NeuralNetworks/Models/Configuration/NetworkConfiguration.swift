import TensorGraph

/// A network read from Keras's configuration: a Sequential or a Functional with all it holds.
public struct NetworkConfiguration: Sendable {
  /// The network.
  public let network: any Layer
  /// Where data enters.
  public let inputs: [InputLayer]
  /// What the model is called.
  public let name: String
  /// The paths of the layers that are not trained.
  public let frozen: [String]
  /// The element types of layers that do not say.
  public let dtypePolicy: DTypePolicy

  /// Reads the object that is `config.json` of a `.keras` file, or `model_config` of an older one.
  ///
  /// - Throws: when something in it is not supported, with the name of the layer.
  public init(
    _ object: JSONValue, registry: LayerRegistry = .standard
  ) throws(ConfigurationError) {
    var reader = NetworkReader(registry: registry)
    let (network, inputs) = try reader.network(object, path: "", depth: 0)
    guard let inputs else {
      throw ConfigurationError(
        "the file does not say what shape the input of \(network.name ?? "the model") has",
        hint: "build the model before saving it: begin it with an Input")
    }
    self.network = network
    self.inputs = inputs
    name = network.name ?? network.className.snakeCased
    frozen = reader.frozen
    dtypePolicy = object["config"]?["dtype"].flatMap(DTypePolicy.init(_:)) ?? .float32
  }
}

extension Model {
  /// Creates a model of a network read from a file.
  ///
  /// - Parameters:
  ///   - configuration: The network.
  ///   - seed: What the first weights and all random numbers follow from.
  ///   - engine: What runs the graphs.
  ///   - drawsWeights: Whether weights start as their initializers say, or as zeros to be filled.
  ///   - byteLimit: The most bytes that the weights may take, such as a file has.
  /// - Throws: the first mistake in the network.
  public convenience init(
    _ configuration: NetworkConfiguration, seed: UInt64 = 0, engine: any Engine,
    drawsWeights: Bool = true, byteLimit: Int = .max
  ) throws(GraphError) {
    try self.init(
      network: configuration.network, inputs: configuration.inputs, name: configuration.name,
      seed: seed, dtypePolicy: configuration.dtypePolicy, engine: engine,
      drawsWeights: drawsWeights, byteLimit: byteLimit)
    freeze(layers: configuration.frozen)
  }

  /// The network as Keras's files have it, without weights and training.
  ///
  /// - Throws: when a layer is none that files can name.
  public func configuration() throws(ConfigurationError) -> JSONValue {
    try NetworkWriter(self).object()
  }
}

/// Reads networks, and keeps what is found on the way.
struct NetworkReader {
  let registry: LayerRegistry
  /// The paths of the layers that are not trained.
  var frozen: [String] = []

  init(registry: LayerRegistry) { self.registry = registry }

  /// The network that `object` describes, and where data enters if it says so.
  mutating func network(
    _ object: JSONValue, path: String, depth: Int
  ) throws(ConfigurationError) -> (any Layer, [InputLayer]?) {
    guard let className = object["class_name"]?.string, let config = object["config"] else {
      throw ConfigurationError(
        "the configuration has no class_name and config", layer: path.isEmpty ? nil : path)
    }
    guard depth < 64 else { throw ConfigurationError("models lie 64 deep in each other") }
    switch className {
    case "Sequential": return try sequential(object, config, path: path, depth: depth)
    case "Functional", "Model": return try functional(config, path: path, depth: depth)
    default:
      throw ConfigurationError(
        "a model of class \(className) cannot be read",
        hint: "Sequential and Functional models can; save a model written as a class as weights")
    }
  }

  /// The layer that `object` describes, which may be a network.
  mutating func layer(
    _ object: JSONValue, parent: String, depth: Int
  ) throws(ConfigurationError) -> any Layer {
    guard let className = object["class_name"]?.string, let config = object["config"] else {
      throw ConfigurationError(
        "a layer has no class_name and config", layer: parent.isEmpty ? nil : parent)
    }
    if case .array = config {  // a Sequential of Keras's first version
      return try sequential(object, config, path: parent, depth: depth + 1).0
    }
    try checkNumbers(config, in: config["name"]?.string ?? className)
    let name = config["name"]?.string ?? className.snakeCased
    let path = parent.isEmpty ? name : parent + "/" + name
    if config["trainable"] == .bool(false) { frozen.append(path) }
    if isNetwork(object) { return try network(object, path: path, depth: depth + 1).0 }
    return try registry.layer(object)
  }

  /// Whether `object` is a network, not a layer.
  func isNetwork(_ object: JSONValue) -> Bool {
    ["Sequential", "Functional", "Model"].contains(object["class_name"]?.string)
  }

  /// The network within another one that `object` describes, and where data enters.
  private mutating func network(
    within object: JSONValue, parent: String, depth: Int
  ) throws(ConfigurationError) -> (any Layer, [InputLayer]?) {
    guard case .object(let config)? = object["config"] else {
      return try network(object, path: parent, depth: depth + 1)
    }
    let name = config["name"]?.string ?? (object["class_name"]?.string ?? "").snakeCased
    let path = parent.isEmpty ? name : parent + "/" + name
    if config["trainable"] == .bool(false) { frozen.append(path) }
    return try network(object, path: path, depth: depth + 1)
  }

  /// Throws if a size is too large to count with.
  private func checkNumbers(_ value: JSONValue, in layer: String) throws(ConfigurationError) {
    switch value {
    case .int(let number) where number.magnitude > 1 << 31:
      throw ConfigurationError("the number \(number) is too large", layer: layer)
    case .array(let elements):
      for element in elements { try checkNumbers(element, in: layer) }
    case .object(let members):
      for (key, member) in members where !["seed", "layers", "shared_object_id"].contains(key) {
        try checkNumbers(member, in: layer)
      }
    default: break
    }
  }

  private mutating func sequential(
    _ object: JSONValue, _ config: JSONValue, path: String, depth: Int
  ) throws(ConfigurationError) -> (any Layer, [InputLayer]?) {
    guard let objects = config["layers"]?.array ?? config.array else {
      throw ConfigurationError("a Sequential has no layers", layer: path.isEmpty ? nil : path)
    }
    guard objects.count <= Self.layerLimit else {
      throw ConfigurationError("a Sequential has more than \(Self.layerLimit) layers")
    }
    var input: InputLayer?, inner: [InputLayer]?
    var layers: [any Layer] = []
    for (index, object) in objects.enumerated() {
      if object["class_name"]?.string == "InputLayer" {
        guard index == 0 else {
          throw ConfigurationError("a Sequential has an InputLayer that is not its first layer")
        }
        input = try inputLayer(object["config"] ?? .null)
      } else if index == 0, isNetwork(object) {
        let (layer, inputs) = try network(within: object, parent: path, depth: depth)
        layers.append(layer)
        inner = inputs
      } else {
        layers.append(try layer(object, parent: path, depth: depth))
      }
    }
    let first = objects.first?["config"]
    let shape =
      config["build_input_shape"] ?? object["build_config"]?["input_shape"]
      ?? first?["batch_shape"] ?? first?["batch_input_shape"]
    if input == nil, let shape, shape != .null {
      var dtype: JSONValue = "float32"
      // An Embedding reads numbers of tokens.
      if objects[0]["class_name"]?.string == "Embedding" { dtype = "int32" }
      input = try inputLayer(["batch_shape": shape, "dtype": dtype])
    }
    // A network that comes first says what the shape of the input is, if nothing else does.
    return (Sequential(name: config["name"]?.string, layers), input.map { [$0] } ?? inner)
  }

  /// Where data enters, as `config` of an InputLayer says.
  func inputLayer(_ config: JSONValue) throws(ConfigurationError) -> InputLayer {
    let name = config["name"]?.string
    let shape = config["batch_shape"] ?? config["batch_input_shape"]
    guard let sizes = shape?.array, !sizes.isEmpty, sizes.count <= 16 else {
      throw ConfigurationError("an input has no batch_shape", layer: name ?? "input_layer")
    }
    for key in ["sparse", "ragged"] where config[key] == .bool(true) {
      throw ConfigurationError("\(key) inputs are not supported", layer: name ?? "input_layer")
    }
    var dims: [Int?] = []
    for size in sizes {
      guard size == .null || size.int.map({ (1...1 << 31).contains($0) }) == true else {
        throw ConfigurationError(
          "an input cannot have the size \(size.short)", layer: name ?? "input_layer")
      }
      dims.append(size.int)
    }
    let text = config["dtype"]?.string ?? config["dtype"]?["config"]?["name"]?.string ?? "float32"
    guard let dtype = DType(rawValue: text) else {
      throw ConfigurationError(
        "inputs of \(text) are not supported", layer: name ?? "input_layer",
        hint: spellingHint(text, in: DType.allCases.map(\.rawValue)))
    }
    return InputLayer(Array(dims.dropFirst()), dtype: dtype, batchSize: dims[0], name: name)
  }
}
