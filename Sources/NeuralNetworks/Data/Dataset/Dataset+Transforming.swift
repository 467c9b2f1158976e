import TensorGraph

extension Dataset {
  /// The dataset with every element replaced by what `transform` makes of it.
  ///
  ///     let dataset = pictures.map { Sample($0.inputs[0], Tensor(Float($0.inputs[0].count))) }
  ///
  /// Several threads work at once, and the order is kept. After `batch` an element is a batch.
  ///
  /// - Parameters:
  ///   - threads: How many threads call `transform` at once; as many as there are processors if
  ///     nothing is said.
  ///   - transform: Gives the new sample; the same for the same one.
  /// - Returns: the new elements.
  /// - Throws: when the number of threads is not positive.
  public func map(
    threads: Int, _ transform: @escaping @Sendable (Sample) throws -> Sample
  ) throws(FormatError) -> Dataset {
    map(try Self.threadCount(threads), transform)
  }

  /// The dataset with every element replaced by what `transform` makes of it, by as many threads
  /// as there are processors.
  public func map(_ transform: @escaping @Sendable (Sample) throws -> Sample) -> Dataset {
    map(processorCount, transform)
  }

  private func map(
    _ threads: Int, _ transform: @escaping @Sendable (Sample) throws -> Sample
  ) -> Dataset {
    with(
      MapNode(source: node, unit: unit, ownThreads: threads, seed: nil, isRandom: false) {
        sample, _, _ in try transform(sample)
      })
  }

  /// The dataset with every element replaced by what `transform` makes of it by chance.
  ///
  ///     let noisy = dataset.mapRandomly { sample, random in
  ///       let shift = Double.random(in: -1...1, using: &random)
  ///       return Sample(Tensor(sample.inputs[0].type, numbers: sample.inputs[0].numbers.map { $0 + shift }))
  ///     }
  ///
  /// The random numbers of an element follow from the seed, the epoch and the place of the element
  /// alone, whatever the number of threads.
  ///
  /// - Parameters:
  ///   - seed: What the random numbers follow from; that of the model if nothing is said.
  ///   - transform: Gives the new sample, and draws from the generator only.
  /// - Returns: the new elements.
  public func mapRandomly(
    seed: UInt64? = nil,
    _ transform:
      @escaping @Sendable (Sample, inout any RandomNumberGenerator) throws
      -> Sample
  ) -> Dataset {
    with(
      MapNode(
        source: node, unit: unit, ownThreads: processorCount, seed: seed, isRandom: true
      ) { sample, index, pass in
        var random: any RandomNumberGenerator = pass.random(pass.seed, index)
        return try transform(sample, &random)
      })
  }

  /// The dataset with inputs that `layer` prepares, in the background.
  ///
  ///     let dataset = try texts.batch(32).map(vectorize, engine: CPUEngine(threads: 1))
  ///
  /// After `batch` the layer is given whole batches, which is faster; else each sample as a batch
  /// of one. Random numbers of the layer follow from the seed, the epoch and the place of the
  /// element.
  ///
  /// - Parameters:
  ///   - layer: Takes all inputs, and has no weights.
  ///   - isTraining: Whether the layer does what it does in training.
  ///   - seed: What the random numbers follow from; that of the model if nothing is said.
  ///   - threads: How many batches are prepared at once; as many as there are processors if
  ///     nothing is said.
  ///   - engine: What runs it; one with a single thread leaves the others to the model.
  /// - Returns: the elements with other inputs.
  /// - Throws: when the number of threads is not positive.
  public func map(
    _ layer: any Layer, isTraining: Bool = true, seed: UInt64? = nil, threads: Int? = nil,
    engine: any Engine
  ) throws(FormatError) -> Dataset {
    var result = with(
      MapNode(
        source: node, layer: layer, isTraining: isTraining, seed: seed, isBatched: isBatched,
        threads: try Self.threadCount(threads), engine: engine))
    result.names.inputs = []
    return result
  }

