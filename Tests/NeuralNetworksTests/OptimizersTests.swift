import NeuralNetworks
import TensorGraph
import Testing

@Suite struct OptimizersTests {
  // Arguments of a test cannot throw.
  // swift-format-ignore: NeverUseForceTry
  private static let cases = try! TrainingGolden.all("optimizers")

  @Test("twenty steps as in Keras", arguments: cases)
  func golden(_ golden: TrainingGolden) throws {
    let arrays = try golden.arrays()
    var optimizer = try #require(try read(golden.entry["config"] ?? nil))
    // Files do not say which weights do not decay.
    let excluded = golden.entry["excluded_from_weight_decay"]?.array?.compactMap(\.string) ?? []
    optimizer.options.excludedFromWeightDecay = excluded

    let titles = ["kernel", "bias"]
    let starts = try [arrays.array("weight.0"), arrays.array("weight.1")]
    let described = zip(titles, starts).map { TrainedWeight(path: $0, type: $1.type) }
    let layout = optimizer.variables(for: described)
    let trace = Trace()
    let gradients = starts.map { trace.input("gradient", $0.type) }
    let weights = starts.map { trace.variable("weight", $0.type) }
    let iteration = trace.variable("iteration", TensorType(.int64, []))
    let learningRate = trace.variable("learning_rate", TensorType(.float32, []))
    let slots = layout.map { trace.variable($0.name, $0.type) }
    let after = optimizer.step(
      OptimizerState(
        described, weights: weights, variables: slots, iteration: iteration,
        learningRate: learningRate), gradients: gradients)
    let graph = try trace.graph(
      returning: [],
      updating: [(iteration, after.iteration)] + Array(zip(weights, after.weights))
        + Array(zip(slots, after.variables)))
    let executable = try ReferenceEngine().compile(graph)

    var variables =
      starts + [Tensor(Int64(0)), Tensor(Float(0))]
      + layout.map { $0.start($0.weight.map { starts[$0] }) }
    let all = try (0..<2).map { try arrays.array("gradients.\($0)") }
    let expected = try (0..<2).map { try arrays.array("steps.\($0)") }
    let rates = try arrays.array("learning_rates").numbers
    for step in 0..<20 {
      let moves = Int(variables[2].numbers[0])
      variables[3] = Tensor(Float(optimizer.learningRate(at: moves)))
      #expect(abs(variables[3].numbers[0] - rates[step]) <= 1e-6 * max(rates[step], 1e-2))
      for (place, variable) in layout.enumerated() {
        if let schedule = optimizer.schedules[variable.name] {
          variables[4 + place] = Tensor(Float(schedule(at: moves)))
        }
      }
      let fed = zip(all, starts).map { $0.rows(step..<step + 1).reshaped($1.shape) }
      _ = executable.run(fed, variables: &variables)
      for weight in 0..<2 {
        let expected = expected[weight].rows(step..<step + 1).reshaped(starts[weight].shape)
        #expect(distance(variables[weight], expected) < 1e-5, "step \(step), weight \(weight)")
      }
    }

    // The variables are those of Keras, in the order of its files.
    let stored = optimizer.storage(for: described).entries
    let files = golden.entry["variables"]?.array ?? []
    #expect(stored.count == files.count)
    for (entry, file) in zip(stored, files) {
      let value: Tensor, name: String
      switch entry {
      case .iteration: (value, name) = (variables[2], "iteration")
      case .learningRate: (value, name) = (variables[3], "learning_rate")
      case .variable(let place):
        let own = String(layout[place].name.split(separator: "/").last ?? "")
        value = variables[4 + place]
        name = layout[place].weight.map { "\(titles[$0])_\(own)" } ?? own
      case .constant(let number): (value, name) = (Tensor(Float(number)), "")
      }
      let theirs = try arrays.array(file["array"]?.string ?? "")
      #expect(distance(value, theirs) < 1e-4, "variable \(name)")
      if !["", "u_product", "kernel_row", "kernel_column", "bias_row", "bias_column"].contains(name)
      {
        #expect(file["name"]?.string == name)
      }
    }
    // The averages are what weights become in the end.
    guard golden.entry["finalized"] == true else { return }
    for (place, variable) in layout.enumerated() where variable.name == "average" {
      let weight = try #require(variable.weight)
      let finalized = try arrays.array("finalized.\(weight)")
      #expect(distance(variables[4 + place], finalized) < 1e-5)
    }
  }

