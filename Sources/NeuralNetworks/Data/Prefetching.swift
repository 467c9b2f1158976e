import Dispatch
import TensorGraph

/// The batches of epoch after epoch.
///
/// Where batches are rows of tensors and nothing more, each is gathered when it is asked for, by all
/// threads of the engine: it is then in the cache, and no other thread disturbs theirs. Where the
/// data are mapped, batches are prepared in the background.
///
/// Many of these are gathered at once, into memory that is used again and again: small batches cost
/// next to nothing, and nothing is allocated once every block has been filled. While one block is
/// consumed, the next is filled, beyond the end of an epoch too.
///
/// A batch that the consumer still holds when its memory is due again keeps its numbers: tensors
/// are values, so the block then gets other memory.
///
///     let batches = BatchPrefetcher(data, batchSize: 32, shuffle: true, seed: 1)
///     while let batch = batches.next() { … }   // the first epoch
///     while let batch = batches.next() { … }   // the second
public final class BatchPrefetcher: BatchSource {
  public let batchesPerEpoch: Int?
  public let samplesPerEpoch: Int?
  /// The epoch, from 0, that `next()` gives batches of.
  public private(set) var epoch: Int

  private let filler: BlockFiller
  /// Whether a batch is gathered no sooner than it is asked for.
  private let isImmediate: Bool
  private var blocks: [BatchBlock] = []
  private let queue = DispatchQueue(label: "strata.batches", qos: .userInitiated)
  /// How many batches of this epoch `next()` has given.
  private var position = 0
  /// The block that batches are taken from, and how many of it have been.
  private var current = 0
  private var taken = 0
  private var isCurrentReady = false
  /// The place in the stream of the next block to ask for.
  private var upcoming: (epoch: Int, batch: Int)

  /// Prepares the batches of `data`, beginning with `epoch`, with the threads of `engine`.
  ///
  /// Throws when `batchSize` is not positive or there is no sample.
  public init(
    _ data: TrainingData, batchSize: Int, shuffle: Bool, seed: UInt64 = 0, epoch: Int = 0,
    engine: any Engine = ReferenceEngine()
  ) throws(FormatError) {
    guard batchSize > 0 else {
      throw FormatError("a batch has at least one sample", got: "batch size \(batchSize)")
    }
    guard data.sampleCount > 0 else { throw FormatError("there is no sample to make batches of") }
    isImmediate = data.mapping == nil
    filler = try BlockFiller(
      data, batchSize: batchSize, seed: seed, shuffles: shuffle, engine: engine)
    batchesPerEpoch = filler.batchesPerEpoch
    samplesPerEpoch = data.sampleCount
    self.epoch = epoch
    upcoming = (epoch, 0)
    blocks = (0..<2).map { _ in BatchBlock(capacity: filler.batchesPerBlock) }
    if !isImmediate { for block in blocks { request(block) } }
  }

  /// The next batch of the epoch, or nothing at its end; the call after that begins another epoch.
  public func next() -> Batch? {
    if position == filler.batchesPerEpoch {
      position = 0
      epoch += 1
      return nil
    }
    if isCurrentReady, taken == blocks[current].batchCount {
      // All batches of this block are done with: fill it again, go on with the other.
      if !isImmediate { request(blocks[current]) }
      current = (current + 1) % blocks.count
      taken = 0
      isCurrentReady = false
    }
    if !isCurrentReady {
      // Two take turns in any case: the consumer may still hold the batch before.
      if isImmediate { request(blocks[current]) }
      blocks[current].isFilled.wait()
      isCurrentReady = true
    }
    defer {
      taken += 1
      position += 1
    }
    let (tensors, count) = blocks[current].batch(taken)
    return Batch(
      tensors: tensors, inputCount: filler.inputCount, targetCount: filler.targetCount,
      sampleCount: count)
  }

  public func restart(epoch: Int, batch: Int = 0) {
    if position == batch, self.epoch == epoch { return }
    for index in blocks.indices where !isImmediate && !(index == current && isCurrentReady) {
      blocks[index].isFilled.wait()
    }
    self.epoch = epoch
    (position, current, taken, isCurrentReady) = (min(batch, filler.batchesPerEpoch), 0, 0, false)
    upcoming = position < filler.batchesPerEpoch ? (epoch, position) : (epoch + 1, 0)
    if !isImmediate { for block in blocks { request(block) } }
  }

  private func request(_ block: BatchBlock) {
    let (filler, place) = (filler, upcoming)
    let count = min(filler.batchesPerBlock, filler.batchesPerEpoch - place.batch)
    upcoming.batch += count
    if upcoming.batch == filler.batchesPerEpoch { upcoming = (place.epoch + 1, 0) }
    let batches = place.batch..<place.batch + count
    guard !isImmediate else {
      filler.fill(block, epoch: place.epoch, batches: batches)
      block.isFilled.signal()
      return
    }
    queue.async {
      filler.fill(block, epoch: place.epoch, batches: batches)
      block.isFilled.signal()
    }
  }
}

/// The memory of several batches that are gathered together.
///
/// Unchecked because it is written only by the queue, between a request and `isFilled`, and read
/// only by the consumer, after `isFilled` and before the next request.
private final class BatchBlock: @unchecked Sendable {
  let isFilled = DispatchSemaphore(value: 0)
  var batchCount = 0
  /// The tensors of the batches that have the full size.
  var full: [[Tensor]] = []
  /// The tensors of an epoch's last batch when it is smaller.
  var rest: [Tensor] = []
  var fullCount = 0
  var fullSize = 0
  var restSize = 0

