import TensorGraph

/// The batches of a dataset, prepared in the background.
package final class DatasetSource: BatchSource {
  package let batchesPerEpoch: Int?
  package let samplesPerEpoch: Int?
  private let node: any DatasetNode
  private let limit: Int
  private let byteLimit: Int
  private let seed: UInt64
  /// Whether every epoch has the batches of the first.
  private let isFixed: Bool
  /// The epoch after which none is prepared before it is asked for.
  private let lastEpoch: Int
  private var epoch: Int
  /// How many batches of this epoch `next()` has given.
  private var position = 0
  private var stream: BackgroundStream?
  /// The stream of the epoch after this one, once this one is prepared.
  private var upcoming: BackgroundStream?

  /// Prepares the batches of `dataset`, beginning with `epoch`.
  ///
  /// - Parameters:
  ///   - dataset: Batches.
  ///   - seed: What random numbers follow from where an operation was given no seed.
  ///   - epoch: The epoch to begin with.
  ///   - isFixed: Whether every epoch has the batches of the first, as those that are measured.
  ///   - lastEpoch: The epoch after which none is prepared before it is asked for.
  /// - Throws: when the dataset has no batches.
  package init(
    _ dataset: Dataset, seed: UInt64, epoch: Int = 0, isFixed: Bool = false, lastEpoch: Int = 0
  ) throws(FormatError) {
    guard dataset.isBatched else {
      throw FormatError(
        "the dataset has samples, and a model takes batches",
        hint: "end it with batch, such as dataset.batch(32)")
    }
    // A last prefetch says how many batches are prepared ahead.
    let prefetch = dataset.node as? PrefetchNode
    node = prefetch?.source ?? dataset.node
    limit = prefetch?.limit ?? 64
    byteLimit = prefetch == nil ? 1 << 24 : .max
    batchesPerEpoch = dataset.count
    samplesPerEpoch = dataset.node.sampleCount
    self.seed = seed
    self.isFixed = isFixed
    self.lastEpoch = lastEpoch
    self.epoch = epoch
  }

  package func next() throws -> Batch? {
    let stream = self.stream ?? start(epoch, from: position)
    self.stream = stream
    guard let sample = try stream.next() else {
      guard position > 0 else {
        throw FormatError(
          "the dataset has no batch", at: .part("epoch \(epoch)"),
          hint: "it is empty, a filter left nothing, or dropRemainder dropped all")
      }
      epoch += 1
      position = 0
      self.stream = upcoming
      upcoming = nil
      return nil
    }
    position += 1
    if upcoming == nil, epoch < lastEpoch, stream.isWhole {
      upcoming = start(epoch + 1, from: 0)
    }
    return Batch(
      tensors: sample.tensors, inputCount: sample.inputs.count,
      targetCount: sample.targets.count,
      sampleCount: sample.inputs.first?.shape.dims.first ?? 0)
  }

  package func restart(epoch: Int, batch: Int) {
    guard epoch != self.epoch || batch != position else { return }
    self.epoch = epoch
    position = batch
    stream = nil
    upcoming = nil
  }

  private func start(_ epoch: Int, from batch: Int) -> BackgroundStream {
    let (node, pass) = (node, Pass(epoch: isFixed ? 0 : epoch, seed: seed))
    return BackgroundStream(limit: limit, byteLimit: byteLimit) {
      try node.stream(pass, from: batch)
    }
  }
}
