import TensorGraph

extension Dataset {
  /// The dataset `count` times, one epoch after another, each with an order and random numbers of
  /// its own; for ever if nothing is said.
  ///
  ///     try model.fit(dataset.repeat().batch(32), epochs: 10, stepsPerEpoch: 100)
  ///
  /// - Throws: when the number is negative.
  public func `repeat`(_ count: Int? = nil) throws(FormatError) -> Dataset {
    if let count { try Self.check(count, "repeat") }
    return with(RepeatNode(source: node, times: count))
  }

  /// The first `count` elements, or all if there are fewer.
  ///
  ///     let some = try dataset.take(100)
  ///
  /// - Throws: when the number is negative.
  public func take(_ count: Int) throws(FormatError) -> Dataset {
    try Self.check(count, "take")
    return with(SelectionNode(source: node, limit: count))
  }

  /// All but the first `count` elements.
  ///
  ///     let rest = try dataset.skip(100)
  ///
  /// - Throws: when the number is negative.
  public func skip(_ count: Int) throws(FormatError) -> Dataset {
    try Self.check(count, "skip")
    return with(SelectionNode(source: node, start: count))
  }

  /// Every `count`th element, beginning with the one at `index`: one of as many equal parts.
  ///
  ///     let mine = try dataset.shard(of: 4, index: worker)
  ///
  /// - Throws: when there is no such part.
  public func shard(of count: Int, index: Int) throws(FormatError) -> Dataset {
    guard count > 0, (0..<count).contains(index) else {
      throw FormatError(
        "there is no shard \(index) of \(count)",
        hint: "shards count from 0 to one below their number"
      )
    }
    return with(SelectionNode(source: node, start: index, step: count))
  }

  /// The elements of this dataset, then those of `other`.
  ///
  ///     let all = try photographs.concatenate(drawings)
  ///
  /// - Throws: when one has batches and the other samples.
  public func concatenate(_ other: Dataset) throws(FormatError) -> Dataset {
    try Self.check([self, other], "concatenated")
    return with(ConcatenationNode(parts: [node, other.node]))
  }

  /// `blockLength` elements of each dataset in turn; those that have ended are left out.
  ///
  ///     let mixed = try Dataset.interleave([photographs, drawings]).shuffle(bufferSize: 100)
  ///
  /// - Throws: when there is no dataset, some have batches and others samples, or the block is
  ///   empty.
  public static func interleave(
    _ datasets: [Dataset], blockLength: Int = 1
  ) throws(FormatError) -> Dataset {
    let first = try check(datasets, "interleaved")
    guard blockLength > 0 else {
      throw FormatError("a block has at least 1 element", got: "blockLength \(blockLength)")
    }
    return first.with(InterleavingNode(parts: datasets.map(\.node), blockLength: blockLength))
  }

  /// What `combine` makes of the elements at the same place of each dataset; as many as the
  /// shortest has.
  ///
  ///     let pairs = try Dataset.zip([left, right]) { Sample(inputs: [$0[0].inputs[0], $0[1].inputs[0]]) }
  ///
  /// - Parameters:
  ///   - datasets: Where the elements come from.
  ///   - combine: Makes one element of one of each; if nothing is said, all inputs, all targets and
  ///     all weights follow each other.
  /// - Returns: what was made.
  /// - Throws: when there is no dataset, or some have batches and others samples.
  public static func zip(
    _ datasets: [Dataset], _ combine: (@Sendable ([Sample]) throws -> Sample)? = nil
  ) throws(FormatError) -> Dataset {
    var result = try check(datasets, "zipped").with(
      ZipNode(
        parts: datasets.map(\.node),
        combine: combine ?? { samples in
          Sample(
            inputs: samples.flatMap(\.inputs), targets: samples.flatMap(\.targets),
            sampleWeights: samples.flatMap(\.sampleWeights))
        }))
    result.names = ([], [])
    return result
  }

  /// The samples whose inputs are those of one dataset, and whose targets are the inputs of
  /// another.
  ///
  ///     let dataset = try Dataset.zip(inputs: windows, targets: Dataset(x: labels))
  ///
  /// - Throws: when one has batches and the other samples.
  public static func zip(inputs: Dataset, targets: Dataset) throws(FormatError) -> Dataset {
    try zip([inputs, targets]) { samples in
      Sample(inputs: samples[0].inputs, targets: samples[1].inputs)
    }
  }

  /// Sets a part of the samples apart to measure on, drawn once for all epochs.
  ///
  ///     let (training, validation) = try pictures.split(validationFraction: 0.2, seed: 1)
  ///
  /// - Parameters:
  ///   - validationFraction: The share of samples that are set apart, rounded down.
  ///   - seed: Which ones; none, and they are the last, without any shuffling.
  /// - Returns: both parts.
  /// - Throws: when the samples are batches already, their number is not known, or one part would
  ///   be empty.
  public func split(
    validationFraction: Double, seed: UInt64? = nil
  ) throws(FormatError) -> (training: Dataset, validation: Dataset) {
    guard !isBatched, let count else {
      throw FormatError(
        isBatched
          ? "batches are not split" : "how many samples are to be split is not known",
        hint: isBatched ? "split before batch" : "use take and skip, or cache and count first")
    }
    guard validationFraction > 0, validationFraction < 1 else {
      throw FormatError(
        "a validation split lies between 0 and 1", got: "\(validationFraction)",
        hint: "0.1 sets a tenth of the samples apart")
    }
    let size = Int(validationFraction * Double(count))
    guard size > 0, size < count else {
      throw FormatError(
        "a validation split of \(validationFraction) leaves one part empty",
        got: "\(count) samples", hint: "give more samples or another fraction")
    }
    let whole =
      try seed.map { seed throws(FormatError) in
        try shuffle(seed: seed, reshufflesEachEpoch: false)
      } ?? self
    return (try whole.take(count - size), try whole.skip(count - size))
  }

  private static func check(_ count: Int, _ name: String) throws(FormatError) {
    guard count >= 0 else {
      throw FormatError("\(name) counts from 0", got: "\(name)(\(count))")
    }
  }

  /// The first of `datasets`.
  @discardableResult
  private static func check(
    _ datasets: [Dataset], _ what: String
  ) throws(FormatError) -> Dataset {
    guard let first = datasets.first else {
      throw FormatError("there is no dataset to be \(what)")
    }
    guard datasets.allSatisfy({ $0.isBatched == first.isBatched }) else {
      throw FormatError(
        "batches and samples cannot be \(what)", hint: "use batch on all datasets, or on none")
    }
    return first
  }
}
