import TensorGraph

/// Samples to train or evaluate with: inputs, targets and, if they differ, weights of samples.
///
/// The first axis of every tensor counts the samples, and all have equally many.
public struct TrainingData: Sendable, Hashable {
  /// The inputs, `[samples, …]`, in the order of `inputNames` or of the model's inputs.
  public let inputs: [Tensor]
  /// The names of the inputs; empty when they go by order.
  public let inputNames: [String]
  /// The targets, `[samples, …]`; empty to predict only.
  public let targets: [Tensor]
  /// The names of the targets; empty when they go by order.
  public let targetNames: [String]
  /// How much each sample counts, `[samples]`, or each step, `[samples, steps]`: one tensor for all
  /// targets or one for each; all count the same when there are none.
  public let sampleWeights: [Tensor]
  /// What the class labels stand for, in order of the labels; empty when it is not known.
  public var classNames: [String]
  /// The number of samples.
  public let sampleCount: Int
  /// What prepares the inputs of every batch.
  var mapping: DataMapping?

  /// Creates the samples of these tensors.
  ///
  /// Throws when the first axes differ, or when there are names but not one for each tensor.
  public init(
    inputs: [Tensor], targets: [Tensor] = [], sampleWeights: [Tensor] = [],
    inputNames: [String] = [], targetNames: [String] = [], classNames: [String] = []
  ) throws(FormatError) {
    var named = Self.named(inputs, inputNames, "x") + Self.named(targets, targetNames, "y")
    named += Self.named(sampleWeights, [], "sample weights")
    guard let first = named.first, !inputs.isEmpty else {
      throw FormatError("training data needs an input")
    }
    for (tensors, names, kind) in [
      (inputs, inputNames, "inputs"), (targets, targetNames, "targets"),
    ] {
      guard names.isEmpty || names.count == tensors.count, Set(names).count == names.count else {
        throw FormatError(
          "\(tensors.count) \(kind) need as many different names",
          got: names.joined(separator: ", "))
      }
    }
    for (name, tensor) in named where tensor.shape.rank == 0 {
      throw FormatError(
        "\(name) has no axis of samples", got: "\(name) \(tensor.type)",
        hint: "put the samples along the first axis")
    }
    let count = first.tensor.shape[0]
    for (name, tensor) in named where tensor.shape[0] != count {
      throw FormatError(
        "\(first.name) has \(count) samples, \(name) has \(tensor.shape[0])",
        got: "\(first.name) \(first.tensor.type), \(name) \(tensor.type)",
        hint: "every input, target and weight needs one entry for each sample")
    }
    guard count <= Int32.max else {
      throw FormatError("at most 2147483647 samples can be trained with", got: "\(count)")
    }
    guard sampleWeights.count <= 1 || sampleWeights.count == targets.count else {
      throw FormatError(
        "sample weights are one tensor for all targets or one for each",
        got: "\(sampleWeights.count) for \(targets.count) targets")
    }
    self.inputs = inputs
    self.inputNames = inputNames
    self.targets = targets
    self.targetNames = targetNames
    self.sampleWeights = sampleWeights
    self.classNames = classNames
    sampleCount = count
  }

  /// Creates the samples of one input `x` and one target `y`.
  public init(
    x: Tensor, y: Tensor, sampleWeights: Tensor? = nil, classNames: [String] = []
  ) throws(FormatError) {
    try self.init(
      inputs: [x], targets: [y], sampleWeights: sampleWeights.map { [$0] } ?? [],
      classNames: classNames)
  }

  /// All tensors in the order a training step takes them: inputs, targets, weights of samples.
  public var tensors: [Tensor] { inputs + targets + sampleWeights }

  /// Sets the last `validationFraction` of the samples apart, before any shuffling, as Keras does.
  ///
  /// Throws unless both parts have a sample.
  public func split(
    validationFraction: Double
  ) throws(FormatError) -> (training: TrainingData, validation: TrainingData) {
    guard validationFraction > 0, validationFraction < 1 else {
      throw FormatError(
        "a validation split lies between 0 and 1", got: "\(validationFraction)",
        hint: "0.1 sets a tenth of the samples apart")
    }
    let count = Int(Double(sampleCount) * (1 - validationFraction))
    guard count > 0, count < sampleCount else {
      throw FormatError(
        "a validation split of \(validationFraction) leaves one part empty",
        got: "\(sampleCount) samples", hint: "give more samples or another fraction")
    }
    return (rows(0..<count), rows(count..<sampleCount))
  }

  /// The samples `range`, which must lie within the samples.
  public func rows(_ range: Range<Int>) -> TrainingData {
    TrainingData(of: self, count: range.count) { $0.rows(range) }
  }

  /// The samples `rows`, in that order.
  ///
  /// Throws when there is no such sample.
  public func subset(rows: [Int]) throws(FormatError) -> TrainingData {
    for row in rows where !(0..<sampleCount).contains(row) {
      throw FormatError("there is no sample \(row)", got: "\(sampleCount) samples")
    }
    let order = rows.map(Int32.init)
    return TrainingData(of: self, count: rows.count) { tensor in
      if tensor.dtype == .string { return tensor.stringRows(rows) }
      return Tensor(tensor.type(samples: rows.count)) { bytes in
        order.withUnsafeBufferPointer { tensor.copyRows($0, to: bytes) }
      }
    }
  }

  private init(of data: TrainingData, count: Int, _ part: (Tensor) -> Tensor) {
    inputs = data.inputs.map(part)
    inputNames = data.inputNames
    targets = data.targets.map(part)
    targetNames = data.targetNames
    sampleWeights = data.sampleWeights.map(part)
    classNames = data.classNames
    mapping = data.mapping
    sampleCount = count
  }

  private static func named(
    _ tensors: [Tensor], _ names: [String], _ role: String
  ) -> [(name: String, tensor: Tensor)] {
    tensors.enumerated().map { index, tensor in
      let name = names.indices.contains(index) ? names[index] : nil
      return (name ?? (tensors.count == 1 ? role : "\(role)[\(index)]"), tensor)
    }
  }
}
