import TensorGraph

/// Connectionist temporal classification: the negative logarithm of the probability that the steps
/// of a sequence spell the labels, whichever steps they are at.
///
/// - Targets: `[batch, labels]`, classes from 1. Class 0 is the blank: zeros fill up shorter
///   sequences, wherever they stand.
/// - Predictions: `[batch, time, classes]`, logits. Steps that their mask leaves out are skipped.
///
/// Each step gives a label or a blank; labels of neighboring steps that are equal, without a blank
/// between them, are one. Where there are more labels than steps the loss is about 1e5.
///
/// Reference: Graves et al., 2006, https://doi.org/10.1145/1143844.1143891
public struct CTC: Loss {
  public var reduction: LossReduction

  /// Creates the loss.
  public init(reduction: LossReduction = .sumOverBatchSize) { self.reduction = reduction }

  public var targets: TargetForm { .labelSequences }

  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return prediction.trace.invalid }
    let labels = packed(target)
    let trace = prediction.trace
    let (batch, count, time) = (labels.shape[0], labels.shape[1], prediction.shape[1])
    // A path goes through the labels with a blank before, between and after them.
    let stops = 2 * count + 1
    let blank = trace.constant(0, [batch, count], dtype: labels.dtype)
    let path = concatenate(
      [
        stack([blank, labels], axis: 2).reshaped([batch, 2 * count]),
        blank.sliced(axis: 1, 0..<1),
      ], axis: 1)
    let logP = logSoftmax(prediction).gathered(
      along: -1, at: path.expandingDims(at: 1).broadcast(to: [batch, time, stops]))

    // A blank may be left out between labels that differ.
    let before = path.padded(low: [0, 2], high: [0, 0]).sliced(axis: 1, 0..<stops)
    let maySkip = (path .!= 0) .& (path .!= before)
    let skip = select(maySkip, trace.constant(0, dtype: logP.dtype), impossible)
    let place = trace.iota([batch, stops], axis: 1)
    let start = select(place .== 0, trace.constant(0, dtype: logP.dtype), impossible)

    /// `x` of the stop that is `steps` earlier.
    func earlier(_ x: Symbol, _ steps: Int) -> Symbol {
      concatenate(
        [
          x.trace.constant(impossible, [batch, steps], dtype: x.dtype),
          x.sliced(axis: 1, 0..<stops - steps),
        ], axis: 1)
    }
    var sequences = [logP.transposed([1, 0, 2])]
    if let mask = prediction.mask { sequences.append(mask.transposed().expandingDims(at: 2)) }
    let last = scan(over: sequences, from: [start]) { step, state in
      let arrivals = stack([state[0], earlier(state[0], 1), earlier(state[0], 2) + skip], axis: 2)
      let moved = logSumExp(arrivals) + step[0]
      return ([step.count > 1 ? select(step[1], moved, state[0]) : moved], [])
    }.state[0]

    // It ends at the last label or at the blank after it.
    let end = 2 * (labels .!= 0).sum(axes: [1], keepDims: true)
    let isEnd = (place .== end) .| (place .== end - 1)
    return -logSumExp(select(isEnd, last, -1e30))
  }

  /// The labels with all zeros at the end.
  private func packed(_ target: Symbol) -> Symbol {
    let order = (target .== 0).cast(to: .int32).argsort()
    return target.gathered(along: -1, at: order)
  }

  /// The logarithm of what counts as no probability.
  private var impossible: Double { -1e5 }
}
