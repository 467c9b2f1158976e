import NeuralNetworks
import TensorGraph
import Testing

@Suite struct TrainingDataChecksTests {
  private func model(_ loss: LossChoice, units: Int = 3) throws -> Model {
    let model = try Model(input: [2], engine: ReferenceEngine()) { Dense(units) }
    try model.compile(loss: loss)
    return model
  }

  /// What `fit` says about `x` and `y`.
  private func message(
    _ loss: LossChoice, units: Int = 3,
    x: Tensor = Tensor([3, 2], [Float](repeating: 1, count: 6)),
    y: Tensor, weights: Tensor? = nil
  ) throws -> String {
    let model = try model(loss, units: units)
    do {
      try model.fit(x, y, sampleWeight: weights, verbose: .silent)
      return "nothing"
    } catch { return "\(error)" }
  }

  private let labels = Tensor([3], [Int32(0), 1, 2])

  @Test("data that are fine")
  func fine() throws {
    let sparse: LossChoice = .sparseCategoricalCrossentropy(fromLogits: true)
    #expect(try message(sparse, y: labels) == "nothing")
    #expect(try message(sparse, y: labels.cast(to: .float32)) == "nothing")
    #expect(try message(sparse, y: labels.reshaped([3, 1])) == "nothing")
    #expect(
      try message(
        .sparseCategoricalCrossentropy(ignoreClass: -1), y: Tensor([3], [Int32(-1), 1, 2]))
        == "nothing")
    #expect(try message("mse", units: 1, y: Tensor([3], [Float(-5), 1, 2])) == "nothing")
  }

  @Test("labels that are no class")
  func labelsOutOfRange() throws {
    let sparse: LossChoice = "sparse_categorical_crossentropy"
    #expect(
      try message(sparse, y: Tensor([3], [UInt8(0), 37, 1]))
        == """
        error: y has the label 37, but there are 3 classes
          got   uint8[3]
          in    row 1
          help  labels count from 0 to 2; for more classes give the last layer more units
        """)
    #expect(
      try message(sparse, y: Tensor([3], [Int64(0), 1, -1]))
        == """
        error: y has the label -1, but there are 3 classes
          got   int64[3]
          in    row 2
          help  labels count from 0 to 2
        """)
    #expect(
      try message(sparse, y: Tensor([3], [Float(0), 0.5, 1]))
        == """
        error: y has 0.5 for a label, which is no whole number
          got   float32[3]
          in    row 1
          help  numbers go with mean_squared_error
        """)
  }

  @Test("numbers that are none")
  func notFinite() throws {
    var x = [Float](repeating: 1, count: 40)
    x[37] = .nan
    #expect(
      try message(
        "mse", x: Tensor([20, 2], x), y: Tensor([20, 3], [Float](repeating: 0, count: 60)))
          == """
          error: x has a NaN
            got   float32[20, 2]
            in    row 18, column 1
            help  clean the data: one such number spoils every weight
          """)
    #expect(
      try message("mse", units: 1, y: Tensor([3], [0, 1, -.infinity] as [Double]))
        == """
        error: y has an infinite number
          got   float64[3]
          in    row 2
          help  clean the data: one such number spoils every weight
        """)
  }

  @Test("targets that are no probabilities")
  func probabilities() throws {
    #expect(
      try message("binary_crossentropy", units: 1, y: Tensor([3], [Float(0), 1, 2]))
        == """
        error: y has 2.0 where a number from 0 to 1 is expected
          got   float32[3]
          in    row 2
          help  binary_crossentropy asks yes or no: 0 or 1
        """)
    #expect(
      try message("categorical_crossentropy", y: labels)
        == """
        error: y has 2.0 where a number from 0 to 1 is expected
          got   int32[3]
          in    row 2
          help  labels go with sparse_categorical_crossentropy
        """)
  }

  @Test("shapes that do not fit")
  func shapes() throws {
    #expect(
      try message("mse", units: 1, y: Tensor([3, 4], [Float](repeating: 0, count: 12)))
        == """
        error: targets of shape [3, 4] do not fit predictions of shape [3, 1]
          got   float32[3, 4], float32[3, 1]
          help  the last layer needs 4 units
        """)
    #expect(
      try message("mse", x: Tensor([3, 5], [Float](repeating: 0, count: 15)), y: labels)
        .hasPrefix("error: "))
    #expect(
      try message("mse", y: Tensor([2], [Float(0), 1]))
        == """
        error: x has 3 samples, y has 2
          got   x float32[3, 2], y float32[2]
          help  every input, target and weight needs one entry for each sample
        """)
  }

  @Test("weights of samples that make no sense")
  func weights() throws {
    #expect(
      try message("mse", units: 1, y: labels, weights: Tensor([3], [Float(1), -2, 0]))
        == """
        error: a sample weight is negative: -2.0
          got   float32[3]
          in    row 1
          help  0 leaves a sample out
        """)
  }

  @Test("a model that was not compiled")
  func notCompiled() throws {
    let model = try Model(input: [2], engine: ReferenceEngine()) { Dense(3) }
    #expect(
      throws: GraphError(
        "sequential has no loss yet", hint: "call compile(optimizer:loss:metrics:) before training")
    ) { try model.evaluate(Tensor([1, 2], [Float(0), 1]), Tensor([1], [Float(0)])) }
  }
}
