import TensorGraph

/// An operation on tensors that a file has among its layers: Keras 3's, or TensorFlow's in files of
/// Keras 2.
///
/// Those between two tensors, between a tensor and a number, and activations are layers here.
struct FileOperation {
  /// What the file calls it: `Add`, `math.add`, `AddV2`.
  private let function: String
  private let className: String
  private let name: String
  /// The operands that are numbers, by their position, where the file keeps them apart.
  private let constants: [String: JSONValue]
  /// What Keras 3 keeps of the operation's own: `axis`, `alpha`.
  private let config: JSONValue?

  /// Whether `object` is an operation, not a layer.
  static func isOne(_ object: JSONValue) -> Bool {
    object["module"]?.string?.hasPrefix("keras.src.ops") == true
      || tensorFlow.contains(object["class_name"]?.string ?? "") || isUnmarked(object)
  }

  /// Whether `object` is an operation of Keras 3 in an `.h5` file, which does not tell them from
  /// layers; those always say whether they are trained.
  private static func isUnmarked(_ object: JSONValue) -> Bool {
    guard object["module"] == nil, object["config"]?["trainable"] == nil,
      object["inbound_nodes"]?.array?.first?["args"] != nil
    else { return false }
    return ofMasks.contains(object["class_name"]?.string ?? "") || FileOperation(object).isKnown
  }

  /// The operations by which Keras's layers make the masks that they hand on.
  private static let ofMasks: Set<String> = [
    "All", "Any", "Concatenate", "ExpandDims", "LogicalAnd", "LogicalOr", "NotEqual", "OnesLike",
    "Squeeze", "ZerosLike",
  ]

  private static let tensorFlow: Set<String> = [
    "TFOpLambda", "TensorFlowOpLayer", "SlicingOpLambda", "ClassMethod", "InstanceMethod",
    "InstanceProperty",
  ]

  /// Reads what `object` says of the operation.
  init(_ object: JSONValue) {
    config = object["config"]
    className = object["class_name"]?.string ?? ""
    name = object["name"]?.string ?? config?["name"]?.string ?? className.snakeCased
    var definition = config?["node_def"]
    if let text = definition?.string { definition = try? JSONValue(parsing: .init(text.utf8)) }
    function = config?["function"]?.string ?? definition?["op"]?.string ?? className
    constants = config?["constants"]?.object ?? [:]
  }

  /// Whether it is one of TensorFlow's, none of which compute masks.
  var isOfTensorFlow: Bool { Self.tensorFlow.contains(className) }

  /// Whether there is a layer for it, of operands that fit.
  var isKnown: Bool {
    layer([nil], [:]) != nil || layer([nil, nil], [:]) != nil || layer([nil, 1], [:]) != nil
      || ["concat", "ConcatV2"].contains(function)
  }

  /// The error that there is no layer for it.
  var unsupported: ConfigurationError {
    var mistake = ConfigurationError(
      "the operation \(function) of TensorFlow is not supported", layer: name,
      hint: "make the model in code, and load the weights by name")
    mistake.unknown = function
    return mistake
  }

  /// Whether the keyword `key` is an operand.
  func takes(_ key: String) -> Bool { ["x", "y", "x1", "x2", "features", "logits"].contains(key) }

  /// The operands with those that the file keeps apart; a tensor is nothing.
  func completed(_ operands: [Double?]) -> [Double?] {
    var operands = operands
    for (key, value) in constants.sorted(by: { $0.key < $1.key }) {
      guard let place = Int(key), let number = value.double, 0...operands.count ~= place else {
        continue
      }
      operands.insert(number, at: place)
    }
    return operands
  }

  /// The layer that computes the operation of `operands`, in which a tensor is nothing.
  func layer(_ operands: [Double?], _ keywords: [String: JSONValue]) -> (any Layer)? {
    let axis = (keywords["axis"] ?? constants[String(operands.count)] ?? config?["axis"])?.int
    if let axis, ["concat", "ConcatV2", "Concatenate"].contains(function), !operands.isEmpty,
      operands.allSatisfy({ $0 == nil })
    {
      return Concatenate(axis: axis, name: name)
    }
    switch operands.count {
    case 1:
      guard operands[0] == nil else { return nil }
      if ["identity", "Identity", "stop_gradient"].contains(function) {
        return Identity(name: name)
      }
      return activation(axis ?? -1, config?["alpha"]?.double ?? 1)
    case 2: return binary(operands[0], operands[1])
    default: return nil
    }
  }

