import NeuralNetworks
import TensorGraph
import Testing

@Suite struct OptimizersTests {
  /// Schedules, running averages of weights and accumulated gradients are no optimizers' business
  /// yet, nor are exceptions from decay.
  // Arguments of a test cannot throw.
  // swift-format-ignore: NeverUseForceTry
  private static let cases = try! TrainingGolden.all("optimizers").filter { golden in
    !["decay_", "_decay", "ema", "accumulation"].contains { golden.name.contains($0) }
      || golden.name.hasSuffix("weight_decay")
  }.filter { $0.name != "adamw_no_bias_decay" }

  @Test("twenty steps as in Keras", arguments: cases)
  func golden(_ golden: TrainingGolden) throws {
    let arrays = try golden.arrays()
    let settings = try CompileSettings(
      ["optimizer": golden.entry["config"] ?? nil, "loss": "mse"], outputNames: ["y"])
    let optimizer = try settings.optimizer.resolved()

    let starts = try [arrays.array("weight.0"), arrays.array("weight.1")]
    let trace = Trace()
    let gradients = starts.map { trace.input("gradient", $0.type) }
    let weights = starts.map { trace.variable("weight", $0.type) }
    let iteration = trace.variable("iteration", TensorType(.int64, []))
    let learningRate = trace.variable("learning_rate", TensorType(.float32, []))
    let layout = optimizer.slots(weights: 2)
    let slots = layout.map { trace.variable($0.name, starts[$0.weight].type) }
    let moved = optimizer.step(
      weights, gradients: gradients, slots: slots, learningRate: learningRate,
      step: (iteration + 1).cast(to: .float32))
    let graph = try trace.graph(
      returning: [],
      updating: [(iteration, iteration + 1)] + Array(zip(weights, moved.weights))
        + Array(zip(slots, moved.slots)))
    let executable = try ReferenceEngine().compile(graph)

    var variables =
      starts + [Tensor(Int64(0)), Tensor(Float(optimizer.learningRate))]
      + slots.map { Tensor(zeros: $0.type) }
    let all = try (0..<2).map { try arrays.array("gradients.\($0)") }
    let after = try (0..<2).map { try arrays.array("steps.\($0)") }
    for step in 0..<20 {
      let fed = zip(all, starts).map { $0.rows(step..<step + 1).reshaped($1.shape) }
      _ = executable.run(fed, variables: &variables)
      for weight in 0..<2 {
        let expected = after[weight].rows(step..<step + 1).reshaped(starts[weight].shape)
        #expect(distance(variables[weight], expected) < 1e-5, "step \(step), weight \(weight)")
      }
    }

    let files = golden.entry["variables"]?.array ?? []
    let titles = ["kernel", "bias"]
    #expect(
      files.compactMap { $0["name"]?.string }
        == ["iteration", "learning_rate"] + layout.map { "\(titles[$0.weight])_\($0.name)" })
    for (index, file) in files.enumerated() {
      let expected = try arrays.array(file["array"]?.string ?? "")
      #expect(distance(variables[2 + index], expected) < 1e-4, "variable \(index)")
    }
  }

  @Test("settings survive a file")
  func roundTrip() throws {
    let optimizer = Adam(learningRate: 0.5, beta1: 0.25, amsgrad: true, clipnorm: 2)
    let settings = CompileSettings(optimizer: .value(optimizer), loss: .all("mse"))
    let json = try settings.json()
    #expect(json["optimizer"]?["class_name"] == "Adam")
    #expect(json["optimizer"]?["config"]?["beta_1"] == 0.25)
    #expect(json["optimizer"]?["config"]?["global_clipnorm"] == nil as JSONValue)
    let read = try CompileSettings(json, outputNames: ["y"]).optimizer.resolved()
    #expect(read as? Adam == optimizer)
  }

  @Test("names, and what is like them")
  func names() throws {
    #expect(try OptimizerChoice.named("AdamW").resolved() is AdamW)
    #expect(try OptimizerChoice.named("rmsprop").resolved() as? RMSprop == RMSprop())
    #expect(throws: GraphError("there is no optimizer adm", hint: "did you mean adam?")) {
      try OptimizerChoice.named("adm").resolved()
    }
  }

  @Test("hyperparameters that make no sense")
  func mistakes() {
    func message(_ optimizer: any Optimizer) -> String? { optimizer.firstMistake }
    #expect(
      message(Adam(learningRate: -1)) == "Adam needs a learning rate of at least 0, not -1.0")
    #expect(message(AdamW(beta2: 1)) == "Adam needs beta2 from 0 to below 1, not 1.0")
    #expect(message(SGD(momentum: 2)) == "SGD needs a momentum from 0 to 1, not 2.0")
    #expect(
      message(SGD(clipnorm: 1, clipvalue: 1))
        == "SGD clips by one rule, not by clipnorm and clipvalue")
    #expect(message(RMSprop(clipvalue: 0)) == "RMSprop needs clipvalue above 0, not 0.0")
    #expect(message(SGD()) == nil)
  }

  @Test("settings of Keras that Strata does not have")
  func unsupported() {
    let json: JSONValue = [
      "optimizer": ["class_name": "Adam", "config": ["use_ema": true]], "loss": "mse",
    ]
    #expect(throws: ConfigurationError("use_ema true of Adam is not supported")) {
      try CompileSettings(json, outputNames: ["y"])
    }
    let schedule: JSONValue = [
      "optimizer": [
        "class_name": "SGD", "config": ["learning_rate": ["class_name": "CosineDecay"]],
      ], "loss": "mse",
    ]
    #expect(
      throws: ConfigurationError("the learning rate schedule CosineDecay is not supported")
    ) { try CompileSettings(schedule, outputNames: ["y"]) }
  }
}
