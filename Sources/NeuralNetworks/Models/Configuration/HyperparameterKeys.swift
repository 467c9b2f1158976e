import Foundation

/// The hyperparameters of a layer, by the names that Keras's files give them.
struct HyperparameterKeys {
  /// The values the layer has; `null` for those that are not set.
  private(set) var defaults: [String: JSONValue] = [:]
  /// The names used by the coding of the layer, by Keras's names.
  private var codingKeys: [String: Set<String>] = [:]

  /// The names of all hyperparameters.
  var names: Set<String> { Set(defaults.keys) }

  /// Finds them in the properties of `layer` and in what it encodes.
  ///
  /// An encoding leaves out a hyperparameter that is nothing; the property still has a name.
  init<T: NamedLayer>(of layer: T) {
    for child in Mirror(reflecting: layer).children {
      guard let label = child.label else { continue }
      defaults[label.snakeCased] = .null
      codingKeys[label.snakeCased] = [label, label.snakeCased]
    }
    guard let encoded = try? JSONValue(encoding: layer).object else { return }
    let renamed = Set(encoded.keys.filter { codingKeys[$0.snakeCased] == nil })
    for (key, value) in encoded {
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
    "trainable", "seed", "autocast", "unroll", "use_cudnn", "implementation", "optional",
    "batch_input_shape", "input_shape", "input_dtype", "renorm_momentum", "build_config",
    "shared_object_id", "synchronized", "flash_attention", "zero_output_for_mask", "name",
  ]
  /// Hyperparameters with the one value that Strata computes with.
  private static let fixed: [String: Set<JSONValue>] = [
    "data_format": ["channels_last"], "axis": [-1], "noise_shape": [], "attention_axes": [[1]],
    "dtype": ["float32"],
  ]

  /// What is wrong with a hyperparameter `key` that the layer does not have; nothing when it is
  /// one of Keras's at its default.
  static func problem(with key: String, _ value: JSONValue, of className: String) -> String? {
    if value == .null || value == .bool(false) || indifferent.contains(key) { return nil }
    var value = value
    if key == "dtype", let policy = value["config"]?["name"] { value = policy }
    if let allowed = fixed[key] {
      return allowed.contains(value)
        ? nil : "\(key) \(value.short) of \(className) is not supported"
    }
    if key.hasSuffix("_regularizer") || key.hasSuffix("_constraint") || key.hasPrefix("lora_")
      || key == "quantization_config"
    {
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
