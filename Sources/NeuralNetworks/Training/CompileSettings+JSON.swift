import TensorGraph

extension CompileSettings {
  /// Reads what Keras's files call `compile_config`, for a model with these outputs.
  ///
  /// - Throws: when it names something Strata does not have.
  public init(_ json: JSONValue, outputNames: [String]) throws(ConfigurationError) {
    let optimizer = try knownOptimizers.read(json["optimizer"] ?? "rmsprop", decode: readOptimizer)
    let loss = json["loss"] ?? .null
    self.init(
      optimizer: optimizer,
      loss: loss == .null
        ? .named([:])
        : try perOutput(loss, outputNames) { value throws(ConfigurationError) in
          try knownLosses.read(value, decode: readLoss)
        },
      metrics: try metricChoices(json["metrics"], outputNames),
      weightedMetrics: try metricChoices(json["weighted_metrics"], outputNames))
    switch json["loss_weights"] {
    case .object(let weights)?: lossWeights = weights.compactMapValues(\.double)
    case .array(let weights)?:
      lossWeights = Dictionary(
        zip(outputNames, weights.compactMap(\.double)), uniquingKeysWith: { $1 })
    case let weight?:
      if let weight = weight.double {
        lossWeights = Dictionary(
          outputNames.map { ($0, weight) }, uniquingKeysWith: { $1 })
      }
    case nil: break
    }
  }

  /// The settings as Keras's files have them.
  ///
  /// - Throws: when one does not let itself be encoded.
  public func json() throws(ConfigurationError) -> JSONValue {
    [
      "optimizer": try write(optimizer, knownOptimizers) { value throws(ConfigurationError) in
        try value.json()
      },
      "loss": hasNoLoss ? nil : try write(loss, writeLoss),
      "loss_weights": lossWeights.isEmpty ? nil : .object(lossWeights.mapValues { .number($0) }),
      "metrics": try write(metrics, writeMetrics),
      "weighted_metrics": try write(weightedMetrics, writeMetrics),
      "run_eagerly": false, "steps_per_execution": 1, "jit_compile": false,
    ]
  }
}

extension Model {
  /// How the model was compiled, as Keras's files have it, with the learning rate it has now; or
  /// nothing when it was not compiled.
  ///
  /// - Throws: when a setting does not let itself be encoded.
  public func compileConfiguration() throws(ConfigurationError) -> JSONValue? {
    try compileConfiguration(namesObjects: false)
  }

  /// The same; if `namesObjects`, losses and metrics that were given by name are objects, too.
  package func compileConfiguration(
    namesObjects: Bool
  ) throws(ConfigurationError) -> JSONValue? {
    guard let compilation else { return nil }
    var settings = namesObjects ? compilation.settings.withoutNames : compilation.settings
    if let optimizer = storedOptimizer { settings.optimizer = .value(optimizer) }
    // Keras wants a weight for every output, or none at all.
    if !settings.lossWeights.isEmpty {
      for output in structure.outputNames where settings.lossWeights[output] == nil {
        settings.lossWeights[output] = 1
      }
    }
    // In a file one list of metrics for several outputs would have an entry for each output.
    let outputs = structure.outputNames
    if case .all(let metrics) = settings.metrics, !metrics.isEmpty, outputs.count > 1 {
      settings.metrics = .named(Dictionary(outputs.map { ($0, metrics) }, uniquingKeysWith: { $1 }))
    }
    if case .all(let metrics) = settings.weightedMetrics, !metrics.isEmpty, outputs.count > 1 {
      settings.weightedMetrics = .named(
        Dictionary(outputs.map { ($0, metrics) }, uniquingKeysWith: { $1 }))
    }
    return try settings.json()
  }
}

extension CompileSettings {
  /// The settings with what names stand for; those of metrics that depend on the loss stay.
  fileprivate var withoutNames: CompileSettings {
    func object<Value>(_ choice: Choice<Value>, _ known: KnownValues<Value>) -> Choice<Value> {
      guard case .named(let name) = choice, let value = try? known(name) else { return choice }
      return .value(value)
    }
    func metric(_ choice: MetricChoice) -> MetricChoice {
      guard case .named(let name) = choice, let value = try? knownMetrics(name),
        !["accuracy", "acc", "crossentropy", "ce"].contains(name)
      else { return choice }
      return .value(value.defaultName == name ? value : NamedMetric(name, value))
    }
    var settings = self
    settings.loss = loss.mapped { object($0, knownLosses) }
    settings.metrics = metrics.mapped { $0.map(metric) }
    settings.weightedMetrics = weightedMetrics.mapped { $0.map(metric) }
    return settings
  }
}

