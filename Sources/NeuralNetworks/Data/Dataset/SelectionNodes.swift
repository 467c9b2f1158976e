/// Some of the elements: from `start` on every `step`th one, at most `limit`.
struct SelectionNode: DatasetNode {
  let source: any DatasetNode
  var start = 0
  var step = 1
  var limit = Int.max

  var count: ElementCount {
    let selected = source.count.map { whole in
      guard whole > start else { return 0 }
      return min((whole - start - 1) / step + 1, limit)
    }
    return selected == .infinite && limit < .max ? .finite(limit) : selected
  }
  var isIndexed: Bool { source.isIndexed }
  var threads: Int? { source.threads }
  var randomCount: Int { source.randomCount }

  private func place(_ index: Int) -> Int {
    start.saturatingAdd(index.saturatingMultiply(step))
  }

  func element(_ index: Int, _ pass: Pass) throws -> Sample {
    try source.element(place(index), pass)
  }

  func stacked(_ indices: [Int], _ pass: Pass) throws -> Sample? {
    try source.stacked(indices.map(place), pass)
  }

  func stream(_ pass: Pass, from first: Int) throws -> any ElementStream {
    if isIndexed { return IndexedStream(self, pass, from: first) }
    guard first < limit else { return ClosureStream { nil } }
    let elements = try source.stream(pass, from: place(first))
    var (left, isFirst) = (limit - first, true)
    return ClosureStream {
      guard left > 0 else { return nil }
      if !isFirst { for _ in 1..<step where try elements.next() == nil { return nil } }
      isFirst = false
      left -= 1
      return try elements.next()
    }
  }
}

/// The elements of one pass after another.
struct RepeatNode: DatasetNode {
  let source: any DatasetNode
  /// How often; nothing for ever.
  let times: Int?

  var count: ElementCount {
    switch (source.count, times) {
    case (.finite(0), _), (_, 0?): .finite(0)
    case (.finite(let count), let times?): .finite(count.saturatingMultiply(times))
    case (.unknown, .some): .unknown
    default: .infinite
    }
  }
  var isIndexed: Bool { source.isIndexed && count.number.map { $0 < .max } ?? false }
  var threads: Int? { source.threads }
  var randomCount: Int { source.randomCount }
  var sampleCount: Int? {
    times.flatMap { times in source.sampleCount.map { $0.saturatingMultiply(times) } }
  }

  /// The pass of the source for its repetition `number`.
  private func pass(_ pass: Pass, _ number: Int) -> Pass {
    let first = times.map { pass.epoch &* $0 } ?? pass.epoch &<< 32
    return Pass(epoch: first &+ number, seed: pass.seed)
  }

  func element(_ index: Int, _ pass: Pass) throws -> Sample {
    let size = source.count.number ?? 1
    return try source.element(index % size, self.pass(pass, index / size))
  }

  func stacked(_ indices: [Int], _ pass: Pass) throws -> Sample? {
    guard let size = source.count.number, let number = indices.first.map({ $0 / size }),
      indices.allSatisfy({ $0 / size == number })
    else { return nil }
    return try source.stacked(indices.map { $0 % size }, self.pass(pass, number))
  }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    if isIndexed { return IndexedStream(self, pass, from: start) }
    if count == .finite(0) { return ClosureStream { nil } }
    let size = source.count.number
    var number = size.map { start / $0 } ?? 0
    var elements: (any ElementStream)? = try source.stream(
      self.pass(pass, number), from: size.map { start % $0 } ?? 0)
    var isEmpty = start == 0 || size == nil
    let stream = ClosureStream {
      while let current = elements {
        if let element = try current.next() {
          isEmpty = false
          return element
        }
        number += 1
        // A pass without elements would be repeated for ever.
        guard !isEmpty, times.map({ number < $0 }) ?? true else { break }
        isEmpty = true
        elements = try source.stream(self.pass(pass, number), from: 0)
      }
      elements = nil
      return nil
    }
    return size == nil ? try stream.dropping(start) : stream
  }
}
