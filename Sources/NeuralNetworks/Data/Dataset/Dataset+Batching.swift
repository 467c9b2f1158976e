import TensorGraph

extension Dataset {
  /// Batches of `size` samples, along a new first axis.
  ///
  ///     let dataset = try Dataset(x: x, y: y).shuffle().batch(32, dropRemainder: true)
  ///
  /// - Parameters:
  ///   - size: The number of samples of a batch.
  ///   - dropRemainder: Whether a last batch with fewer samples is left out.
  /// - Returns: the batches.
  /// - Throws: when the size is not positive.
  public func batch(_ size: Int, dropRemainder: Bool = false) throws(FormatError) -> Dataset {
    try batch(size, dropRemainder, nil)
  }

  /// Batches of `size` samples of different lengths, each as long as the longest of its batch.
  ///
  ///     let dataset = try texts.paddedBatch(32)  // and Embedding(…, maskZero: true) or Masking
  ///
  /// What is added comes behind the end, along every axis. Weights of steps get zeros there.
  ///
  /// - Parameters:
  ///   - size: The number of samples of a batch.
  ///   - length: The length of the first axis of each input, the same for all batches; that of the
  ///     longest in the batch if nothing is said. Each length makes a graph of its own.
  ///   - targetLength: The same for targets and weights.
  ///   - value: What is put behind the end of inputs: 0 is what layers mask.
  ///   - targetValue: What is put behind the end of targets.
  ///   - dropRemainder: Whether a last batch with fewer samples is left out.
  /// - Returns: the batches.
  /// - Throws: when a number makes no sense.
  public func paddedBatch(
    _ size: Int, length: Int? = nil, targetLength: Int? = nil, value: Double = 0,
    targetValue: Double = 0, dropRemainder: Bool = false
  ) throws(FormatError) -> Dataset {
    for length in [length, targetLength] {
      if let length, length < 0 {
        throw FormatError("a length is at least 0", got: "\(length)")
      }
    }
    return try batch(
      size, dropRemainder,
      SamplePadding(
        length: length, targetLength: targetLength, value: value, targetValue: targetValue))
  }

  private func batch(
    _ size: Int, _ dropRemainder: Bool, _ padding: SamplePadding?
  ) throws(FormatError) -> Dataset {
    guard size > 0 else {
      throw FormatError("a batch has at least one sample", got: "batch size \(size)")
    }
    var result = Dataset(
      BatchNode(source: node, size: size, dropsRemainder: dropRemainder, padding: padding),
      isBatched: true, batchSize: size)
    result.classNames = classNames
    result.names = names
    return result
  }

  /// Batches of samples of similar lengths, each as long as the longest of its batch.
  ///
  ///     // Up to 9 steps 64 samples, from 10 to 49 steps 32, longer ones 8.
  ///     let dataset = try texts.bucketByLength(boundaries: [10, 50], batchSizes: [64, 32, 8])
  ///
  /// Samples are collected by length, and a batch is given as soon as it is full; at the end come
  /// those that are not. Less is computed on padding than with `paddedBatch`.
  ///
  /// - Parameters:
  ///   - boundaries: Where each bucket ends, growing: a sample belongs to the first whose boundary
  ///     is larger than its length.
  ///   - batchSizes: The number of samples of a batch of each bucket, and of those beyond the last.
  ///   - padsToBoundary: Whether inputs become as long as their bucket allows, so that there are
  ///     only as many lengths as buckets; a sample beyond the last is an error then.
  ///   - value: What is put behind the end of inputs: 0 is what layers mask.
  ///   - targetValue: What is put behind the end of targets.
  ///   - dropRemainder: Whether batches that are not full are left out.
  ///   - length: The length of a sample; the size of the first axis of the first input if nothing
  ///     is said.
  /// - Returns: the batches.
  /// - Throws: when the numbers make no sense.
  public func bucketByLength(
    boundaries: [Int], batchSizes: [Int], padsToBoundary: Bool = false, value: Double = 0,
    targetValue: Double = 0, dropRemainder: Bool = false,
    length: (@Sendable (Sample) throws -> Int)? = nil
  ) throws(FormatError) -> Dataset {
    guard batchSizes.count == boundaries.count + 1 else {
      throw FormatError(
        "\(boundaries.count) boundaries make \(boundaries.count + 1) buckets",
        got: "\(batchSizes.count) batch sizes", hint: "the last is for longer samples")
    }
    guard Swift.zip(boundaries, boundaries.dropFirst()).allSatisfy(<), boundaries.first ?? 1 > 0
    else {
      throw FormatError("boundaries are positive and grow", got: "\(boundaries)")
    }
    if let size = batchSizes.first(where: { $0 < 1 }) {
      throw FormatError("a batch has at least one sample", got: "batch size \(size)")
    }
    var result = Dataset(
      BucketNode(
        source: node, boundaries: boundaries, batchSizes: batchSizes,
        padsToBoundary: padsToBoundary, dropsRemainder: dropRemainder,
        padding: SamplePadding(value: value, targetValue: targetValue),
        length: length ?? { sample in try firstLength(sample) }), isBatched: true)
    result.classNames = classNames
    result.names = names
    return result
  }
}

/// The size of the first axis of the first input.
private func firstLength(_ sample: Sample) throws -> Int {
  guard let length = sample.inputs.first?.shape.dims.first else {
    throw FormatError(
      "a sample without axes has no length",
      got: sample.inputs.first.map { "\($0.type)" }, hint: "give length: to bucketByLength")
  }
  return length
}
