import Foundation
import Strata
import TestKit
import Testing

@Suite("Options of layers")
struct LayersOptionsTests {
  private func data() -> (x: Tensor, y: Tensor) {
    (
      Tensor([8, 3], (0..<24).map { Float(($0 * 7) % 11) / 11 - 0.5 }),
      Tensor([8, 2], (0..<16).map { Float(($0 * 5) % 7) / 7 })
    )
  }

  private func trained(
    _ options: LayerOptions, steps: Int = 4, seed: UInt64 = 1, on engine: any Engine = CPUEngine()
  ) throws -> Model {
    let model = try Model(input: [3], seed: seed, engine: engine) { Dense(2, options: options) }
    try model.compile(optimizer: .sgd(learningRate: 0.5), loss: .meanSquaredError)
    let (x, y) = data()
    try model.fit(x, y, batchSize: 8, epochs: steps, verbose: .silent)
    return model
  }

  private func filled(_ shape: Shape, _ number: Double) -> Tensor {
    Tensor(TensorType(.float32, shape), repeating: number)
  }

  private func columns(_ w: Tensor) -> [[Double]] {
    let count = w.shape[1]
    return (0..<count).map { column in
      stride(from: column, to: w.count, by: count).map { w.numbers[$0] }
    }
  }

  private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  static let bounds: [(Constraint, ClosedRange<Double>)] = [
    (.maxNorm(0.3), 0...0.300001), (.unitNorm(), 0.99999...1.00001),
    (.minMaxNorm(minValue: 2, maxValue: 3), 1.99999...3.00001),
  ]

