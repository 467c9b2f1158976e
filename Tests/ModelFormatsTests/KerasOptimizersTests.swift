import Foundation
import ModelFormats
import Strata
import Testing

/// Runs where `Scripts/golden/environment` has installed Keras; `make test` does that first.
@Suite(
  "Optimizers in files that Strata wrote, in Keras",
  .enabled(if: Files.exists(KerasInPython.interpreter)))
struct KerasOptimizersTests {
  private static let x = KerasInPython.numbers([8, 5])
  private static let y = KerasInPython.numbers([8, 3], from: 100)

  private static let optimizers: [(name: String, optimizer: OptimizerChoice)] = [
    ("sgd", .sgd(learningRate: 0.1, momentum: 0.5)),
    (
      "sgd with a schedule",
      .sgd(
        learningRate: .cosineDecay(
          initialLearningRate: 0.02, decaySteps: 5, warmupTarget: 0.2, warmupSteps: 2),
        momentum: 0.9)
    ),
    ("rmsprop", .rmsprop(learningRate: 0.01, momentum: 0.5, centered: true)),
    ("adam", .adam(learningRate: 0.01, amsgrad: true, options: [.globalClipnorm(0.5)])),
    (
      "adam with averages",
      .adam(
        learningRate: 0.01,
        options: [.exponentialMovingAverage(momentum: 0.8, overwriteFrequency: 4)])
    ),
    (
      "adam with accumulation",
      .adam(learningRate: 0.01, options: [.gradientAccumulation(steps: 2), .lossScaleFactor(8)])
    ),
    ("adamw", .adamW(learningRate: 0.01)),
    ("adadelta", .adadelta(learningRate: 1.0)),
    ("adagrad", .adagrad(learningRate: 0.1)),
    ("adamax", .adamax(learningRate: 0.01)),
    ("nadam", .nadam(learningRate: 0.01, options: [.exponentialMovingAverage()])),
    ("ftrl", .ftrl(learningRate: 0.1, l2RegularizationStrength: 0.01)),
    ("adafactor", .adafactor(learningRate: 0.1)),
    ("lion", .lion(learningRate: 0.01)),
    ("lamb", .lamb(learningRate: 0.01)),
    ("muon", .muon(learningRate: 0.01)),
    ("schedule-free", .scheduleFreeAdamW(learningRate: 0.01, warmupSteps: 4)),
    ("loss scale", .lossScale(Adam(learningRate: 0.01), dynamicGrowthSteps: 2)),
    (
      "several",
      .multi(
        OptimizerMap(
          default: Adam(learningRate: 0.01),
          [
            "first/.*": SGD(
              learningRate: .exponentialDecay(
                initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5), momentum: 0.9),
            "last/bias": Adam(learningRate: 0.05),
          ]))
    ),
  ]

  private func model(_ optimizer: OptimizerChoice) throws -> Model {
    let input = Input([5])
    let hidden = Dense(4, activation: .tanh, name: "first")(input)
    let model = try Model(inputs: [input], outputs: [Dense(3, name: "last")(hidden)], seed: 4)
    try model.compile(optimizer: optimizer, loss: .meanSquaredError)
    return model
  }

  private func train(_ model: Model, epochs: Int) throws {
    try model.fit(Self.x, Self.y, batchSize: 8, epochs: epochs, shuffle: false, verbose: .silent)
  }

  /// The kind of file that Keras writes after it went on. It gives two variables of Adafactor, and of
  /// several optimizers, one name, with which it cannot write an older file.
  private static func endingAgain(_ optimizer: String, _ ending: String) -> String {
    ["adafactor", "several"].contains(optimizer) ? "keras" : ending
  }

  @Test("are loaded with all variables, and go on alike")
  func inKeras() throws {
    // Keras cannot load an older file with Lamb, not even its own.
    let older = Self.optimizers.filter { $0.name != "lamb" }
    let cases = Self.optimizers.map { ($0, "keras") } + older.map { ($0, "h5") }
    try withTemporaryFolder { folder in
      try Files.write(NumPy.data(Self.x), to: "\(folder)/x.npy")
      try Files.write(NumPy.data(Self.y), to: "\(folder)/y.npy")
      var models: [Model] = []
      for (index, (entry, ending)) in cases.enumerated() {
        let model = try model(entry.optimizer)
        try train(model, epochs: 3)
        try model.save(to: "\(folder)/\(index).\(ending)")
        models.append(model)
      }
      let results = try KerasInPython.run(
        cases.enumerated().map { index, entry in
          [
            "model": .string("\(index).\(entry.1)"), "inputs": ["x.npy"],
            "targets": ["last": "y.npy"], "epochs": 4,
            "resave": .string("\(index).again.\(Self.endingAgain(entry.0.name, entry.1))"),
          ]
        }, in: folder)
      #expect(results.count == models.count)
      for (index, (model, result)) in zip(models, results).enumerated() {
        let name = "\(cases[index].0.name) in .\(cases[index].1)"
        #expect(result["error"] == nil, "\(name)")
        #expect(result["warnings"] == [], "\(name)")
        func arrays(_ key: String) throws -> [Tensor] {
          try (result[key]?.array ?? []).compactMap(\.string).map {
            try NumPy.array(path: "\(folder)/\($0)")
          }
        }
        let isOlder = cases[index].1 == "h5"
        let layout = try #require(OptimizerLayout(model, WeightLayout(model)))
        // Keras 3 begins the optimizer of an older file anew.
        let ours = isOlder ? [] : layout.values(of: model)
        let theirs = try isOlder ? [] : arrays("optimizer")
        #expect(ours.count == theirs.count, "\(name)")
        for (place, (ours, theirs)) in zip(ours, theirs).enumerated() {
          #expect(ours == theirs.cast(to: ours.dtype), "\(name) \(place)")
        }
        // A file read again goes on as the model that was saved.
        let again = try Model.load(from: "\(folder)/\(index).\(cases[index].1)")
        for model in [model, again] { try train(model, epochs: 4) }
        #expect(
          try largestDifference(again.predict(Self.x), model.predict(Self.x)) == 0, "\(name)")
        var reference = model
        if isOlder {
          let path = "\(folder)/\(index).\(cases[index].1)"
          reference = try Model.load(from: path, compile: false)
          try reference.compile(optimizer: cases[index].0.optimizer, loss: .meanSquaredError)
          try train(reference, epochs: 4)
        }
        guard let after = try arrays("after").first else { continue }  // there was an error
        #expect(try largestDifference(reference.predict(Self.x), after) < 1e-4, "\(name)")
        // And so does one that Keras wrote after it went on.
        let theirModel = try Model.load(
          from: "\(folder)/\(index).again.\(Self.endingAgain(cases[index].0.name, cases[index].1))")
        #expect(theirModel.iterations == reference.iterations, "\(name)")
        for model in [reference, theirModel] { try train(model, epochs: 3) }
        #expect(
          try largestDifference(theirModel.predict(Self.x), reference.predict(Self.x)) < 1e-4,
          "\(name)"
        )
      }
    }
  }
}