extension CompileSettings.PerOutput {
  fileprivate func mapped(_ body: (Value) -> Value) -> Self {
    switch self {
    case .all(let value): .all(body(value))
    case .named(let values): .named(values.mapValues(body))
    }
  }
}

extension JSONValue {
  /// The number, of one.
  package var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}

private func readLoss(
  _ json: JSONValue, _ example: any Loss
) throws(ConfigurationError) -> any Loss {
  func read<T: Loss>(_ example: T) throws(ConfigurationError) -> any Loss {
    try KerasObject.decoded(json, over: example, className: example.className)
  }
  return try read(example)
}

private func readMetric(
  _ json: JSONValue, _ example: any Metric
) throws(ConfigurationError) -> any Metric {
  func read<T: Metric>(_ example: T) throws(ConfigurationError) -> any Metric {
    try KerasObject.decoded(json, over: example, className: example.className)
  }
  let metric = try read(example)
  guard let name = json["config"]?["name"]?.string, name != metric.defaultName else {
    return metric
  }
  return NamedMetric(name, metric)
}

private func metricChoices(
  _ json: JSONValue?, _ outputs: [String]
) throws(ConfigurationError) -> CompileSettings.PerOutput<[MetricChoice]> {
  guard let json, json != .null, json != [] else { return .all([]) }
  func read(_ json: JSONValue) throws(ConfigurationError) -> [MetricChoice] {
    if json == .null { return [] }
    var choices: [MetricChoice] = []
    for metric in json.array ?? [json] {
      choices.append(try knownMetrics.read(metric, decode: readMetric))
    }
    return choices
  }
  // With one output a list is the list of its metrics.
  if outputs.count == 1, let list = json.array {
    return .all(try read(list.count == 1 && list[0].array != nil ? list[0] : json))
  }
  return try perOutput(json, outputs, read)
}

/// One value for all outputs, a list with one for each, or an object by name.
private func perOutput<Value>(
  _ json: JSONValue, _ outputs: [String],
  _ read: (JSONValue) throws(ConfigurationError) -> Value
) throws(ConfigurationError) -> CompileSettings.PerOutput<Value> {
  var values: [String: Value] = [:]
  if let list = json.array {
    guard list.count == outputs.count else {
      throw ConfigurationError("there are \(list.count) settings for \(outputs.count) outputs")
    }
    for (output, value) in zip(outputs, list) { values[output] = try read(value) }
  } else if let named = json.object, named["class_name"] == nil {
    for (output, value) in named { values[output] = try read(value) }
  } else {
    return .all(try read(json))
  }
  return .named(values)
}

private func write<Value>(
  _ choice: Choice<Value>, _ known: KnownValues<Value>,
  _ object: (Value) throws(ConfigurationError) -> JSONValue
) throws(ConfigurationError) -> JSONValue {
  switch choice {
  case .named(let name): return .string(name)
  case .value(let value): return try object(value)
  }
}

private func write<Value>(
  _ values: CompileSettings.PerOutput<Value>,
  _ json: (Value) throws(ConfigurationError) -> JSONValue
) throws(ConfigurationError) -> JSONValue {
  switch values {
  case .all(let value): return try json(value)
  case .named(let values):
    var members: [String: JSONValue] = [:]
    for (name, value) in values { members[name] = try json(value) }
    return .object(members)
  }
}

private func writeLoss(_ choice: LossChoice) throws(ConfigurationError) -> JSONValue {
  try write(choice, knownLosses) { loss throws(ConfigurationError) in
    try KerasObject.json(
      loss, module: "keras.losses", className: loss.className, name: loss.className.snakeCased)
  }
}

private func writeMetrics(_ choices: [MetricChoice]) throws(ConfigurationError) -> JSONValue {
  var written: [JSONValue] = []
  for choice in choices {
    written.append(
      try write(choice, knownMetrics) { metric throws(ConfigurationError) in
        try KerasObject.json(
          metric, module: "keras.metrics", className: metric.className, name: choice.name)
      })
  }
  return written.isEmpty ? nil : .array(written)
}