  @Test("Constraints hold after each step", arguments: bounds)
  func constraints(_ constraint: Constraint, _ range: ClosedRange<Double>) throws {
    for steps in 1...3 {
      let model = try trained([.kernelConstraint(constraint)], steps: steps)
      let kernel = try #require(model.weights["dense/kernel"])
      for column in columns(kernel) { #expect(range.contains(norm(column)), "\(column)") }
    }
    let free = try #require(try trained([]).weights["dense/kernel"])
    #expect(!columns(free).allSatisfy { range.contains(norm($0)) })
  }

  @Test("A kernel that may not be negative is not")
  func nonNeg() throws {
    let kernel = try #require(try trained([.kernelConstraint(.nonNeg)]).weights["dense/kernel"])
    #expect(kernel.numbers.allSatisfy { $0 >= 0 } && kernel.numbers.contains { $0 > 0 })
  }

  @Test("A frozen layer stays as it is, has no penalty, and can be thawed")
  func frozen() throws {
    let model = try trained([.trainable(false), .kernelRegularizer(.l2(10))], steps: 1)
    let fresh = try Model(input: [3], seed: 1) { Dense(2) }
    #expect(model.weights.values.elementsEqual(fresh.weights.values))
    #expect(!model.isTrainable("dense/kernel"))
    let (x, y) = data()
    try fresh.compile(optimizer: .sgd(learningRate: 0), loss: .meanSquaredError)
    let loss = try model.evaluate(x, y)["loss"] ?? 0
    #expect(try abs(loss - (fresh.evaluate(x, y)["loss"] ?? 1)) < 1e-6)
    model.unfreeze()
    try model.fit(x, y, epochs: 1, verbose: .silent)
    #expect(!model.weights.values.elementsEqual(fresh.weights.values))
    #expect(try (model.evaluate(x, y)["loss"] ?? 0) != loss)
  }

  @Test("A part of a layer that is not to be trained is not")
  func frozenPart() throws {
    let x = Input([4, 3])
    let y = Bidirectional(
      LSTM(2, options: [.trainable(false)]), backwardLayer: LSTM(2, goBackwards: true))(x)
    let model = try Model(inputs: x, outputs: y)
    #expect(model.weights.keys.contains { model.isTrainable($0) })
    #expect(model.weights.keys.contains { !model.isTrainable($0) })
    let whole = try Model(input: [3], Dense(2, options: [.trainable(false)]))
    #expect(!whole.isTrainable("kernel"))
  }

  @Test("Penalties are part of the loss in training and in evaluation")
  func penalties() throws {
    let (x, y) = data()
    func loss(_ options: LayerOptions, _ rate: Double = 0) throws -> (Double, Double) {
      let model = try Model(input: [3], seed: 1) {
        Dense(2, kernelInitializer: .constant(0.5), options: options)
      }
      try model.compile(optimizer: .sgd(learningRate: rate), loss: .meanSquaredError)
      let evaluated = try model.evaluate(x, y, batchSize: 4)["loss"] ?? 0
      return (evaluated, try model.fit(x, y, batchSize: 8, verbose: .silent)["loss"][0])
    }
    let plain = try loss([])
    let model = try Model(input: [3]) { Dense(2, kernelInitializer: .constant(0.5)) }
    let activity = try model.predict(x).numbers
    let squares = activity.reduce(0) { $0 + $1 * $1 } / 8
    let magnitudes = activity.reduce(0) { $0 + abs($1) } / 8
    let cases: [(LayerOption, Double)] = [
      (.kernelRegularizer(.l1(0.1)), 0.3), (.kernelRegularizer(.l2(0.1)), 0.15),
      (.kernelRegularizer(.l1l2(l1: 0.1, l2: 0.2)), 0.6), (.biasRegularizer(.l2(5)), 0),
      (.kernelRegularizer(.orthogonal(factor: 0.2)), 0.2),
      (.kernelRegularizer(.orthogonal(factor: 0.2, mode: .columns)), 0.2),
      (.activityRegularizer(.l2(0.3)), 0.3 * squares),
      (.activityRegularizer(.l1(0.3)), 0.3 * magnitudes),
    ]
    for (option, expected) in cases {
      let (evaluated, trained) = try loss(LayerOptions([option]))
      #expect(abs(evaluated - plain.0 - expected) < 1e-5, "\(expected)")
      #expect(abs(trained - plain.1 - expected) < 1e-5, "\(expected)")
    }
  }

  @Test("A layer used twice has one penalty on its weights, and one on each of its outputs")
  func shared() throws {
    let a = Input([3]), b = Input([3])
    let dense = Dense(
      2, kernelInitializer: .ones,
      options: [.kernelRegularizer(.l1(0.1)), .activityRegularizer(.l1(1))])
    let model = try Model(inputs: [a, b], outputs: [Subtract()(dense(a), dense(b))])
    try model.compile(optimizer: .sgd(), loss: .meanSquaredError)
    let x = filled([2, 3], 1), zero = filled([2, 2], 0)
    let logs = try model.evaluate(TrainingData(inputs: [x, x], targets: [zero]))
    #expect(abs((logs["loss"] ?? 0) - (0.6 + 2 * 6)) < 1e-5)
  }

  @Test("A seed of a layer repeats its draws, whatever the seed of the model")
  func seed() throws {
    func noise(_ options: LayerOptions, model seed: UInt64) throws -> [Double] {
      let model = try Model(input: [50], seed: seed) {
        Dropout(0.5, options: options)
        Dense(1, useBias: false, kernelInitializer: .zeros)
      }
      try model.compile(optimizer: .sgd(learningRate: 1), loss: .meanSquaredError)
      let one = filled([1, 50], 1)
      try model.fit(one, Tensor([1, 1], [Float(1)]), epochs: 1, verbose: .silent)
      return try #require(model.weights["dense/kernel"]).numbers
    }
    let first = try noise([.seed(7)], model: 1)
    #expect(try noise([.seed(7)], model: 2) == first)
    #expect(try noise([.seed(8)], model: 1) != first)
    #expect(try noise([], model: 1) != noise([], model: 2))
    #expect(Set(first).count == 2)
  }

  static let mistakes: [(any NamedLayer, [Int], String, String?)] = [
    (
      Dense(2, options: [.recurrentRegularizer(.l2())]), [3],
      "Dense has no hyperparameter recurrent_regularizer", "known are bias, kernel"
    ),
    (
      Dense(2, options: [.regularizer("kernal", .l2())]), [3],
      "Dense has no hyperparameter kernal_regularizer", "did you mean kernel?"
    ),
    (
      LSTM(2, options: [.gammaConstraint(.nonNeg)]), [4, 3],
      "LSTM has no hyperparameter gamma_constraint", "known are bias, kernel, recurrent"
    ),
    (
      Flatten(options: [.biasConstraint(.nonNeg)]), [3],
      "Flatten has no hyperparameter bias_constraint", "it has no weights"
    ),
    (
      Dense(2, options: [.dataFormat(.channelsFirst)]), [3],
      "Dense has no hyperparameter data_format", "leave it out"
    ),
    (
      Dense(2, options: [.seed(1)]), [3], "Dense has no hyperparameter seed",
      "it draws no numbers"
    ),
    (
      Dense(2, options: [.kernelRegularizer(.l2(-1))]), [3],
      "Dense: the factor of a regularizer is at least 0, not -1.0", nil
    ),
    (
      Dense(2, options: [.activityRegularizer(.l1l2(l1: .nan))]), [3],
      "Dense: the factor of a regularizer is at least 0, not nan", nil
    ),
    (
      Dense(2, options: [.biasRegularizer(.orthogonal())]), [3],
      "an orthogonal regularizer needs a matrix", "use .l2(…) for weights with other than 2 axes"
    ),
    (
      Dense(2, options: [.kernelConstraint(.maxNorm(1, axis: 2))]), [3],
      "kernel cannot be held so: [3, 2] has no axis 2", nil
    ),
    (
      Dense(2, options: [.kernelConstraint(.unitNorm(axis: [0, -2]))]), [3],
      "kernel cannot be held so: norms are taken along axes that differ, not [0, -2]", nil
    ),
    (
      Dense(2, options: [.kernelConstraint(.maxNorm(-1))]), [3],
      "kernel cannot be held so: a norm is at least 0, not -1.0", nil
    ),
    (
      Dense(2, options: [.kernelConstraint(.minMaxNorm(minValue: 2, maxValue: 1))]), [3],
      "kernel cannot be held so: a norm is at least 0 and in order, not from 2.0 to 1.0", nil
    ),
    (
      Dense(2, options: [.kernelConstraint(.minMaxNorm(rate: 2))]), [3],
      "kernel cannot be held so: a rate is from 0 to 1, not 2.0", nil
    ),
  ]

  @Test("Options that mean nothing are mistakes")
  func mistakes() throws {
    for (layer, input, text, hint) in Self.mistakes {
      let error = #expect(throws: GraphError.self, "\(text)") {
        try Model(input: input) { layer }
      }
      #expect(error?.message == text)
      #expect(error?.hint == hint, "\(text)")
    }
  }

