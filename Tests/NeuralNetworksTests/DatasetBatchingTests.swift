import NeuralNetworks
import TensorGraph
import Testing

@Suite struct DatasetBatchingTests {
  /// Samples of these lengths, whose steps have the number of the sample, from 1.
  private func sequences(_ lengths: [Int], features: Int? = nil) throws -> Dataset {
    try Dataset(count: lengths.count) { index in
      let shape = Shape([lengths[index]] + (features.map { [$0] } ?? []))
      return Sample(
        inputs: [Tensor(TensorType(.float32, shape), repeating: Double(index + 1))],
        targets: [Tensor(TensorType(.int32, [lengths[index]]), repeating: Double(index + 1))],
        sampleWeights: [Tensor(TensorType(.float32, [lengths[index]]), repeating: 1)])
    }
  }

  @Test("padded batches are as long as their longest sample")
  func padding() throws {
    let batches = try sequences([2, 0, 3, 1]).paddedBatch(3, value: -1, targetValue: 9).elements()
    #expect(batches[0].inputs[0] == Tensor([3, 3], [1, 1, -1, -1, -1, -1, 3, 3, 3] as [Float]))
    #expect(batches[0].targets[0] == Tensor([3, 3], [1, 1, 9, 9, 9, 9, 3, 3, 3] as [Int32]))
    #expect(batches[0].sampleWeights[0] == Tensor([3, 3], [1, 1, 0, 0, 0, 0, 1, 1, 1] as [Float]))
    #expect(batches[1].inputs[0] == Tensor([1, 1], [4] as [Float]))
    let fixed = try sequences([2, 1], features: 2).paddedBatch(2, length: 4).elements()[0]
    #expect(
      fixed.inputs[0]
        == Tensor([2, 4, 2], [1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0] as [Float]))
    #expect(fixed.targets[0].shape == [2, 2])
    #expect(
      try sequences([2, 1]).paddedBatch(2, targetLength: 5).elements()[0].targets[0].shape
        == [2, 5])
  }

  @Test("several axes and strings are padded, too")
  func axes() throws {
    let pictures = try Dataset(count: 2) { index in
      Sample(
        inputs: [
          Tensor(TensorType(.uint8, [1 + index, 3 - index, 2]), repeating: Double(index + 1)),
          Tensor([1 + index], (0...index).map { "text \($0)" }),
        ])
    }.paddedBatch(2).elements()[0]
    #expect(
      pictures.inputs[0].scalars(as: UInt8.self)
        == [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 0, 0, 2, 2, 2, 2, 0, 0])
    #expect(pictures.inputs[0].shape == [2, 2, 3, 2])
    #expect(pictures.inputs[1] == Tensor([2, 2], ["text 0", "", "text 0", "text 1"]))
  }

  @Test("padding does as with lists, for random lengths")
  func paddedLists() throws {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<50 {
      let lengths = (0..<1 + random.below(9)).map { _ in random.below(6) }
      let size = 1 + random.below(5)
      let batches = try sequences(lengths).paddedBatch(size).elements()
      var expected: [[Double]] = []
      for start in stride(from: 0, to: lengths.count, by: size) {
        let range = start..<min(start + size, lengths.count)
        let longest = lengths[range].max() ?? 0
        expected.append(
          range.flatMap { index in
            (0..<longest).map { $0 < lengths[index] ? Double(index + 1) : 0 }
          })
      }
      #expect(batches.map(\.inputs[0].numbers) == expected)
    }
  }

  @Test("buckets hold samples of their lengths, in the order in which they fill")
  func buckets() throws {
    var random = SeededGenerator(seed: 5)
    for drops in [false, true] {
      for pads in [false, true] {
        let lengths = (0..<60).map { _ in 1 + random.below(11) }
        let (boundaries, sizes) = ([4, 8, 12], [5, 3, 2, 1])
        var (buckets, expected) = ([[Int]](repeating: [], count: 4), [[Int]]())
        for (index, length) in lengths.enumerated() {
          let bucket = boundaries.firstIndex { length < $0 } ?? 3
          buckets[bucket].append(index + 1)
          if buckets[bucket].count == sizes[bucket] {
            expected.append(buckets[bucket])
            buckets[bucket] = []
          }
        }
        if !drops { expected += buckets.filter { !$0.isEmpty } }
        let batches = try sequences(lengths).bucketByLength(
          boundaries: boundaries, batchSizes: sizes, padsToBoundary: pads, dropRemainder: drops
        ).elements()
        #expect(batches.count == expected.count)
        for (batch, samples) in zip(batches, expected) {
          let x = batch.inputs[0]
          #expect(samples.indices.map { Int(x.rows($0..<$0 + 1).numbers[0]) } == samples)
          let longest = samples.map { lengths[$0 - 1] }.max() ?? 0
          let limit = boundaries.first { longest < $0 } ?? 0
          #expect(x.shape[1] == (pads ? limit - 1 : longest))
          for (row, sample) in samples.enumerated() {
            let steps = x.rows(row..<row + 1).numbers
            #expect(steps.filter { $0 == Double(sample) }.count == lengths[sample - 1])
          }
        }
      }
    }
  }

  /// What `make` says, or its first epoch.
  private func message(_ make: () throws -> Dataset) -> String {
    do {
      _ = try make().elements(limit: 100)
      return "nothing"
    } catch { return "\(error)" }
  }

  @Test("samples that are no batch")
  func mistakes() throws {
    let ragged = try sequences([3, 5])
    #expect(
      message { try ragged.batch(2) } == """
        error: the samples of a batch have x of different shapes
          got   float32[3], and float32[5]
          in    sample 1 of the batch
          help  paddedBatch makes them as long as the longest
        """)
    #expect(
      message { try ragged.paddedBatch(2, length: 4) } == """
        error: x is longer than 4, to which samples are padded
          got   float32[5]
          in    sample 1 of the batch
          help  give a larger length, or cut the samples with map
        """)
    let types = try Dataset(count: 2) { Sample($0 == 0 ? Tensor(Float(1)) : Tensor(Int32(1))) }
    #expect(
      message { try types.paddedBatch(2) } == """
        error: the samples of a batch have x of different types
          got   float32[], and int32[]
          in    sample 1 of the batch
        """)
    let counts = try Dataset(count: 2) { Sample(Tensor(1), $0 == 0 ? Tensor(1) : nil) }
    #expect(
      message { try counts.batch(2) } == """
        error: the samples of a batch have different numbers of tensors
          got   1 inputs, 1 targets, 0 weights, and 1 inputs, 0 targets, 0 weights
          in    sample 1 of the batch
        """)
    let huge = try Dataset(count: 2) { index in
      Sample(Tensor(zeros: TensorType(.uint8, index == 0 ? [1, 1 << 20] : [1 << 20, 1])))
    }
    #expect(
      message { try huge.paddedBatch(2) } == """
        error: a batch of x is too large
          got   uint8[2, 1048576, 1048576]
          in    batch 0 of epoch 0
          help  make smaller batches
        """)
    #expect(
      message {
        try ragged.bucketByLength(boundaries: [4], batchSizes: [1, 1], padsToBoundary: true)
      }
        == """
        error: a sample of length 5 is beyond the last boundary, 4
          in    sample 1 of epoch 0
          help  give a larger boundary, or filter long samples out
        """)
    #expect(
      message {
        try Dataset(count: 1) { _ in Sample(Tensor(1)) }
          .bucketByLength(boundaries: [4], batchSizes: [1, 1])
      } == """
        error: a sample without axes has no length
          got   float64[]
          in    sample 0 of epoch 0
          help  give length: to bucketByLength
        """)
  }

  @Test("numbers that make no sense")
  func numbers() throws {
    let data = try sequences([1, 1, 1])
    let cases: [(make: () throws -> Dataset, says: String)] = [
      ({ try data.batch(0) }, "error: a batch has at least one sample\n  got   batch size 0"),
      ({ try data.paddedBatch(1, length: -1) }, "error: a length is at least 0\n  got   -1"),
      (
        { try data.bucketByLength(boundaries: [2], batchSizes: [1]) },
        """
        error: 1 boundaries make 2 buckets
          got   1 batch sizes
          help  the last is for longer samples
        """
      ),
      (
        { try data.bucketByLength(boundaries: [2, 2], batchSizes: [1, 1, 1]) },
        "error: boundaries are positive and grow\n  got   [2, 2]"
      ),
      (
        { try data.bucketByLength(boundaries: [2], batchSizes: [1, 0]) },
        "error: a batch has at least one sample\n  got   batch size 0"
      ),
      (
        { try data.shuffle(bufferSize: 0) },
        "error: a buffer holds at least 1 element\n  got   bufferSize 0"
      ),
      (
        { try data.filter { _ in true }.shuffle() },
        """
        error: how many elements are to be shuffled is not known
          help  give a bufferSize, such as shuffle(bufferSize: 1000)
        """
      ),
      (
        { try data.map(threads: 0) { $0 } },
        "error: there is at least 1 thread\n  got   threads 0"
      ),
      ({ try data.take(-1) }, "error: take counts from 0\n  got   take(-1)"),
      ({ try data.skip(-1) }, "error: skip counts from 0\n  got   skip(-1)"),
      ({ try data.repeat(-2) }, "error: repeat counts from 0\n  got   repeat(-2)"),
      (
        { try data.shard(of: 2, index: 2) },
        """
        error: there is no shard 2 of 2
          help  shards count from 0 to one below their number
        """
      ),
      (
        { try data.prefetch(0) },
        "error: at least 1 element is prepared ahead\n  got   prefetch(0)"
      ),
      (
        { try data.repeat().cache() },
        """
        error: a dataset without end cannot be kept in memory
          help  cache before repeat, or take a part
        """
      ),
      (
        { try data.concatenate(data.batch(2)) },
        """
        error: batches and samples cannot be concatenated
          help  use batch on all datasets, or on none
        """
      ),
      ({ try Dataset.zip([]) }, "error: there is no dataset to be zipped"),
      (
        { try Dataset.interleave([data], blockLength: 0) },
        "error: a block has at least 1 element\n  got   blockLength 0"
      ),
      (
        { try Dataset(count: -1) { _ in Sample(inputs: []) } },
        "error: samples cannot be fewer than 0\n  got   -1"
      ),
      (
        { try data.batch(2).split(validationFraction: 0.5).training },
        "error: batches are not split\n  help  split before batch"
      ),
      (
        { try data.split(validationFraction: 0.1).training },
        """
        error: a validation split of 0.1 leaves one part empty
          got   3 samples
          help  give more samples or another fraction
        """
      ),
    ]
    for (make, says) in cases { #expect(message(make) == says) }
    #expect(throws: FormatError("the dataset has no end", hint: "give a limit, or use take")) {
      try data.repeat().elements()
    }
  }

  @Test("a split sets the last samples apart, or some by chance")
  func split() throws {
    let data = try SampleOrigin.tensors.dataset(10)
    let plain = try data.split(validationFraction: 0.25)
    #expect(try plain.training.numbers() == Array(0..<8))
    #expect(try plain.validation.numbers() == [8, 9])
    let drawn = try data.split(validationFraction: 0.3, seed: 1)
    let parts = try (drawn.training.numbers(), drawn.validation.numbers())
    #expect((parts.0 + parts.1).sorted() == Array(0..<10))
    #expect(parts.1.count == 3 && parts.1 != [7, 8, 9])
    #expect(try drawn.validation.numbers(epoch: 4, seed: 3) == parts.1)
  }
}
