import TensorGraph

/// Elements in groups, along a new first axis.
struct BatchNode: DatasetNode {
  let source: any DatasetNode
  let size: Int
  let dropsRemainder: Bool
  let padding: SamplePadding?

  var count: ElementCount {
    source.count.map { $0 / size + (dropsRemainder || $0 % size == 0 ? 0 : 1) }
  }
  var isIndexed: Bool { source.isIndexed }
  var randomCount: Int { source.randomCount }
  var sampleCount: Int? {
    source.count.number.map { dropsRemainder ? $0 - $0 % size : $0 }
  }

  func element(_ index: Int, _ pass: Pass) throws -> Sample {
    let start = index * size
    let end = min(start.saturatingAdd(size), source.count.number ?? 0)
    if padding == nil, let batch = try source.stacked(Array(start..<end), pass) { return batch }
    let samples = try parallel(end - start, threads: source.threads ?? 1) {
      try source.element(start + $0, pass)
    }.map { try $0.get() }
    return try located("batch", index, pass) { try Sample.stacked(samples, padding) }
  }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    if isIndexed { return IndexedStream(self, pass, from: start) }
    let elements = try source.stream(pass, from: start.saturatingMultiply(size))
    var index = start
    return ClosureStream {
      var samples: [Sample] = []
      while samples.count < size, let sample = try elements.next() { samples.append(sample) }
      guard !samples.isEmpty, samples.count == size || !dropsRemainder else { return nil }
      defer { index += 1 }
      return try located("batch", index, pass) { try Sample.stacked(samples, padding) }
    }
  }
}

/// Elements in groups of similar lengths.
struct BucketNode: DatasetNode {
  let source: any DatasetNode
  let boundaries: [Int]
  let batchSizes: [Int]
  let padsToBoundary: Bool
  let dropsRemainder: Bool
  let padding: SamplePadding
  let length: @Sendable (Sample) throws -> Int

  var count: ElementCount { source.count == .infinite ? .infinite : .unknown }
  var randomCount: Int { source.randomCount }
  var sampleCount: Int? { dropsRemainder ? nil : source.count.number }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    let elements = try source.stream(pass, from: 0)
    var buckets = [[Sample]](repeating: [], count: batchSizes.count)
    var index = 0
    func batch(_ bucket: Int) throws -> Sample {
      defer { buckets[bucket] = [] }
      return try Sample.stacked(buckets[bucket], padding(bucket))
    }
    return try ClosureStream {
      while let sample = try elements.next() {
        defer { index += 1 }
        let length = try located("sample", index, pass) { try checkedLength(sample) }
        let bucket = boundaries.firstIndex { length < $0 } ?? boundaries.count
        buckets[bucket].append(sample)
        if buckets[bucket].count == batchSizes[bucket] { return try batch(bucket) }
      }
      guard !dropsRemainder, let rest = buckets.firstIndex(where: { !$0.isEmpty }) else {
        return nil
      }
      return try batch(rest)
    }.dropping(start)
  }

  private func padding(_ bucket: Int) -> SamplePadding {
    guard padsToBoundary, bucket < boundaries.count else { return padding }
    var padding = padding
    padding.length = boundaries[bucket] - 1
    return padding
  }

  private func checkedLength(_ sample: Sample) throws -> Int {
    let length = try length(sample)
    guard padsToBoundary, let last = boundaries.last, length >= last else { return length }
    throw FormatError(
      "a sample of length \(length) is beyond the last boundary, \(last)",
      hint: "give a larger boundary, or filter long samples out")
  }
}