  init(capacity: Int) { full.reserveCapacity(capacity) }

  func batch(_ index: Int) -> (tensors: [Tensor], sampleCount: Int) {
    index < fullCount ? (full[index], fullSize) : (rest, restSize)
  }
}

/// Gathers the samples of batches. Used on one queue, or by its consumer, alone, hence unchecked.
private final class BlockFiller: @unchecked Sendable {
  let batchesPerEpoch: Int
  let batchesPerBlock: Int
  private let tensors: [Tensor]
  private let sampleCount: Int
  private let batchSize: Int
  private let seed: UInt64
  private let shuffles: Bool
  private let engine: any Engine
  /// What makes inputs of the gathered ones, for full batches and for a smaller one.
  private var full: (any Executable)?, rest: (any Executable)?
  /// The number of inputs that are gathered, and of those that a batch has.
  private let gatheredCount: Int
  private(set) var inputCount: Int
  let targetCount: Int
  private var order: (epoch: Int, rows: [Int32])?

  init(
    _ data: TrainingData, batchSize: Int, seed: UInt64, shuffles: Bool, engine: any Engine
  ) throws(FormatError) {
    tensors = data.tensors
    sampleCount = data.sampleCount
    self.batchSize = min(batchSize, data.sampleCount)
    self.seed = seed
    self.shuffles = shuffles
    self.engine = engine
    gatheredCount = data.inputs.count
    inputCount = gatheredCount
    targetCount = data.targets.count
    batchesPerEpoch = (sampleCount + self.batchSize - 1) / self.batchSize
    guard let mapping = data.mapping else {
      batchesPerBlock = 1
      return
    }
    // Half a megabyte stays in the cache of a core until it is used.
    let sampleBytes = tensors.reduce(0) { $0 + $1.byteCount } / sampleCount
    batchesPerBlock = min(max((1 << 19) / max(sampleBytes * self.batchSize, 1), 1), 256)
    do {
      full = try mapping.preparation(of: data.inputs, samples: self.batchSize)
      inputCount = try data.inputTypes(samples: self.batchSize).count
      let left = sampleCount % self.batchSize
      if left > 0 { rest = try mapping.preparation(of: data.inputs, samples: left) }
    } catch {
      throw FormatError("\(error)")
    }
  }

  func fill(_ block: BatchBlock, epoch: Int, batches: Range<Int>) {
    let rows = rows(of: epoch)
    let isLastSmaller = batches.upperBound == batchesPerEpoch && sampleCount % batchSize != 0
    block.fullCount = batches.count - (isLastSmaller ? 1 : 0)
    block.batchCount = batches.count
    block.fullSize = batchSize
    rows.withUnsafeBufferPointer { rows in
      for index in 0..<block.fullCount {
        if block.full.count == index { block.full.append(memory(batchSize)) }
        let start = (batches.lowerBound + index) * batchSize
        gather(UnsafeBufferPointer(rebasing: rows[start..<start + batchSize]), &block.full[index])
        prepare(&block.full[index], full, epoch: epoch, batch: batches.lowerBound + index)
      }
      if isLastSmaller {
        block.restSize = sampleCount % batchSize
        if block.rest.isEmpty { block.rest = memory(block.restSize) }
        gather(UnsafeBufferPointer(rebasing: rows.suffix(block.restSize)), &block.rest)
        prepare(&block.rest, rest, epoch: epoch, batch: batchesPerEpoch - 1)
      }
    }
  }

  private func gather(_ rows: UnsafeBufferPointer<Int32>, _ out: inout [Tensor]) {
    // What was prepared is no memory for what is gathered.
    if full != nil { out = memory(rows.count) }
    for index in tensors.indices {
      guard tensors[index].dtype != .string else {
        out[index] = tensors[index].stringRows(rows.map { Int($0) })
        continue
      }
      out[index].withUnsafeMutableBytes { bytes in
        engine.copyRows(rows, of: tensors[index], to: bytes)
      }
    }
  }

  /// Replaces the inputs in `tensors` by what `preparation` makes of them.
  private func prepare(
    _ tensors: inout [Tensor], _ preparation: (any Executable)?, epoch: Int, batch: Int
  ) {
    guard let preparation else { return }
    let step = Int64(epoch) * Int64(batchesPerEpoch) + Int64(batch)
    let key = Tensor([2], [Int64(bitPattern: seed), step])
    let inputs = preparation.run(Array(tensors.prefix(gatheredCount)) + [key])
    tensors.replaceSubrange(..<gatheredCount, with: inputs)
  }

  private func memory(_ samples: Int) -> [Tensor] {
    tensors.map { tensor in
      tensor.dtype == .string
        ? Tensor([0], [String]()) : Tensor(zeros: tensor.type(samples: samples))
    }
  }

  private func rows(of epoch: Int) -> [Int32] {
    if let order, order.epoch == epoch || !shuffles { return order.rows }
    order = nil
    let rows =
      shuffles
      ? shuffledOrder(count: sampleCount, seed: seed, epoch: epoch)
      : [Int32](0..<Int32(sampleCount))
    order = (epoch, rows)
    return rows
  }
}