  /// The layer of the activation `function`, of what not all of them take.
  private func activation(_ axis: Int, _ alpha: Double) -> (any Layer)? {
    switch Self.activation(function) {
    case .softmax? where axis != -1: Softmax(axis: OneOrMany(axis), name: name)
    case .logSoftmax? where axis != -1: nil
    case .elu? where alpha != 1: ELU(alpha: alpha, name: name)
    case let activation?: ActivationLayer(activation, name: name)
    case nil: nil
    }
  }

  private func binary(_ left: Double?, _ right: Double?) -> (any Layer)? {
    switch (Self.plain(function), left, right) {
    case ("add", nil, nil): return Add(name: name)
    case ("subtract", nil, nil): return Subtract(name: name)
    case ("multiply", nil, nil): return Multiply(name: name)
    case ("maximum", nil, nil): return Maximum(name: name)
    case ("minimum", nil, nil): return Minimum(name: name)
    case ("add", nil, let b?), ("add", let b?, nil): return Rescaling(1, offset: b, name: name)
    case ("subtract", nil, let b?): return Rescaling(1, offset: -b, name: name)
    case ("subtract", let a?, nil): return Rescaling(-1, offset: a, name: name)
    case ("multiply", nil, let b?), ("multiply", let b?, nil): return Rescaling(b, name: name)
    case ("divide", nil, let b?): return Rescaling(1 / b, name: name)
    default: return nil
    }
  }

  /// The name of an operation of two operands without what the dialects differ in.
  private static func plain(_ function: String) -> String {
    let last = function.split(separator: ".").last.map(String.init) ?? function
    switch last {
    case "Add", "AddV2", "add": return "add"
    case "Sub", "Subtract", "sub", "subtract": return "subtract"
    case "Mul", "Multiply", "mul", "multiply": return "multiply"
    case "RealDiv", "TrueDivide", "Divide", "truediv", "divide", "div": return "divide"
    case "Maximum", "maximum": return "maximum"
    case "Minimum", "minimum": return "minimum"
    default: return function
    }
  }

  /// The activation that `function`, one of TensorFlow's, is.
  private static func activation(_ function: String) -> Activation? {
    switch function {
    case "Relu", "nn.relu": .relu
    case "Relu6", "nn.relu6": .relu6
    case "Elu", "nn.elu": .elu
    case "Selu", "nn.selu": .selu
    case "Sigmoid", "math.sigmoid", "nn.sigmoid", "sigmoid": .sigmoid
    case "Tanh", "math.tanh", "nn.tanh", "tanh": .tanh
    case "Softmax", "nn.softmax": .softmax
    case "LogSoftmax", "nn.log_softmax": .logSoftmax
    case "Softplus", "math.softplus", "nn.softplus": .softplus
    case "Softsign", "nn.softsign": .softsign
    case "nn.silu", "nn.swish": .silu
    default: nil
    }
  }
}

extension FileOperation {
  /// What a call in a file is given: by position, and by name.
  ///
  /// Before Keras 3 a call is the list of its inputs, `[layer, call, output, keywords]` each, or one
  /// of them alone. The first operand may be a number, `["_CONSTANT_VALUE", -1, 2.0, keywords]`.
  static func arguments(of node: JSONValue) -> ([JSONValue], [String: JSONValue]) {
    if let arguments = node["args"]?.array { return (arguments, node["kwargs"]?.object ?? [:]) }
    var arguments: [JSONValue] = [], keywords: [String: JSONValue] = [:]
    func read(_ value: JSONValue, _ depth: Int) {
      guard depth < 8 else { return }
      if let elements = value.array, elements.count >= 3, elements[0].string != nil,
        elements[1].int != nil
      {
        let isNumber = elements[0] == "_CONSTANT_VALUE"
        arguments.append(isNumber ? elements[2] : .array(Array(elements.prefix(3))))
        if elements.count > 3 { keywords.merge(elements[3].object ?? [:]) { $1 } }
      } else if let elements = value.array {
        for element in elements { read(element, depth + 1) }
      } else if let members = value.object {
        for (_, member) in members.sorted(by: { $0.key < $1.key }) { read(member, depth + 1) }
      }
    }
    read(node, 0)
    return (arguments, keywords)
  }
}
