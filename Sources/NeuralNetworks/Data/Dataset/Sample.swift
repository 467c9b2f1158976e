import TensorGraph

/// An element of a `Dataset`: the tensors of one sample or, after `batch`, of a whole batch.
///
/// The tensors of one sample have no axis of samples; those of a batch have it in front.
public struct Sample: Sendable, Hashable {
  /// The inputs, in the order of the model's.
  public var inputs: [Tensor]
  /// The targets, in the order of the model's outputs; empty to predict only.
  public var targets: [Tensor]
  /// How much the sample counts, or each of its steps: nothing, one tensor for all targets, or one
  /// for each.
  public var sampleWeights: [Tensor]

  /// Creates a sample of these tensors.
  public init(inputs: [Tensor], targets: [Tensor] = [], sampleWeights: [Tensor] = []) {
    self.inputs = inputs
    self.targets = targets
    self.sampleWeights = sampleWeights
  }

  /// Creates a sample of one input `x` and, if there is one, a target `y`.
  public init(_ x: Tensor, _ y: Tensor? = nil, sampleWeight: Tensor? = nil) {
    self.init(
      inputs: [x], targets: y.map { [$0] } ?? [], sampleWeights: sampleWeight.map { [$0] } ?? [])
  }

  /// Inputs, then targets, then weights.
  var tensors: [Tensor] { inputs + targets + sampleWeights }
  /// The memory of all tensors, in bytes.
  var byteCount: Int {
    inputs.reduce(0) { $0 + $1.byteCount } + targets.reduce(0) { $0 + $1.byteCount }
      + sampleWeights.reduce(0) { $0 + $1.byteCount }
  }

  /// The sample with each tensor replaced by what `transform` makes of it.
  func mapTensors<E: Error>(_ transform: (Tensor) throws(E) -> Tensor) throws(E) -> Sample {
    Sample(
      inputs: try inputs.map(transform), targets: try targets.map(transform),
      sampleWeights: try sampleWeights.map(transform))
  }

  /// What a message calls the tensor at `index` of `tensors`.
  func role(_ index: Int) -> String {
    func name(_ word: String, _ place: Int, of count: Int) -> String {
      count == 1 ? word : "\(word)[\(place)]"
    }
    let target = index - inputs.count, weight = target - targets.count
    if target < 0 { return name("x", index, of: inputs.count) }
    return weight < 0
      ? name("y", target, of: targets.count)
      : name("sample weights", weight, of: sampleWeights.count)
  }
}
