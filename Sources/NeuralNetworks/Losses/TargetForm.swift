import TensorGraph

/// What the targets of a loss or a metric have to be: their shape and their numbers.
public enum TargetForm: Sendable, Hashable {
  /// A class for each prediction: whole numbers from 0 to below the last axis of the prediction,
  /// or the one that is ignored.
  case labels(ignored: Int? = nil)
  /// A probability for each class, in the shape of the prediction.
  case probabilities
  /// Numbers from 0 to 1 in the shape of the prediction.
  case binary
  /// Any numbers in the shape of the prediction.
  case numbers

  /// The shape of the targets for a prediction of `shape`.
  func expectedShape(_ shape: Shape) -> Shape {
    if case .labels = self, shape.rank > 0 { return shape.removing(-1) }
    return shape
  }

  /// Whether targets of `shape` are those of a prediction, but for a last axis of size 1.
  func accepts(_ shape: Shape, prediction: Shape) -> Bool {
    let expected = expectedShape(prediction)
    return shape == expected || Shape(shape.dims + [1]) == expected
      || shape == Shape(expected.dims + [1])
  }

  /// `target` in the shape and of the element type that losses and metrics compute with.
  func aligned(_ target: Symbol, with prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return target.trace.invalid }
    guard accepts(target.shape, prediction: prediction.shape) else {
      return target.trace.fail(
        mismatch(target.shape, prediction.shape), operands: [target.type, prediction.type],
        hint: help(target.shape, prediction.shape))
    }
    let shaped = target.reshaped(expectedShape(prediction.shape))
    if case .labels = self {
      return shaped.dtype == .int64 ? shaped : shaped.cast(to: .int32)
    }
    return shaped.cast(to: prediction.dtype)
  }

  /// What is wrong with targets of `shape` for a prediction.
  func mismatch(_ shape: Shape, _ prediction: Shape) -> String {
    let expected = expectedShape(prediction)
    return "targets of shape \(shape) do not fit predictions of shape \(prediction)"
      + (expected == prediction ? "" : ": expected \(expected)")
  }

  /// What to do about targets of `shape` for a prediction.
  func help(_ shape: Shape, _ prediction: Shape) -> String? {
    switch self {
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
