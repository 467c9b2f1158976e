import TensorGraph

/// The options as Keras's files have them among the hyperparameters of a layer.
extension LayerOptions: Codable {
  /// The options in `config`, which loses them.
  ///
  /// - Throws: when one of them cannot be read.
  init(taking config: inout [String: JSONValue], of className: String) throws {
    func take(_ key: String) -> JSONValue? {
      guard let value = config.removeValue(forKey: key), value != .null else { return nil }
      return value
    }
    name = take("name")?.string
    isTrainable = take("trainable") != .bool(false)
    if let value = take("dtype") {
      let text = value.string ?? value["config"]?["name"]?.string ?? value.short
      if let policy = DTypePolicy(value) {
        dtype = policy
      } else if ["int64", "int32", "string", "uint8"].contains(text) {
        config["dtype"] = value  // layers that give these have a hyperparameter of their own
      } else {
        throw ConfigurationError(
          "dtype \(text) of \(className) is not supported",
          hint: spellingHint(text, in: DTypePolicy.allCases.map(\.rawValue)))
      }
    }
    if let value = take("data_format") {
      guard let format = value.string.flatMap(DataFormat.init(rawValue:)) else {
        throw ConfigurationError(
          "data_format \(value.short) of \(className) is not supported",
          hint: "it is channels_last or channels_first")
      }
      dataFormat = format
    }
    if let value = take("seed") {
      // A generator of Keras is an object; its numbers could not be ours anyway.
      seed = value.int ?? value["config"]?["seed"]?.int
    }
    try takePenalties(from: &config)
  }

  /// Reads penalties and constraints, whose keys are the weight's with a suffix.
  private mutating func takePenalties(from config: inout [String: JSONValue]) throws {
    func decoded<T: Decodable>(_ value: JSONValue, _ key: String, as type: T.Type) throws -> T? {
      guard value != .null else { return nil }
      do {
        return try value.decoded(as: type)
      } catch {
        throw ConfigurationError("\(key) cannot be read: \(describe(error))")
      }
    }
    for (key, value) in config {
      if key == "activity_regularizer" {
        activityRegularizer = try decoded(value, key, as: Regularizer.self)
      } else if key.hasSuffix("_regularizer") {
        regularizers[String(key.dropLast("_regularizer".count))] =
          try decoded(value, key, as: Regularizer.self)
      } else if key.hasSuffix("_constraint") {
        constraints[String(key.dropLast("_constraint".count))] =
          try decoded(value, key, as: Constraint.self)
      } else {
        continue
      }
      config[key] = nil
    }
  }

  /// The options by Keras's names; what is not set is left out.
  func config() throws -> [String: JSONValue] {
    var config: [String: JSONValue] = [:]
    if let name { config["name"] = .string(name) }
    if !isTrainable { config["trainable"] = false }
    if let dtype { config["dtype"] = dtype.object }
    if let dataFormat { config["data_format"] = .string(dataFormat.rawValue) }
    if let seed { config["seed"] = .int(seed) }
    if let activityRegularizer {
      config["activity_regularizer"] = try JSONValue(encoding: activityRegularizer)
    }
    for (role, regularizer) in regularizers {
      config[role + "_regularizer"] = try JSONValue(encoding: regularizer)
    }
    for (role, constraint) in constraints {
      config[role + "_constraint"] = try JSONValue(encoding: constraint)
    }
    return config
  }

  public init(from decoder: any Decoder) throws {
    var config = try JSONValue(from: decoder).object ?? [:]
    self = try LayerOptions(taking: &config, of: "the layer")
  }

  public func encode(to encoder: any Encoder) throws {
    try JSONValue.object(config()).encode(to: encoder)
  }
}
