import TensorGraph

/// How the losses of a batch become one number.
public enum LossReduction: String, Sendable, Hashable, Codable, CaseIterable {
  /// The weighted sum divided by how many values there are, zero weights included.
  case sumOverBatchSize = "sum_over_batch_size"
  /// The weighted sum.
  case sum
  /// The same as `sumOverBatchSize`.
  case mean
  /// The weighted sum divided by the sum of the weights.
  case meanWithSampleWeight = "mean_with_sample_weight"

  /// `values`, `[batch, …]`, as a scalar.
  ///
  /// Values that one of `masks` leaves out do not count: with `sumOverBatchSize`, the mean is over
  /// those that do.
  func reduced(_ values: Symbol, sampleWeight: Symbol?, masks: [Symbol?]) -> Symbol {
    var weight = sampleWeight.map { aligned($0.cast(to: values.dtype), with: values) }
    let masks = masks.compactMap { $0.map { aligned($0, with: values) } }
    if let first = masks.first {
      var mask = masks.dropFirst().reduce(first, .&).cast(to: values.dtype)
      if self == .sumOverBatchSize || self == .mean {
        mask = mask * (Double(mask.shape.count) / (mask.sum() + 1e-7))
      }
      weight = weight.map { $0 * mask } ?? mask
    }
    // A value without weight does not count even if it is infinite or NaN: padding is anything.
    let weighted = weight.map { select($0 .== 0, $0 * 0, values * $0) } ?? values
    let sum = weighted.sum()
    switch self {
    case .sum: return sum
    case .meanWithSampleWeight:
      if let weight {
        let total = weight.broadcast(to: weighted.shape).sum()
        return select(total .== 0, total, sum / select(total .== 0, total + 1, total))
      }
      fallthrough
    case .sumOverBatchSize, .mean: return sum / Double(max(weighted.shape.count, 1))
    }
  }
}

extension LossReduction {
  /// - Throws: for a name that is none of these: Keras's `none` among them, which leaves a number
  ///   for each sample.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = container.decodeNil() ? "none" : try container.decode(String.self)
    if let reduction = Self(rawValue: name) {
      self = reduction
    } else if name.lowercased() == "none" {
      throw ConfigurationError(
        "a loss with the reduction none is one number for each sample: it cannot be trained with",
        hint: "sum_over_batch_size makes their mean small, sum their sum")
    } else {
      throw ConfigurationError(
        "there is no reduction \(name)", hint: spellingHint(name, in: Self.allCases.map(\.rawValue))
      )
    }
  }
}

/// `weight` or mask, `[batch]` or `[batch, …]`, with axes of size 1 added until it has as many as
/// `values`: a weight of a sample counts for all its steps.
///
/// Where there is a single value, that of the whole batch, every weight is one of it.
func aligned(_ weight: Symbol, with values: Symbol) -> Symbol {
  guard weight.isValid, values.isValid else { return weight }
  if weight.shape == values.shape || values.shape.rank == 0 { return weight }
  var dims = weight.shape.dims
  while dims.count > values.shape.rank, dims.last == 1 { dims.removeLast() }
  while dims.count < values.shape.rank { dims.append(1) }
  guard Shape(dims).broadcast(with: values.shape) == values.shape else {
    return weight.trace.fail(
      "weights or a mask of shape \(weight.shape) do not fit losses of shape \(values.shape)",
      hint: "give one weight for each sample, or one for each step")
  }
  return weight.reshaped(Shape(dims))
}