  /// The layers of Keras that take a seed.
  static let seeded: Set<String> = [
    "AdditiveAttention", "AlphaDropout", "Attention", "AugMix", "ConvLSTM1D", "ConvLSTM2D",
    "ConvLSTM3D", "CutMix", "Dropout", "GRU", "GRUCell", "GaussianDropout", "GaussianNoise",
    "GroupQueryAttention", "LSTM", "LSTMCell", "MixUp", "MultiHeadAttention", "RandAugment",
    "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast",
    "RandomCrop", "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur",
    "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization",
    "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation",
    "RandomZoom", "SimpleRNN", "SimpleRNNCell", "Solarization", "SpatialDropout1D",
    "SpatialDropout2D", "SpatialDropout3D",
  ]

  @Test("Layers take a seed where Keras's do")
  func seededLayers() {
    // Parts of augmentations, which take a seed with them.
    let parts: Set = [
      "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "Equalization",
    ]
    for type in LayerRegistry.all where !parts.contains(type.className) {
      #expect(
        type.example is any RandomLayer == Self.seeded.contains(type.className),
        "\(type.className)")
    }
  }

  @Test("Hyperparameters that a layer does not have are mistakes, however they are set")
  func unknownKeys() throws {
    func layer(_ className: String, _ config: JSONValue) throws -> any NamedLayer {
      try LayerRegistry.standard.layer(className: className, config: config)
    }
    for (config, text, hint) in [
      (["units": 2, "use_baias": false], "Dense has no hyperparameter use_baias", "use_bias"),
      (["units": 2, "axis": -1], "Dense has no hyperparameter axis", nil),
      (["units": 2, "noise_shape": [1]], "Dense has no hyperparameter noise_shape", nil),
    ] as [(JSONValue, String, String?)] {
      let error = #expect(throws: ConfigurationError.self) { try layer("Dense", config) }
      #expect(error?.message == text)
      if let hint { #expect(error?.hint == "did you mean \(hint)?") }
    }
    let older = try layer("LeakyReLU", ["alpha": 0.1]) as? LeakyReLU
    #expect(older?.negativeSlope == 0.1)
  }

  @Test("A bias that is off may have a penalty and a constraint")
  func switchedOff() throws {
    let model = try Model(input: [3]) {
      Dense(2, useBias: false, options: [.biasRegularizer(.l2()), .biasConstraint(.nonNeg)])
    }
    #expect(Array(model.weights.keys) == ["dense/kernel"])
  }

  @Test("Options survive a file")
  func files() throws {
    let options: LayerOptions = [
      .trainable(false), .dtype(.mixedBFloat16), .dataFormat(.channelsFirst), .seed(-3),
      .activityRegularizer(.l1(0.1)), .kernelRegularizer(.l2(0.2)),
      .biasRegularizer(.l1l2(l1: 1, l2: 2)), .recurrentRegularizer(.orthogonal(mode: .columns)),
      .embeddingsRegularizer(.l1()), .depthwiseRegularizer(.l2()), .pointwiseRegularizer(.l2()),
      .gammaRegularizer(.l2()), .betaRegularizer(.l2()), .alphaRegularizer(.l2()),
      .kernelConstraint(.maxNorm(3, axis: [0, 1])), .biasConstraint(.nonNeg),
      .recurrentConstraint(.unitNorm(axis: 1)), .embeddingsConstraint(.nonNeg),
      .depthwiseConstraint(.minMaxNorm(minValue: 0.5, maxValue: 2, rate: 0.25, axis: 1)),
      .pointwiseConstraint(.nonNeg), .gammaConstraint(.nonNeg), .betaConstraint(.nonNeg),
      .alphaConstraint(.nonNeg),
    ]
    let data = try JSONEncoder().encode(options)
    #expect(try JSONDecoder().decode(LayerOptions.self, from: data) == options)
    #expect(options.regularizers.count == 9 && options.constraints.count == 9)
  }

  static let badFiles: [(String, String)] = [
    (#"{"dtype": "float23"}"#, "dtype float23 of Dense is not supported"),
    (#"{"data_format": "channels"}"#, "data_format channels of Dense is not supported"),
    (
      #"{"kernel_regularizer": "l3"}"#,
      "kernel_regularizer cannot be read: there is no regularizer l3; did you mean L1?"
    ),
    (
      #"{"kernel_regularizer": {"class_name": "L2", "config": {"l3": 1}}}"#,
      "kernel_regularizer cannot be read: L2 has no hyperparameter l3; did you mean l2?"
    ),
    (
      #"{"kernel_regularizer": {"class_name": "L2", "config": {"l2": "x"}}}"#,
      "kernel_regularizer cannot be read: l2 of L2 is not a number"
    ),
    (
      #"{"bias_constraint": {"class_name": "MaxNorm", "config": {"axis": 0.5}}}"#,
      "bias_constraint cannot be read: axis of MaxNorm is no list of whole numbers"
    ),
    (
      #"{"bias_constraint": "max"}"#,
      "bias_constraint cannot be read: there is no constraint max; known are MaxNorm, MinMaxNorm, "
        + "NonNeg, UnitNorm"
    ),
  ]

  @Test("Options that files have wrong are mistakes", arguments: badFiles)
  func badFile(_ text: String, _ says: String) throws {
    var config = try JSONValue(parsing: Data(text.utf8)).object ?? [:]
    config["units"] = 2
    let error = #expect(throws: ConfigurationError.self) {
      try LayerRegistry.standard.layer(className: "Dense", config: .object(config))
    }
    #expect(error?.message == says)
  }
}
