import TensorGraph

/// Optimizers, losses and metrics as Keras's files have them: module, class, hyperparameters.
///
/// A hyperparameter's name is that of its property: `beta1` is `beta_1`, `fromLogits` is
/// `from_logits`. The options of an optimizer are hyperparameters like its own.
enum KerasObject {
  /// `value` as an object of a file.
  static func json(
    _ value: some Encodable, module: String, className: String, name: String
  ) throws(ConfigurationError) -> JSONValue {
    var config = try hyperparameters(of: value)
    config["name"] = .string(name)
    return [
      "module": .string(module), "class_name": .string(className), "config": .object(config),
      "registered_name": nil,
    ]
  }

  /// What `json` says, with the hyperparameters of `example` for what it leaves out.
  ///
  /// - Throws: when it has a hyperparameter that `example` does not have.
  static func decoded<Value: Codable>(
    _ json: JSONValue, over example: Value, className: String
  ) throws(ConfigurationError) -> Value {
    let labels = labels(of: example)
    do {
      var members = try JSONValue(encoding: example).object ?? [:]
      for (key, value) in (json["config"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
        if let label = labels[key] {
          members[label] = value
        } else if let option = OptimizerOptions.keys[key], labels[optionsLabel] != nil {
          var options = members[optionsLabel]?.object ?? [:]
          options[option] = value
          members[optionsLabel] = .object(options)
        } else if !isIndifferent(key, value) {
          throw ConfigurationError(
            "\(key) \(value.short) of \(className) is not supported",
            hint: nearest(key, in: labels.keys.sorted()).map { "did you mean \($0)?" })
        }
      }
      return try JSONValue.object(members).decoded(as: Value.self)
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw ConfigurationError("\(className) cannot be read: \(describe(error))")
    }
  }

  private static func hyperparameters(
    of value: some Encodable
  ) throws(ConfigurationError) -> [String: JSONValue] {
    do {
      let encoded = try JSONValue(encoding: value).object ?? [:]
      var config: [String: JSONValue] = [:]
      for case (let label?, let child) in Mirror(reflecting: value).children {
        config[kerasName(label)] =
          try (child as? any WrittenAsObject)?.json()
          ?? (encoded[label] ?? .null).withFraction(of: child)
      }
      if let options = config.removeValue(forKey: optionsLabel) {
        for (key, label) in OptimizerOptions.keys { config[key] = options[label] ?? .null }
      }
      return config
    } catch {
      throw ConfigurationError("the settings cannot be written: \(describe(error))")
    }
  }

  /// The property that has the options of an optimizer.
  private static let optionsLabel = "options"

  /// The properties of `value` by Keras's names.
  private static func labels(of value: some Any) -> [String: String] {
    var labels: [String: String] = [:]
    for label in Mirror(reflecting: value).children.compactMap(\.label) {
      labels[kerasName(label)] = label
    }
    return labels
  }

  static func kerasName(_ label: String) -> String {
    let name = label.snakeCased.replacing("beta2_", with: "beta_2_")
    guard let last = name.last, last.isNumber else { return name }
    return name.dropLast() + "_" + String(last)
  }

  /// Whether a setting of Keras that is none of ours changes nothing: one at its default.
  private static func isIndifferent(_ key: String, _ value: JSONValue) -> Bool {
    switch key {
    case "name", "dtype", "ema_momentum", "jit_compile", "fn": true
    case "axis": value == -1 || value == [-1]
    default: value == .null || value == .bool(false)
    }
  }
}

/// A hyperparameter that is an object of Keras's files itself.
protocol WrittenAsObject {
  func json() throws(ConfigurationError) -> JSONValue
}

extension JSONValue {
  /// The encoding of `value` with a point in numbers that have a fraction in principle: Keras
  /// refuses a learning rate that is a whole number.
  fileprivate func withFraction(of value: Any) -> JSONValue {
    guard value is Double? || value is [Double] else { return self }
    switch self {
    case .int(let number): return .number(Double(number))
    case .array(let numbers): return .array(numbers.map { $0.withFraction(of: 1.0) })
    default: return self
    }
  }
}

extension KnownValues {
  /// What `json`, a name or an object of a Keras file, stands for.
  func read(
    _ json: JSONValue, decode: (JSONValue, Value) throws(ConfigurationError) -> Value
  ) throws(ConfigurationError) -> Choice<Value> {
    if let name = json.string { return .named(name) }
    guard let className = json["class_name"]?.string else {
      throw ConfigurationError("expected the name of a \(kind), found \(json.short)")
    }
    // Functions are objects too: their name is their whole configuration.
    if className == "function", let name = json["config"]?.string { return .named(name) }
    let example: Value
    do throws(GraphError) {
      example = try self(className)
    } catch {
      throw ConfigurationError(error.message, hint: error.hint)
    }
    return .value(try decode(json, example))
  }
}
