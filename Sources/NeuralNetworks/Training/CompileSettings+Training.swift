import TensorGraph

extension CompileSettings {
  /// Reads what Keras's older files call `training_config`, for a model with these outputs.
  ///
  /// Keras 3 writes the optimizer apart there. Keras 2 names losses and metrics by the functions
  /// they wrap, an optimizer's learning rate `lr`, and has one list of metrics for all outputs.
  ///
  /// - Throws: when it names something Strata does not have.
  package init(training json: JSONValue, outputNames: [String]) throws(ConfigurationError) {
    try self.init(Self.current(json, outputNames), outputNames: outputNames)
  }

  /// What `json`, a `training_config`, is as a `compile_config`.
  package static func current(_ json: JSONValue, _ outputNames: [String]) -> JSONValue {
    var metrics = json["metrics"]?.unwrapped, weighted = json["weighted_metrics"]?.unwrapped
    if json["run_eagerly"] == nil {  // Keras 2
      metrics = metrics?.broadcast(to: outputNames)
      weighted = weighted?.broadcast(to: outputNames)
    }
    return [
      "optimizer": (json["optimizer_config"] ?? json["optimizer"] ?? "rmsprop").olderOptimizer,
      "loss": json["loss"]?.unwrapped ?? .null, "loss_weights": json["loss_weights"] ?? .null,
      "metrics": metrics ?? .null, "weighted_metrics": weighted ?? .null,
    ]
  }

  /// What `json`, a `compile_config`, names that is not known.
  package static func unknown(in json: JSONValue) -> [String] {
    func named<Value>(
      _ known: KnownValues<Value>, _ value: JSONValue, _ depth: Int = 0
    ) -> [String] {
      guard depth < 8 else { return [] }
      if let list = value.array { return list.flatMap { named(known, $0, depth + 1) } }
      var name = value.string ?? value["class_name"]?.string
      if name == "function" { name = value["config"]?.string }
      guard let name else {
        return (value.object ?? [:]).sorted { $0.key < $1.key }.flatMap {
          named(known, $0.value, depth + 1)
        }
      }
      do throws(GraphError) {
        _ = try known(name)
        return []
      } catch {
        return ["\(known.kind) \(name)"]
      }
    }
    return named(knownOptimizers, json["optimizer"] ?? .null)
      + named(knownLosses, json["loss"] ?? .null) + named(knownMetrics, json["metrics"] ?? .null)
      + named(knownMetrics, json["weighted_metrics"] ?? .null)
  }
}

extension JSONValue {
  /// The losses or metrics in the value under the names of what they wrap.
  fileprivate var unwrapped: JSONValue {
    switch self {
    case .array(let elements): return .array(elements.map(\.unwrapped))
    case .object(var members):
      guard let className = members["class_name"]?.string else {
        return .object(members.mapValues(\.unwrapped))
      }
      guard var config = members["config"]?.object else { return self }
      let wrappers = ["MeanMetricWrapper", "LossFunctionWrapper", "SumOverBatchSizeMetricWrapper"]
      if wrappers.contains(className), let function = config["fn"]?.string {
        members["class_name"] = .string(function)
      }
      config["fn"] = nil
      if config["reduction"] == "auto" { config["reduction"] = "sum_over_batch_size" }
      members["config"] = .object(config)
      return .object(members)
    default: return self
    }
  }

  /// A list of metrics as one for each of several `outputs`.
  fileprivate func broadcast(to outputs: [String]) -> JSONValue {
    guard outputs.count > 1, let list = array, list.allSatisfy({ $0.array == nil }) else {
      return self
    }
    return .array(outputs.map { _ in .array(list.filter { $0 != .null }) })
  }

  /// An optimizer with the names of today.
  fileprivate var olderOptimizer: JSONValue {
    guard var members = object, var config = members["config"]?.object else { return self }
    if let name = members["class_name"]?.string, let end = name.lastIndex(of: ">") {
      members["class_name"] = .string(String(name[name.index(after: end)...]))
    }
    if let rate = config.removeValue(forKey: "lr"), config["learning_rate"] == nil {
      config["learning_rate"] = rate
    }
    // A decay of Keras 2 divides the rate by 1 + decay · steps.
    if let decay = config.removeValue(forKey: "decay")?.double, decay != 0,
      let rate = config["learning_rate"]?.double
    {
      config["learning_rate"] = [
        "class_name": "InverseTimeDecay",
        "config": [
          "initial_learning_rate": .number(rate), "decay_steps": 1, "decay_rate": .number(decay),
          "staircase": false,
        ],
      ]
    }
    for key in ["is_legacy_optimizer", "schedule_decay"] { config[key] = nil }
    if config["epsilon"] == .null { config["epsilon"] = nil }
    members["config"] = .object(config)
    return .object(members)
  }
}
