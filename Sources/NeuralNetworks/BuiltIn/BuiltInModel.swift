import TensorGraph

/// A network that has a name: `mlp`, `cnn`, `lstm`, `resnet20`, `transformer`.
///
///     let model = try BuiltInModel.named("mlp").model(for: data, engine: CPUEngine())
///
/// Its input and its last layer follow from the data:
///
/// - The input has the shape of a sample. Bytes (`uint8`) are pictures, and divided by 255.
/// - Whole-number targets, one for each sample, are class labels: a softmax with one unit for each
///   class. All other targets are numbers: linear units and the mean squared error. A loss that is
///   given decides instead.
public struct BuiltInModel: Sendable {
  /// What samples are like.
  public struct Sample: Sendable, Hashable {
    /// The sizes without the batch.
    public var shape: [Int]
    /// The type of the numbers.
    public var dtype: DType
    /// The number of different tokens, where samples are sequences of tokens.
    public var vocabulary: Int

    /// Describes samples of `shape`.
    public init(_ shape: [Int], dtype: DType = .float32, vocabulary: Int = 10_000) {
      self.shape = shape
      self.dtype = dtype
      self.vocabulary = vocabulary
    }
  }

  /// What commands call it.
  public let name: String
  /// What it is, in a few words.
  public let summary: String
  /// The samples it is for when nothing else is said.
  public let sample: Sample
  /// The number of samples of a step that benchmarks take.
  public let batchSize: Int
  /// The name of the data set it learns when nothing else is said.
  public let dataset: String?

  /// The network up to its last layer; nothing when it cannot be built for such samples.
  let body: @Sendable (SymbolicTensor, Sample) -> SymbolicTensor?
  /// The shape that samples need, for messages.
  let expected: String
  /// The number of axes that samples may have, without one that is added at the end.
  let rank: Int?

  /// All of them.
  public static let all = [mlp, cnn, lstm, resnet20, transformer]

  /// The network called `name`.
  ///
  /// - Throws: when there is none, with the name that was likely meant.
  public static func named(_ name: String) throws(GraphError) -> BuiltInModel {
    if let found = all.first(where: { $0.name == name }) { return found }
    throw GraphError(
      "there is no built-in network \(name)", hint: spellingHint(name, in: all.map(\.name)))
  }
}

extension BuiltInModel {
  /// The network for `sample`, compiled with Adam and the loss of `head`.
  ///
  /// - Throws: when it cannot be built for such samples.
  public func model(
    for sample: Sample? = nil, head: OutputHead = .tenClasses, seed: UInt64 = 0,
    engine: any Engine
  ) throws(GraphError) -> Model {
    var sample = sample ?? self.sample
    if let rank, sample.shape.count == rank - 1 { sample.shape.append(1) }
    // Pictures and sequences of tokens differ in what comes first, not in the type of the input.
    let input = Input(sample.shape, dtype: dtype)
    guard rank == nil || sample.shape.count == rank, let features = body(input, sample) else {
      throw GraphError(
        "\(name) is for \(expected)",
        operands: [TensorType(sample.dtype, Shape(sample.shape))],
        hint: "mlp takes samples of any shape")
    }
    let output = Dense(head.units, activation: head.activation)(features)
    let model = try Model(
      inputs: input, outputs: output, name: name, seed: seed, engine: engine)
    try model.compile(
      optimizer: "adam", loss: .named(head.loss), metrics: head.metrics.map { .named($0) })
    return model
  }

  /// The network for the samples of `data`; `loss` decides over the last layer, if it is given.
  ///
  /// - Throws: when it cannot be built for such samples, or targets do not go with the loss.
  public func model(
    for data: TrainingData, loss: String? = nil, seed: UInt64 = 0, engine: any Engine
  ) throws -> Model {
    guard data.inputs.count == 1, data.targets.count == 1 else {
      throw FormatError(
        "\(name) has one input and one output",
        got: "\(data.inputs.count) inputs and \(data.targets.count) targets",
        hint: "give one file each, or a .keras file of a model that has several")
    }
    let x = data.inputs[0]
    var sample = Sample(Array(x.shape.dims.dropFirst()), dtype: x.dtype)
    if dtype == .int32 { sample.vocabulary = try vocabulary(of: x) }
    return try model(
      for: sample, head: OutputHead(data, loss: loss), seed: seed, engine: engine)
  }

  private var dtype: DType { sample.dtype == .int32 ? .int32 : .float32 }

  /// The number of different tokens in `x`, at least that of the network by itself.
  private func vocabulary(of x: Tensor) throws(FormatError) -> Int {
    let limit = 1 << 20
    guard !x.dtype.isFloatingPoint else {
      throw FormatError("\(name) reads tokens: whole numbers", got: "x \(x.type)")
    }
    if let (index, number) = firstElement(of: x, outside: 0, Double(limit - 1)) {
      throw FormatError(
        "x has the token \(Int(number)), but tokens count from 0 to \(limit - 1)",
        got: "\(x.type)", at: .part("row \(index / max(x.shape.strides.first ?? 1, 1))"))
    }
    return max(sample.vocabulary, largestWholeNumber(of: x) + 1)
  }
}

/// The largest of numbers that are whole; 0 when there are none.
func largestWholeNumber(of tensor: Tensor) -> Int {
  tensor.scalars(as: Int64.self).max().map(Int.init) ?? 0
}
