import TensorGraph

/// What the targets of a loss or a metric have to be: their shape and their numbers.
public enum TargetForm: Sendable, Hashable {
  /// A class for each prediction: whole numbers from 0 to below the size of an axis of the
  /// prediction, the last one if nothing is said, or the one that is ignored.
  case labels(ignored: Int? = nil, axis: Int = -1)
  /// A sequence of classes for each of predictions `[batch, time, classes]`: `[batch, labels]`,
  /// whole numbers from 0 to below `classes`. Zeros fill up shorter sequences.
  case labelSequences
  /// A whole number for each sample, `[batch]`: those with the same one belong together.
  case identities
  /// A probability for each class, in the shape of the prediction.
  case probabilities
  /// Numbers from 0 to 1 in the shape of the prediction.
  case binary
  /// Any numbers in the shape of the prediction.
  case numbers

  /// The shape of the targets for a prediction of `shape`. Sequences of labels may be of any
  /// length; this is one that goes with the prediction.
  func expectedShape(_ shape: Shape) -> Shape {
    switch self {
    case .labels(_, let axis): shape.axis(axis).map { shape.removing($0) } ?? shape
    case .labelSequences where shape.rank > 1: [shape[0], max(shape[1] / 2, 1)]
    case .identities: Shape(Array(shape.dims.prefix(1)))
    case .labelSequences, .probabilities, .binary, .numbers: shape
    }
  }

  /// The number of classes of targets for predictions with these sizes, as far as they are known.
  func classes(_ sizes: [Int?]) -> Int? {
    guard case .labels(_, let axis) = self else { return sizes.last ?? nil }
    let positive = axis < 0 ? axis + sizes.count : axis
    return sizes.indices.contains(positive) ? sizes[positive] : nil
  }

  /// Whether targets of `shape` are those of a prediction, but for a last axis of size 1.
  func accepts(_ shape: Shape, prediction: Shape) -> Bool {
    if self == .labelSequences {
      return prediction.rank == 3 && shape.rank == 2 && shape[0] == prediction[0] && shape[1] > 0
    }
    if self == .identities, prediction.rank != 2 { return false }
    let expected = expectedShape(prediction)
    return shape == expected || Shape(shape.dims + [1]) == expected
      || shape == Shape(expected.dims + [1])
  }

  /// `target` in the shape and of the element type that losses and metrics compute with.
  package func aligned(_ target: Symbol, with prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return target.trace.invalid }
    guard accepts(target.shape, prediction: prediction.shape) else {
      return target.trace.fail(
        mismatch(target.shape, prediction.shape), operands: [target.type, prediction.type],
        hint: help(target.shape, prediction.shape))
    }
    let shaped =
      self == .labelSequences ? target : target.reshaped(expectedShape(prediction.shape))
    switch self {
    case .labels, .labelSequences, .identities:
      return shaped.dtype == .int64 ? shaped : shaped.cast(to: .int32)
    case .probabilities, .binary, .numbers: return shaped.cast(to: prediction.dtype)
    }
  }

  /// What is wrong with targets of `shape` for a prediction.
  func mismatch(_ shape: Shape, _ prediction: Shape) -> String {
    if self == .labelSequences {
      return "targets of shape \(shape) do not fit predictions of shape \(prediction): expected "
        + "[batch, labels] and [batch, time, classes]"
    }
    let expected = expectedShape(prediction)
    if self == .identities, prediction.rank != 2 {
      return "predictions of shape \(prediction) are no embeddings: expected [batch, units]"
    }
    return "targets of shape \(shape) do not fit predictions of shape \(prediction)"
      + (expected == prediction ? "" : ": expected \(expected)")
  }

  /// What to do about targets of `shape` for a prediction.
  func help(_ shape: Shape, _ prediction: Shape) -> String? {
    if case .labels(_, let axis) = self, prediction.rank > 0, prediction.axis(axis) == nil {
      return "there is no axis \(axis) of classes"
    }
    return switch self {
    case .labels where shape == prediction:
      "one-hot targets go with categorical_crossentropy"
    case .probabilities where shape == TargetForm.labels().expectedShape(prediction):
      "labels go with sparse_categorical_crossentropy"
    case .binary where prediction.rank > 0 && prediction[-1] > 1 && shape.rank < prediction.rank:
      "labels of several classes go with sparse_categorical_crossentropy"
    default:
      shape.rank > 0 && prediction.rank > 0 && shape[-1] != prediction[-1] && self == .numbers
        ? "the last layer needs \(shape.rank == prediction.rank ? shape[-1] : 1) units" : nil
    }
  }
}
