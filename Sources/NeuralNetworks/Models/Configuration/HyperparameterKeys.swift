import Foundation
import Synchronization

/// The hyperparameters of a layer, by the names that Keras's files give them.
struct HyperparameterKeys {
  /// The values the layer has; `null` for those that are not set.
  private(set) var defaults: [String: JSONValue] = [:]
  /// The names used by the coding of the layer, by Keras's names.
  private var codingKeys: [String: Set<String>] = [:]

  /// The property in which a layer has the options that any layer can have.
  static let options = "options"

  /// The names of all hyperparameters.
  var names: Set<String> { Set(defaults.keys) }

  /// Finds them in the properties of `layer` and in what it encodes.
  ///
  /// An encoding leaves out a hyperparameter that is nothing; the property still has a name.
  init<T: NamedLayer>(of layer: T) {
    for child in Mirror(reflecting: layer).children {
      guard let label = child.label, label != HyperparameterKeys.options else { continue }
      defaults[label.snakeCased] = .null
      codingKeys[label.snakeCased] = [label, label.snakeCased]
    }
    guard let encoded = try? JSONValue(encoding: layer).object else { return }
    let renamed = Set(encoded.keys.filter { codingKeys[$0.snakeCased] == nil })
    for (key, value) in encoded where key != HyperparameterKeys.options {
      defaults[key.snakeCased] = value
      codingKeys[key.snakeCased, default: []].insert(key)
    }
    guard !renamed.isEmpty else { return }
    // A property with a key of its own is in files under that alone.
    for child in Mirror(reflecting: layer).children {
      guard let label = child.label?.snakeCased, defaults[label] == .null, label != "name",
        !HyperparameterKeys.isNothing(child.value)
      else { continue }
      defaults[label] = nil
    }
  }

  /// Those of a layer of the class `type` at its defaults, found once.
  static func defaults<T: NamedLayer>(of type: T.Type) -> HyperparameterKeys {
    let id = ObjectIdentifier(type)
    if let known = known.withLock({ $0[id] }) { return known }
    let keys = HyperparameterKeys(of: T.example)
    known.withLock { $0[id] = keys }
    return keys
  }

  private static let known = Mutex<[ObjectIdentifier: HyperparameterKeys]>([:])

  private static func isNothing(_ value: Any) -> Bool {
    let mirror = Mirror(reflecting: value)
    return mirror.displayStyle == .optional && mirror.children.isEmpty
  }

  /// `members` under the names that the coding of the layer uses.
  func forDecoding(_ members: [String: JSONValue]) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    for (key, value) in members {
      for codingKey in codingKeys[key] ?? [key] { result[codingKey] = value }
    }
    return result
  }

  /// Hyperparameters of Keras that change no number here, whatever their value.
  private static let indifferent: Set<String> = [
    "autocast", "unroll", "use_cudnn", "implementation", "optional",
    "batch_input_shape", "input_shape", "input_dtype", "build_config",
    "shared_object_id", "synchronized", "flash_attention", "name",
    "vocabulary_size", "has_input_vocabulary",
  ]
  /// The layers whose constructors in Keras take none of what all layers take but name and type.
  static let takeNamesOnly: Set<String> = [
    "Discretization", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
  ]
  /// Hyperparameters of older files that layers without them do not need while they are `false`.
  private static let switches: Set<String> = [
    "sparse", "ragged", "time_major", "renorm", "fused", "zero_output_for_mask",
  ]
  /// What older files call a hyperparameter, by class.
  static let renamed: [String: [String: String]] = ["LeakyReLU": ["alpha": "negative_slope"]]

  /// What is wrong with a hyperparameter `key` that the layer does not have; nothing when it is
  /// one of Keras's at its default.
  static func problem(with key: String, _ value: JSONValue, of className: String) -> String? {
    if value == .null || indifferent.contains(key) { return nil }
    if value == .bool(false), switches.contains(key) { return nil }
    if key == "sparse" || key == "ragged" {
      return "\(className) gives dense tensors: \(key) ones are not supported"
    }
    if key == "dtype" || key.hasPrefix("lora_") || key == "quantization_config" {
      return "\(key) \(value.short) of \(className) is not supported"
    }
    return "\(className) has no hyperparameter \(key)"
  }
}

extension JSONValue {
  /// The value in a few letters, for messages.
  var short: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value
    case .array(let elements): "[" + elements.prefix(8).map(\.short).joined(separator: ", ") + "]"
    case .object(let members): members["class_name"]?.string ?? "{…}"
    }
  }
}