  /// The elements of which `isIncluded` says yes.
  ///
  ///     let short = texts.filter { $0.inputs[0].shape[0] < 100 }
  ///
  /// How many they are is not known before they are counted.
  public func filter(
    _ isIncluded: @escaping @Sendable (Sample) throws -> Bool
  ) -> Dataset {
    with(FilterNode(source: node, unit: unit, isIncluded: isIncluded))
  }

  /// The elements in another order: each is drawn from the `bufferSize` that come next.
  ///
  ///     let dataset = try Dataset(x: x, y: y).shuffle(bufferSize: 10_000).batch(32)
  ///
  /// A buffer as large as the dataset makes every order as likely as any other; samples that can
  /// be had in any order (tensors, files, windows) are not kept in memory for it. Shuffle before
  /// `batch`, else whole batches change places.
  ///
  /// - Parameters:
  ///   - bufferSize: From how many elements each is drawn; from all of them if nothing is said,
  ///     whose number must be known then.
  ///   - seed: What the order follows from; the seed of the model if nothing is said.
  ///   - reshufflesEachEpoch: Whether each epoch has an order of its own.
  /// - Returns: the same elements in another order.
  /// - Throws: when the buffer has no room.
  public func shuffle(
    bufferSize: Int? = nil, seed: UInt64? = nil, reshufflesEachEpoch: Bool = true
  ) throws(FormatError) -> Dataset {
    guard let size = bufferSize ?? count else {
      throw FormatError(
        "how many elements are to be shuffled is not known",
        hint: "give a bufferSize, such as shuffle(bufferSize: 1000)")
    }
    guard size > 0 || bufferSize == nil else {
      throw FormatError("a buffer holds at least 1 element", got: "bufferSize \(size)")
    }
    return with(
      ShuffleNode(node, bufferSize: max(size, 1), seed: seed, reshuffles: reshufflesEachEpoch))
  }

  /// The same elements, kept in memory once they have been made: those of the first epoch.
  ///
  ///     let dataset = try pictures.cache().shuffle().batch(32)
  ///
  /// What comes before `cache` is done once, what comes after it in every epoch. Where nothing
  /// else is said, random numbers before it follow from the seed 0.
  ///
  /// - Throws: when the dataset has no end.
  public func cache() throws(FormatError) -> Dataset {
    guard !isInfinite else {
      throw FormatError(
        "a dataset without end cannot be kept in memory",
        hint: "cache before repeat, or take a part")
    }
    return with(CacheNode(node))
  }

  /// The same elements, of which `count` are prepared by another thread before they are asked for.
  ///
  ///     let dataset = try pictures.batch(32).prefetch(4)
  ///
  /// `fit` prepares batches ahead anyway; at the end of the operations this says how many.
  ///
  /// - Throws: when the number is not positive.
  public func prefetch(_ count: Int) throws(FormatError) -> Dataset {
    guard count > 0 else {
      throw FormatError("at least 1 element is prepared ahead", got: "prefetch(\(count))")
    }
    return with(PrefetchNode(source: node, limit: count))
  }
}

extension MapNode {
  /// The elements with inputs that a layer prepares.
  init(
    source: any DatasetNode, layer: any Layer, isTraining: Bool, seed: UInt64?, isBatched: Bool,
    threads: Int, engine: any Engine
  ) {
    self.init(
      source: source, unit: isBatched ? "batch" : "sample", ownThreads: threads, seed: seed,
      isRandom: true
    ) { sample, index, pass in
      var generator = pass.random(pass.seed, index)
      var result = sample
      let inputs =
        isBatched ? sample.inputs : sample.inputs.map { $0.reshaped(Shape([1] + $0.shape.dims)) }
      let outputs = try layer.outputs(
        for: inputs, isTraining: isTraining, random: (generator.next(), index), engine: engine)
      let size = isBatched ? inputs.first?.shape.dims.first : 1
      for output in outputs where output.shape.dims.first != size {
        throw FormatError(
          "\(layer.className) gives another number of samples", got: "\(output.type)",
          hint: isBatched ? nil : "layers that mix samples come after batch")
      }
      result.inputs =
        isBatched
        ? outputs : outputs.map { $0.reshaped(Shape(Array($0.shape.dims.dropFirst()))) }
      return result
    }
  }
}
