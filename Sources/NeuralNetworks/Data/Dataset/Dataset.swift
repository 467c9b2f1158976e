import TensorGraph

/// A description of a stream of samples: where they come from, and what is made of them.
///
///     let dataset = try Dataset(x: images, y: labels)
///       .shuffle(bufferSize: 1000)
///       .map { Sample($0.inputs[0], $0.targets[0]) }
///       .batch(32)
///     try model.fit(dataset, epochs: 5)
///
/// Nothing is read or computed before the samples are asked for, and then only a few at a time, by
/// other threads. A dataset is a value: every operation gives another one, and the same one may be
/// gone through as often as one likes, by several at once.
///
/// The samples of an epoch, and so all random numbers, follow from the seeds and the epoch alone:
/// not from the number of threads, nor from what was asked for before. Closures are to keep to
/// that, too.
public struct Dataset: Sendable {
  let node: any DatasetNode
  /// Whether the elements are batches.
  public let isBatched: Bool
  /// The number of samples in each batch but the last, if it is known.
  public let batchSize: Int?
  /// What the class labels stand for, in order of the labels; empty when it is not known.
  public var classNames: [String] = []
  /// The names of inputs and of targets; empty when they go by order.
  var names: (inputs: [String], targets: [String]) = ([], [])

  init(_ node: any DatasetNode, isBatched: Bool = false, batchSize: Int? = nil) {
    self.node = node
    self.isBatched = isBatched
    self.batchSize = batchSize
  }

  /// The dataset of `node`, which makes elements of the same form.
  func with(_ node: any DatasetNode) -> Dataset {
    var result = Dataset(node, isBatched: isBatched, batchSize: batchSize)
    result.classNames = classNames
    result.names = names
    return result
  }

  /// What messages call an element.
  var unit: String { isBatched ? "batch" : "sample" }

  /// The number of elements of an epoch: samples, or batches after `batch`; nothing when it is not
  /// known before they are counted, or there is no end.
  public var count: Int? { node.count.number }
  /// Whether an epoch has no end.
  public var isInfinite: Bool { node.count == .infinite }

  /// Creates the samples of tensors that are there already.
  ///
  ///     let dataset = try Dataset(SyntheticData.moons()).shuffle().batch(32)
  public init(_ data: TrainingData) {
    var node: any DatasetNode = TensorNode(data)
    if let mapping = data.mapping {
      node = MapNode(
        source: node, layer: mapping.layer, isTraining: mapping.isTraining, seed: nil,
        isBatched: false, threads: processorCount, engine: mapping.engine)
    }
    self.init(node)
    classNames = data.classNames
    names = (data.inputNames, data.targetNames)
  }

  /// Creates the samples of the inputs `x` and the targets `y`, each `[samples, …]`.
  ///
  ///     let dataset = try Dataset(x: images, y: labels).batch(32)
  ///
  /// - Throws: when there are not as many targets as inputs.
  public init(x: Tensor, y: Tensor? = nil, sampleWeights: Tensor? = nil) throws(FormatError) {
    self.init(
      try TrainingData(
        inputs: [x], targets: y.map { [$0] } ?? [],
        sampleWeights: sampleWeights.map { [$0] } ?? []))
  }

  /// Creates `count` samples that `element` makes when they are needed, in any order.
  ///
  ///     let pictures = try Dataset(count: files.count) { index in
  ///       Sample(try ImageFile.image(path: files[index]), Tensor(labels[index]))
  ///     }
  ///
  /// - Parameters:
  ///   - count: How many there are.
  ///   - threads: How many threads call `element` at once; as many as there are processors if
  ///     nothing is said.
  ///   - element: Gives the sample of an index from 0.
  /// - Throws: when a number makes no sense.
  public init(
    count: Int, threads: Int? = nil, element: @escaping @Sendable (_ index: Int) throws -> Sample
  ) throws(FormatError) {
    guard count >= 0 else {
      throw FormatError("samples cannot be fewer than 0", got: "\(count)")
    }
    self.init(
      ListNode(size: count, threads: try Self.threadCount(threads), body: element))
  }

  /// Creates the samples of a sequence that `generator` makes anew for every epoch.
  ///
  ///     let numbers = Dataset { epoch in
  ///       (0..<1000).lazy.map { Sample(Tensor([Float($0 + epoch)])) }
  ///     }
  ///
  /// A training that goes on in the middle of an epoch makes the samples before it again.
  ///
  /// - Parameter generator: Gives the samples of an epoch, counted from 0; the same each time it is
  ///   asked.
  public init<S: Sequence>(
    generator: @escaping @Sendable (_ epoch: Int) throws -> S
  ) where S.Element == Sample {
    self.init(
      GeneratorNode { epoch in
        var iterator = try generator(epoch).makeIterator()
        return { iterator.next() }
      })
  }

  /// Creates the samples that a closure gives one after another, which may fail.
  ///
  ///     let rows = Dataset(samples: { epoch in
  ///       let reader = try Reader(path)
  ///       return { try reader.next() }
  ///     })
  ///
  /// - Parameter make: Makes, for every epoch, the closure that gives the next sample, or nothing
  ///   at the end.
  public init(samples make: @escaping @Sendable (_ epoch: Int) throws -> () throws -> Sample?) {
    self.init(GeneratorNode(make: make))
  }

  /// The elements of an epoch, for those who want to see them: samples or, after `batch`, batches.
  ///
  /// - Parameters:
  ///   - epoch: The epoch, from 0.
  ///   - limit: How many at most; an endless dataset needs one.
  ///   - seed: What random numbers follow from where an operation was given no seed; `fit` uses
  ///     that of the model.
  /// - Returns: the elements, all in memory.
  /// - Throws: when a sample cannot be had.
  public func elements(
    epoch: Int = 0, limit: Int? = nil, seed: UInt64 = 0
  ) throws -> [Sample] {
    guard limit != nil || !isInfinite else {
      throw FormatError("the dataset has no end", hint: "give a limit, or use take")
    }
    let stream = try node.stream(Pass(epoch: epoch, seed: seed), from: 0)
    var elements: [Sample] = []
    while limit.map({ elements.count < $0 }) ?? true, let element = try stream.next() {
      elements.append(element)
    }
    return elements
  }

  /// Calls `body` with each element of an epoch, one after another.
  ///
  /// - Throws: when a sample cannot be had, or what `body` throws.
  public func forEach(
    epoch: Int = 0, seed: UInt64 = 0, _ body: (Sample) throws -> Void
  ) throws {
    let stream = try node.stream(Pass(epoch: epoch, seed: seed), from: 0)
    while let element = try stream.next() { try body(element) }
  }

  static func threadCount(_ threads: Int?) throws(FormatError) -> Int {
    guard let threads else { return processorCount }
    guard threads > 0 else {
      throw FormatError("there is at least 1 thread", got: "threads \(threads)")
    }
    return min(threads, 1024)
  }
}
