import TensorGraph

/// What training reports beside the loss: the mean over all samples of a number for each.
///
/// A plain value. Sums and counts are kept by the model in `float64`, so the mean is exact over any
/// number of batches, the last short one included.
public protocol Metric: Sendable, Codable, Equatable {
  /// The name of the class, as Keras's files have it.
  var className: String { get }
  /// What targets have to be.
  var targets: TargetForm { get }
  /// The value of each sample, and of each step of sequences.
  ///
  /// - Parameters:
  ///   - target: aligned with the prediction as `targets` says.
  ///   - prediction: `[batch, …, units]`
  /// - Returns: `[batch, …]`
  func values(_ target: Symbol, _ prediction: Symbol) -> Symbol
}

extension Metric {
  /// The name of the class, as Keras's files have it.
  public var className: String { String(describing: type(of: self)) }

  /// What a batch adds to the sum of the values and to their count, each `float64`.
  ///
  /// Samples and steps that the mask of `prediction` leaves out do not count.
  package func accumulation(
    _ target: Symbol, _ prediction: Symbol, sampleWeight: Symbol?
  ) -> (total: Symbol, count: Symbol) {
    let values = values(targets.aligned(target, with: prediction), prediction)
    guard values.isValid else { return (values, values) }
    var weight = sampleWeight.map { aligned($0.cast(to: values.dtype), with: values) }
    for mask in [prediction.mask, values.mask] {
      guard let mask = mask.map({ aligned($0, with: values).cast(to: values.dtype) }) else {
        continue
      }
      weight = weight.map { $0 * mask } ?? mask
    }
    guard let weight else {
      let count = values.trace.constant(Double(values.shape.count), dtype: .float64)
      return (values.sum().cast(to: .float64), count)
    }
    let total = select(weight .== 0, weight * 0, values * weight).sum()
    return (total.cast(to: .float64), weight.broadcast(to: values.shape).sum().cast(to: .float64))
  }
}
