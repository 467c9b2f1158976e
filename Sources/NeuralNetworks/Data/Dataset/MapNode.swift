/// What a closure makes of each element.
struct MapNode: DatasetNode {
  let source: any DatasetNode
  /// What messages call an element.
  let unit: String
  let ownThreads: Int
  /// The seed of the closure's random numbers, if it has its own.
  let seed: UInt64?
  let isRandom: Bool
  let transform: @Sendable (Sample, _ index: Int, _ pass: Pass) throws -> Sample

  var count: ElementCount { source.count }
  var isIndexed: Bool { source.isIndexed }
  var threads: Int? { min(source.threads ?? .max, ownThreads) }
  var randomCount: Int { source.randomCount + (isRandom ? 1 : 0) }
  var sampleCount: Int? { source.sampleCount }

  func element(_ index: Int, _ pass: Pass) throws -> Sample {
    try apply(source.element(index, pass), index, pass)
  }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    if isIndexed { return IndexedStream(self, pass, from: start) }
    let elements = try source.stream(pass, from: start)
    var index = start
    var ready: [Result<Sample, any Error>] = []
    return ClosureStream {
      if ready.isEmpty {
        let first = index
        var (chunk, failure): ([Sample], (any Error)?) = ([], nil)
        do {
          while chunk.count < (ownThreads > 1 ? 2 * ownThreads : 1),
            let element = try elements.next()
          {
            chunk.append(element)
          }
        } catch { failure = error }
        index += chunk.count
        let taken = chunk
        ready = parallel(taken.count, threads: ownThreads) {
          try apply(taken[$0], first + $0, pass)
        }
        // What came before the error is still to be had.
        if let failure { ready.append(.failure(failure)) }
        ready.reverse()
      }
      return try ready.popLast()?.get()
    }
  }

  private func apply(_ sample: Sample, _ index: Int, _ pass: Pass) throws -> Sample {
    try located(unit, index, pass) {
      try transform(
        sample, index,
        Pass(epoch: pass.epoch, seed: pass.seed(seed, salt: source.randomCount)))
    }
  }
}

/// The elements of which a closure says yes.
struct FilterNode: DatasetNode {
  let source: any DatasetNode
  let unit: String
  let isIncluded: @Sendable (Sample) throws -> Bool

  var count: ElementCount { source.count == .infinite ? .infinite : .unknown }
  var randomCount: Int { source.randomCount }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    let elements = try source.stream(pass, from: 0)
    var index = 0
    return try ClosureStream {
      while let element = try elements.next() {
        defer { index += 1 }
        if try located(unit, index, pass, { try isIncluded(element) }) { return element }
      }
      return nil
    }.dropping(start)
  }
}
