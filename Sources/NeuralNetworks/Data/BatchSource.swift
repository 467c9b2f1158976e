import TensorGraph

/// A few samples that a training step takes at once.
public struct Batch: Sendable {
  /// The tensors of the samples: inputs, then targets, then weights of samples.
  public let tensors: [Tensor]
  /// How many of them are inputs.
  public let inputCount: Int
  /// How many of them are targets.
  public let targetCount: Int
  /// The number of samples; in the last batch of an epoch possibly fewer than in the others.
  public let sampleCount: Int

  /// The inputs, `[samples, …]`.
  public var inputs: ArraySlice<Tensor> { tensors[..<inputCount] }
  /// The targets, `[samples, …]`.
  public var targets: ArraySlice<Tensor> { tensors[inputCount..<inputCount + targetCount] }
  /// How much each sample counts: nothing, one tensor, or one for each target.
  public var sampleWeights: ArraySlice<Tensor> { tensors[(inputCount + targetCount)...] }

  /// A batch of these tensors, whose first axes are the same.
  public init(inputs: [Tensor], targets: [Tensor] = [], sampleWeights: [Tensor] = []) {
    tensors = inputs + targets + sampleWeights
    inputCount = inputs.count
    targetCount = targets.count
    sampleCount = inputs.first?.shape.dims.first ?? 0
  }

  init(tensors: [Tensor], inputCount: Int, targetCount: Int, sampleCount: Int) {
    self.tensors = tensors
    self.inputCount = inputCount
    self.targetCount = targetCount
    self.sampleCount = sampleCount
  }
}

/// Where the batches of epochs come from, one after another.
///
/// The batches of an epoch depend on the epoch alone, so that a training that was interrupted goes
/// on with the same ones.
public protocol BatchSource: AnyObject {
  /// The number of batches of an epoch; nothing when it is not known, or there is no end.
  var batchesPerEpoch: Int? { get }
  /// The number of samples of an epoch; nothing when it is not known, or there is no end.
  var samplesPerEpoch: Int? { get }
  /// The next batch of the epoch, or nothing at its end; the call after that begins another epoch.
  ///
  /// - Throws: when a sample cannot be had.
  func next() throws -> Batch?
  /// Makes `next()` go on with `batch`, counted from 0, of `epoch`, wherever it was.
  func restart(epoch: Int, batch: Int) throws
}
