import NeuralNetworks
import TensorGraph
import Testing

@Suite struct TrainingPreflightTests {
  private func tensor(_ shape: Shape, _ number: (Int) -> Double) -> Tensor {
    Tensor(TensorType(.float32, shape), numbers: (0..<shape.count).map(number))
  }

  /// What is odd about training a network that ends in `units` and `activation` on eight samples.
  private func doubts(
    units: Int, _ activation: Activation, _ loss: LossChoice, metrics: [MetricChoice] = [],
    x: Tensor? = nil, y: Tensor, validation: Tensor? = nil, first: [any Layer] = []
  ) throws -> [String] {
    let model = try Model(input: [3], seed: 1, engine: ReferenceEngine()) {
      for layer in first { layer }
      Dense(units, activation: activation, name: "output")
    }
    try model.compile(optimizer: "sgd", loss: loss, metrics: metrics)
    let x = x ?? tensor([8, 3]) { Double($0 % 7) - 3.5 }
    return try model.preflight(
      TrainingData(x: x, y: y), validation: validation.map { try TrainingData(x: x, y: $0) }
    ).map(\.description)
  }

  private let labels = Tensor([8], [0, 1, 2, 0, 1, 2, 0, 1] as [Int32])
  private let yesNo = Tensor([8, 1], [0, 1, 1, 0, 1, 0, 0, 1] as [Float])

  @Test("nothing is odd about a sound training")
  func sound() throws {
    #expect(
      try doubts(
        units: 3, .softmax, .sparseCategoricalCrossentropy, metrics: ["accuracy"], y: labels,
        validation: labels) == [])
    #expect(
      try doubts(units: 1, .sigmoid, .binaryCrossentropy, metrics: ["accuracy"], y: yesNo) == [])
    #expect(
      try doubts(
        units: 3, .linear, .sparseCategoricalCrossentropy(fromLogits: true),
        metrics: ["accuracy"], y: labels) == [])
    #expect(
      try doubts(units: 1, .linear, .meanSquaredError, y: tensor([8, 1]) { Double($0) / 3 }) == [])
  }

  @Test("probabilities where logits are expected, and the other way round")
  func logits() throws {
    #expect(
      try doubts(
        units: 3, .softmax, .sparseCategoricalCrossentropy(fromLogits: true), y: labels)
        == [
          """
          warning: SparseCategoricalCrossentropy expects logits, and output gives probabilities \
          (softmax)
            help  leave out fromLogits, or the softmax
          """
        ])
    let found = try doubts(units: 3, .linear, .sparseCategoricalCrossentropy, y: labels)
    #expect(found.count == 1)
    #expect(
      found[0].hasPrefix(
        "warning: SparseCategoricalCrossentropy expects probabilities, and output gives numbers from -"
      ))
    #expect(
      found[0].hasSuffix(
        "\n  help  give the loss fromLogits: true, or the last layer the activation softmax"))
    #expect(
      try doubts(units: 3, .sigmoid, .sparseCategoricalCrossentropy, y: labels)[0]
        .contains("probabilities that sum to 1"))
    #expect(
      try doubts(
        units: 1, .linear, .binaryCrossentropy(fromLogits: true), metrics: ["accuracy"], y: yesNo)
        == [
          "warning: accuracy compares with 0.5, and output gives logits\n"
            + "  help  use binaryAccuracy(threshold: 0)"
        ])
  }

  @Test("a softmax of one unit is an error")
  func softmaxOfOne() {
    #expect(
      throws: GraphError(
        "output is a softmax of one unit: it gives 1 whatever the input, and can learn nothing",
        hint: "use a sigmoid with binary_crossentropy, or a unit for each class")
    ) { try doubts(units: 1, .softmax, .binaryCrossentropy, y: yesNo) }
  }

  @Test("bytes that nobody scales")
  func bytes() throws {
    let pixels = Tensor(TensorType(.uint8, [8, 3]), numbers: (0..<24).map { Double($0 * 10) })
    let loss = LossChoice.sparseCategoricalCrossentropy
    #expect(
      try doubts(units: 3, .softmax, loss, x: pixels, y: labels) == [
        "warning: x holds whole numbers up to 230, and no layer scales them\n"
          + "  help  divide by 255, or begin with Rescaling(1.0 / 255)"
      ])
    #expect(
      try doubts(units: 3, .softmax, loss, x: pixels.cast(to: .float32), y: labels).count == 1)
    for layer in [Rescaling(1.0 / 255), BatchNormalization()] as [any Layer] {
      #expect(
        try doubts(units: 3, .softmax, loss, x: pixels, y: labels, first: [layer]).isEmpty)
    }
  }

  @Test("a validation split of data that are sorted by class")
  func sorted() throws {
    let first = Tensor([8], [0, 0, 0, 0, 1, 1, 1, 1] as [Int32])
    let last = Tensor([8], [1, 1, 2, 2, 2, 2, 2, 2] as [Int32])
    #expect(
      try doubts(
        units: 3, .softmax, .sparseCategoricalCrossentropy, y: first, validation: last) == [
          "warning: the validation data have class 2, of which the training data have no sample\n"
            + "  help  a validation split takes the last samples: shuffle data that are sorted by "
            + "class"
        ])
  }

  @Test("metrics that say nothing")
  func metrics() throws {
    #expect(
      try doubts(
        units: 1, .linear, .meanSquaredError, metrics: ["accuracy"],
        y: tensor([8, 1]) { Double($0) / 3 }) == [
          "warning: accuracy counts how often a class is right, and the targets are numbers\n"
            + "  help  mean_absolute_error says how far predictions are off"
        ])
    #expect(
      try doubts(
        units: 3, .softmax, .sparseCategoricalCrossentropy,
        metrics: [.sparseTopKCategoricalAccuracy(k: 3)], y: labels)[0]
        .contains("looks at the 3 most probable of 3 classes: it is always 1"))
  }

  @Test("fit tells its callbacks, once")
  func told() throws {
    final class Listener: Callback {
      var doubts: [Doubt] = []
      func receive(_ event: TrainingEvent, _ control: TrainingControl) {
        if case .began(let plan) = event { doubts += plan.doubts }
      }
    }
    let model = try Model(input: [3], seed: 1, engine: ReferenceEngine()) { Dense(3) }
    try model.compile(optimizer: "sgd", loss: .sparseCategoricalCrossentropy)
    let listener = Listener()
    try model.fit(
      tensor([8, 3]) { Double($0 % 7) - 3.5 }, labels, epochs: 3, callbacks: [listener],
      verbose: .silent)
    #expect(listener.doubts.count == 1)
  }
}
