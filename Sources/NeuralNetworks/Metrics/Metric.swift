import TensorGraph

/// What training reports beside the loss.
///
/// A plain value. What it keeps from batch to batch, its states, belongs to the model: numbers in
/// `float64`, so that the result is exact over any number of batches, the last short one included.
/// Most metrics are means of a number for each sample: `MeanMetric` asks for that number alone.
///
///     struct LargestError: Metric {
///       var targets: TargetForm { .numbers }
///       func states(_ prediction: [Int?]) -> [MetricState] { ["largest"] }
///       func updated(
///         _ s: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
///       ) -> [Symbol] {
///         [maximum(s[0], abs(target - prediction).max().cast(to: .float64))]
///       }
///       func result(_ s: [[Double]]) -> [Double] { s[0] }
///     }
public protocol Metric: Sendable, Codable, Equatable {
  /// The name of the class, as Keras's files have it.
  var className: String { get }
  /// What logs call it unless it was chosen by another name.
  var defaultName: String { get }
  /// What targets have to be.
  var targets: TargetForm { get }
  /// What is wrong with the hyperparameters, if anything is.
  var mistake: String? { get }
  /// `target`, as the data has it, in the shape and of the element type that `updated` wants; by
  /// default as `targets` says.
  func aligned(_ target: Symbol, with prediction: Symbol) -> Symbol
  /// What is kept from batch to batch, for predictions of this shape, `nil` where it is open.
  ///
  /// - Throws: when it depends on an axis that is open, or does not fit.
  func states(_ prediction: [Int?]) throws(GraphError) -> [MetricState]
  /// The states after a batch.
  ///
  /// - Parameters:
  ///   - states: `float64`, of the shapes that `states(_:)` gave.
  ///   - target: aligned with the prediction.
  ///   - prediction: `[batch, …, units]`, with its mask.
  ///   - sampleWeight: `[batch]` or `[batch, …]`: how much each value counts.
  /// - Returns: the states' new values.
  func updated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol]
  /// The number or the numbers, one for each class say, that the states stand for.
  func result(_ states: [[Double]]) -> [Double]
}

/// A variable of a metric, `float64`; all its elements start as 0.
public struct MetricState: Sendable, Hashable, ExpressibleByStringLiteral {
  /// What it is called.
  public let name: String
  /// Its shape.
  public let shape: Shape

  /// A state called `name`; a single number without `shape`.
  public init(_ name: String, _ shape: Shape = []) {
    self.name = name
    self.shape = shape
  }

  public init(stringLiteral name: String) { self.init(name) }
}

extension Metric {
  /// The name of the class, as Keras's files have it.
  public var className: String { typeName(type(of: self)) }
  public var defaultName: String { className.snakeCased }
  public var mistake: String? { nil }

  public func aligned(_ target: Symbol, with prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return target.trace.invalid }
    let (given, wanted) = (target.shape, prediction.shape)
    if targets == .probabilities, wanted.rank > 0,
      TargetForm.labels().accepts(given, prediction: wanted)
    {
      return target.trace.fail(
        targets.mismatch(given, wanted), operands: [target.type, prediction.type],
        hint: "\(defaultName) needs one-hot targets; the loss for them is categorical_crossentropy")
    }
    return targets.aligned(target, with: prediction)
  }

  /// The states after a batch whose targets are as the data has them.
  package func accumulated(
    _ states: [Symbol], _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> [Symbol] {
    let aligned = aligned(target, with: prediction)
    guard aligned.isValid, prediction.isValid else { return states.map { $0.trace.invalid } }
    return updated(states, aligned, prediction, sampleWeight: sampleWeight)
  }

  /// How much each of `values`, `[batch, …]`, counts: by the weights of samples, by the mask of
  /// `prediction` and by that of the values. Nothing when all count alike.
  public func weights(
    of values: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> Symbol? {
    func fitted(_ weight: Symbol) -> Symbol {
      NeuralNetworks.aligned(weight, with: values).cast(to: values.dtype)
    }
    var weight = sampleWeight.map(fitted)
    for mask in [mask(of: prediction, for: values), values.mask] {
      guard let mask = mask.map(fitted) else { continue }
      weight = weight.map { $0 * mask } ?? mask
    }
    return weight
  }
}
