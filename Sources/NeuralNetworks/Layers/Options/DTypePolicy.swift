import TensorGraph

/// The element types of a layer: that of its weights, and that in which it computes.
///
/// With a mixed policy weights stay in float32, and the layer computes in a smaller type: inputs
/// and weights are cast to it where the layer begins.
public enum DTypePolicy: String, Sendable, Hashable, Codable, CaseIterable {
  case float32, float64, float16, bfloat16
  /// Computes in float16, with weights in float32.
  case mixedFloat16 = "mixed_float16"
  /// Computes in bfloat16, with weights in float32.
  case mixedBFloat16 = "mixed_bfloat16"

  /// The policy that Keras's files have as `value`: its name, or an object with it.
  init?(_ value: JSONValue) {
    guard let name = value.string ?? value["config"]?["name"]?.string else { return nil }
    self.init(rawValue: name)
  }

  /// The policy as Keras's files have it.
  var object: JSONValue { Self.object(named: rawValue) }

  /// The policy `name`, which may be any element type, as Keras's files have it.
  static func object(named name: String) -> JSONValue {
    [
      "module": "keras", "class_name": "DTypePolicy", "config": ["name": .string(name)],
      "registered_name": nil,
    ]
  }

  /// The type in which the layer computes.
  public var compute: DType {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .float16, .mixedFloat16: .float16
    case .bfloat16, .mixedBFloat16: .bfloat16
    }
  }

  /// The type of its weights.
  public var variable: DType {
    switch self {
    case .mixedFloat16, .mixedBFloat16: .float32
    default: compute
    }
  }
}