  @Test("what Keras wrote is read, and written alike", arguments: cases)
  func configuration(_ golden: TrainingGolden) throws {
    let theirs = try #require(golden.entry["config"])
    let json = try #require(try read(theirs)).json()
    func expectEqual(_ ours: JSONValue?, _ theirs: JSONValue, _ path: String) {
      if let members = theirs.object {
        for (key, value) in members where key != "name" {
          expectEqual(ours?[key], value, "\(path).\(key)")
        }
        #expect(Set(members.keys) == Set((ours?.object ?? [:]).keys), "\(path)")
      } else if let elements = theirs.array {
        #expect(ours?.array?.count == elements.count, "\(path)")
        for (index, (our, their)) in zip(ours?.array ?? [], elements).enumerated() {
          expectEqual(our, their, "\(path)[\(index)]")
        }
      } else if let number = theirs.double {
        #expect(ours?.double.map { abs($0 - number) < 1e-15 } == true, "\(path)")
      } else {
        #expect(ours == theirs, "\(path)")
      }
    }
    expectEqual(json, theirs, golden.name)
    let again = try #require(try read(json))
    func equals<T: Optimizer>(_ optimizer: T) throws -> Bool { try read(theirs) as? T == optimizer }
    #expect(try equals(again))
  }

  private func read(_ json: JSONValue) throws -> (any Optimizer)? {
    try CompileSettings(["optimizer": json, "loss": "mse"], outputNames: ["y"])
      .optimizer.resolved()
  }

  @Test("settings survive a file")
  func roundTrip() throws {
    let optimizer = Adam(learningRate: 0.5, beta1: 0.25, amsgrad: true, options: [.clipnorm(2)])
    let json = try CompileSettings(optimizer: .value(optimizer), loss: .all("mse")).json()
    let config = json["optimizer"]?["config"]
    #expect(json["optimizer"]?["class_name"] == "Adam")
    #expect(config?["beta_1"] == 0.25)
    #expect(config?["clipnorm"]?.double == 2)
    #expect(config?["global_clipnorm"] == .null)
    #expect(config?["options"] == nil)
    let read = try CompileSettings(json, outputNames: ["y"]).optimizer.resolved()
    #expect(read as? Adam == optimizer)
  }

  @Test("names, and what is like them")
  func names() throws {
    #expect(try OptimizerChoice.named("AdamW").resolved() is AdamW)
    #expect(try OptimizerChoice.named("lamb").resolved() is Lamb)
    #expect(try OptimizerChoice.named("schedulefreeadamw").resolved() is ScheduleFreeAdamW)
    #expect(try OptimizerChoice.named("rmsprop").resolved() as? RMSprop == RMSprop())
    #expect(throws: GraphError("there is no optimizer adm", hint: "did you mean adam?")) {
      try OptimizerChoice.named("adm").resolved()
    }
  }

  @Test("settings of Keras that Strata does not have")
  func unsupported() {
    #expect(throws: ConfigurationError("slots 3 of Adam is not supported")) {
      try read(["class_name": "Adam", "config": ["slots": 3]])
    }
    #expect(
      throws: ConfigurationError(
        "there is no learning rate schedule CosineDecai", hint: "did you mean CosineDecay?")
    ) {
      try read([
        "class_name": "Adam", "config": ["learning_rate": ["class_name": "CosineDecai"]],
      ])
    }
  }
}
