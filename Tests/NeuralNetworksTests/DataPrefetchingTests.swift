import NeuralNetworks
import TensorGraph
import Testing

@Suite("Batches")
struct PrefetchingTests {
  private func data(_ count: Int, width: Int = 3) throws -> TrainingData {
    try TrainingData(
      x: Tensor([count, width], (0..<count * width).map(Float.init)),
      y: Tensor([count], (0..<count).map(Int32.init)))
  }

  private func epoch(_ batches: BatchPrefetcher) -> [[Double]] {
    var labels: [[Double]] = []
    while let batch = batches.next() {
      #expect(batch.tensors[1].shape == [batch.sampleCount])
      let x = batch.tensors[0].numbers
      let y = batch.tensors[1].numbers
      let width = x.count / y.count
      for (row, label) in y.enumerated() {
        #expect(x[row * width] == label * Double(width), "rows of x and y belong together")
      }
      labels.append(y)
    }
    return labels
  }

  @Test("without shuffling come in order, the last one smaller")
  func order() throws {
    let batches = try BatchPrefetcher(data(10), batchSize: 4, shuffle: false)
    #expect(batches.batchesPerEpoch == 3)
    for _ in 0..<3 {
      #expect(epoch(batches) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    }
    #expect(batches.epoch == 3)
  }

  @Test(
    "shuffled hold every sample once, in an order of seed and epoch",
    arguments: [
      (10, 4, 3), (5000, 7, 1), (300, 300, 16), (3, 10, 4), (2000, 1, 2), (40, 8, 20_000),
    ])
  func shuffling(count: Int, batchSize: Int, width: Int) throws {
    let data = try data(count, width: width)
    let batches = try BatchPrefetcher(data, batchSize: batchSize, shuffle: true, seed: 5)
    let again = try BatchPrefetcher(data, batchSize: batchSize, shuffle: true, seed: 5, epoch: 1)
    let first = epoch(batches)
    let second = epoch(batches)
    #expect(first.flatMap { $0 }.sorted() == (0..<count).map(Double.init))
    #expect(second.flatMap { $0 }.sorted() == (0..<count).map(Double.init))
    if count > 3 { #expect(first != second) }
    #expect(epoch(again) == second)
    batches.restart(epoch: 0)
    #expect(batches.next()?.tensors[1].numbers == first[0])
    batches.restart(epoch: 0)
    #expect(epoch(batches) == first)
    #expect(epoch(batches) == second)
  }

  @Test("that are kept keep their numbers, though memory is used again")
  func values() throws {
    let batches = try BatchPrefetcher(data(5000), batchSize: 2, shuffle: false)
    var kept: [Batch] = []
    for _ in 0..<3 { while let batch = batches.next() { kept.append(batch) } }
    for (index, batch) in kept.enumerated() {
      #expect(batch.tensors[1].numbers[0] == Double(index % 2500 * 2))
    }
  }

  @Test("use the same memory again")
  func memory() throws {
    let batches = try BatchPrefetcher(data(5000), batchSize: 2, shuffle: true)
    var addresses: Set<UnsafeRawPointer?> = []
    for _ in 0..<20 {
      while let batch = batches.next() {
        addresses.insert(batch.tensors[0].withUnsafeBytes { $0.baseAddress })
      }
    }
    #expect(addresses.count <= 2 * 256)
  }

  @Test("need a size and a sample")
  func errors() throws {
    let data = try data(3)
    #expect(throws: FormatError.self) { try BatchPrefetcher(data, batchSize: 0, shuffle: true) }
    #expect(throws: FormatError.self) {
      try BatchPrefetcher(data.rows(0..<0), batchSize: 1, shuffle: true)
    }
  }

  @Test("of a seed come in the same order on every machine")
  func pinned() throws {
    let batches = try BatchPrefetcher(data(8), batchSize: 8, shuffle: true, seed: 1)
    #expect(epoch(batches).flatMap { $0 } == [0, 3, 7, 1, 4, 2, 6, 5])
  }
}
