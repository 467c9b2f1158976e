import NeuralNetworks
import Synchronization
import TensorGraph
import Testing

/// The samples 0, 1, … as they are stored: had in any order, or one after another.
enum SampleOrigin: CaseIterable {
  case tensors, list, generator

  func dataset(_ count: Int) throws -> Dataset {
    switch self {
    case .tensors:
      let numbers = (0..<count).map(Float.init)
      return try Dataset(
        x: Tensor([count, 1], numbers), y: Tensor([count], (0..<count).map { Int32($0) }))
    case .list: return try Dataset(count: count) { Self.sample($0) }
    case .generator: return Dataset { _ in (0..<count).lazy.map { Self.sample($0) } }
    }
  }

  static func sample(_ index: Int) -> Sample {
    Sample(Tensor([1], [Float(index)]), Tensor(Int32(index)))
  }
}

extension Dataset {
  /// The numbers of the samples of an epoch; of batches, one after another.
  func numbers(epoch: Int = 0, limit: Int? = nil, seed: UInt64 = 0) throws -> [Int] {
    try elements(epoch: epoch, limit: limit, seed: seed).flatMap { sample in
      let x = sample.inputs[0].numbers.map { Int($0) }
      #expect(sample.targets.isEmpty || sample.targets[0].numbers.map { Int($0) } == x)
      return x
    }
  }
}

@Suite struct DatasetOperationsTests {
  private static let counts = [0, 1, 2, 5, 17]

  @Test("samples come in order, whatever they come from", arguments: SampleOrigin.allCases)
  func order(_ origin: SampleOrigin) throws {
    for count in Self.counts {
      let dataset = try origin.dataset(count)
      #expect(try dataset.numbers() == Array(0..<count))
      #expect(try dataset.numbers(epoch: 3) == Array(0..<count))
      #expect(dataset.count == (origin == .generator ? nil : count))
      #expect(!dataset.isInfinite && !dataset.isBatched)
    }
  }

  @Test("batches hold what they say", arguments: SampleOrigin.allCases)
  func batch(_ origin: SampleOrigin) throws {
    for count in Self.counts {
      for size in [1, 2, 3, 17, 40, Int.max] {
        for drops in [false, true] {
          let dataset = try origin.dataset(count).batch(size, dropRemainder: drops)
          let batches = try dataset.elements()
          let full = count / size, rest = count % size
          let sizes = Array(repeating: size, count: full) + (rest > 0 && !drops ? [rest] : [])
          #expect(batches.map { $0.inputs[0].shape.dims } == sizes.map { [$0, 1] })
          #expect(batches.map { $0.targets[0].shape.dims } == sizes.map { [$0] })
          #expect(try dataset.numbers() == Array(0..<sizes.reduce(0, +)))
          if let known = dataset.count { #expect(known == sizes.count) }
          #expect(dataset.isBatched && dataset.batchSize == size)
        }
      }
    }
  }

  @Test("map, filter, take, skip and shard do as with lists", arguments: SampleOrigin.allCases)
  func selections(_ origin: SampleOrigin) throws {
    for count in Self.counts {
      let list = Array(0..<count), dataset = try origin.dataset(count)
      let doubled = dataset.map { sample in
        Sample(Tensor([1], [2 * Float(sample.inputs[0].number)]))
      }
      #expect(try doubled.numbers() == list.map { 2 * $0 })
      #expect(try doubled.batch(3).numbers() == list.map { 2 * $0 })
      let even = dataset.filter { Int($0.inputs[0].number) % 2 == 0 }
      #expect(try even.numbers() == list.filter { $0 % 2 == 0 })
      for number in [0, 1, 3, 17, 100, Int.max] {
        #expect(try dataset.take(number).numbers() == Array(list.prefix(number)))
        #expect(try dataset.skip(number).numbers() == Array(list.dropFirst(number)))
        #expect(
          try dataset.skip(number).take(2).batch(2).numbers()
            == Array(list.dropFirst(number).prefix(2)))
        for index in [0, number / 2, max(number - 1, 0)] where number > 0 {
          let shard = try dataset.shard(of: number, index: index)
          #expect(try shard.numbers() == list.filter { $0 % number == index })
          if let known = shard.count { #expect(try known == shard.numbers().count) }
        }
      }
    }
  }

  @Test(
    "repeat, concatenate, interleave and zip do as with lists", arguments: SampleOrigin.allCases)
  func combinations(_ origin: SampleOrigin) throws {
    for count in Self.counts {
      let list = Array(0..<count), dataset = try origin.dataset(count)
      for times in [0, 1, 3] {
        let repeated = try dataset.repeat(times)
        #expect(try repeated.numbers() == (0..<times).flatMap { _ in list })
        if let known = repeated.count { #expect(known == times * count) }
      }
      let endless = try dataset.repeat()
      #expect(
        try endless.numbers(limit: 40) == (count == 0 ? [] : (0..<40).map { $0 % count }))
      for other in Self.counts {
        let second = try origin.dataset(other)
        let joined = try dataset.concatenate(second)
        #expect(try joined.numbers() == list + Array(0..<other))
        #expect(try joined.batch(4).numbers() == list + Array(0..<other))
        #expect(try joined.skip(3).numbers() == Array((list + Array(0..<other)).dropFirst(3)))
        let pairs = try Dataset.zip([dataset, second])
        #expect(try pairs.elements().count == min(count, other))
        #expect(try pairs.elements().allSatisfy { $0.inputs == [$0.inputs[0], $0.inputs[0]] })
        for block in [1, 2] {
          let mixed = try Dataset.interleave([dataset, second], blockLength: block)
          var (lists, turn, expected) = ([list, Array(0..<other)], 0, [Int]())
          while !lists.isEmpty {
            expected += lists[turn].prefix(block)
            // One that gives less than a block has ended.
            if lists[turn].count < block || lists[turn].isEmpty {
              lists.remove(at: turn)
              turn = turn < lists.count ? turn : 0
            } else {
              lists[turn].removeFirst(block)
              turn = (turn + 1) % lists.count
            }
          }
          #expect(try mixed.numbers() == expected)
        }
      }
    }
    let targets = try Dataset.zip(
      inputs: origin.dataset(3), targets: origin.dataset(4)
    ).elements()
    #expect(targets.map { $0.targets[0].number } == [0, 1, 2])
  }

  @Test("shuffled samples are the same ones, in an order of seed and epoch")
  func shuffle() throws {
    for origin in SampleOrigin.allCases {
      for count in Self.counts {
        for size in [1, 2, 5, 17, 1000] {
          let dataset = try origin.dataset(count).shuffle(bufferSize: size, seed: 4)
          let first = try dataset.numbers(), second = try dataset.numbers(epoch: 1)
          #expect(first.sorted() == Array(0..<count))
          #expect(try dataset.numbers() == first)
          #expect(try dataset.numbers(seed: 9) == first)
          if count == 17, size > 1 { #expect(first != second) }
          if size == 1 { #expect(first == Array(0..<count)) }
          // No sample comes earlier than the buffer allows.
          #expect(first.enumerated().allSatisfy { $1 < $0 + size })
        }
      }
    }
    // Buffers smaller than the dataset draw the same, from memory or by number.
    for size in [2, 5, 16] {
      let orders = try SampleOrigin.allCases.map {
        try $0.dataset(17).shuffle(bufferSize: size, seed: 4).numbers(epoch: 2)
      }
      #expect(orders[0] == orders[1] && orders[1] == orders[2])
    }
    let dataset = try SampleOrigin.list.dataset(17)
    let fixed = try dataset.shuffle(seed: 4, reshufflesEachEpoch: false)
    #expect(try fixed.numbers(epoch: 5) == fixed.numbers())
    #expect(try fixed.numbers() == dataset.shuffle(seed: 4).numbers())
    // Without a seed it is that of the one who asks; two in a row are not the same order twice.
    let free = try dataset.shuffle()
    #expect(try free.numbers(seed: 1) != free.numbers(seed: 2))
    #expect(try free.numbers(seed: 4) == fixed.numbers())
    let twice = try free.shuffle(seed: 4), once = try dataset.shuffle(seed: 4)
    #expect(try twice.numbers(seed: 4) != once.numbers())
    #expect(try free.repeat(2).numbers(epoch: 1) == free.numbers(epoch: 2) + free.numbers(epoch: 3))
  }

  @Test("any order is as likely as any other")
  func uniformity() throws {
    for origin in [SampleOrigin.list, .generator] {
      let dataset = try origin.dataset(4).shuffle(bufferSize: 4, seed: 1)
      var counts: [[Int]: Int] = [:]
      for epoch in 0..<4800 { counts[try dataset.numbers(epoch: epoch), default: 0] += 1 }
      #expect(counts.count == 24)
      // Mean 200, deviation 14.
      #expect(counts.values.allSatisfy { (130...270).contains($0) })
    }
  }

  @Test("random numbers of maps follow from seed, epoch and place, not from threads")
  func randomness() throws {
    for origin in SampleOrigin.allCases {
      let dataset = try origin.dataset(40)
      func noisy(_ dataset: Dataset) -> Dataset {
        dataset.mapRandomly(seed: 3) { sample, random in
          Sample(Tensor(Double.random(in: 0..<1, using: &random)), sample.targets[0])
        }
      }
      let once = try noisy(dataset).elements()
      #expect(Set(once.map { $0.inputs[0].number }).count == 40)
      #expect(try noisy(dataset.map(threads: 1) { $0 }).elements() == once)
      #expect(try noisy(dataset).elements(epoch: 1) != once)
      #expect(try noisy(dataset).skip(7).elements() == Array(once.dropFirst(7)))
      let shuffled = try noisy(dataset).shuffle(bufferSize: 40, seed: 1).elements()
      #expect(Set(shuffled) == Set(once))
    }
  }

  @Test("the number of threads changes nothing", arguments: SampleOrigin.allCases)
  func threads(_ origin: SampleOrigin) throws {
    let results = try [1, 2, 3, 8].map { threads in
      try origin.dataset(101).map(threads: threads) { sample in
        // The first ones take longest.
        var sum = 0.0
        for step in 0..<(101 - Int(sample.inputs[0].number)) * 200 { sum += Double(step) }
        return sum < 0 ? Sample(Tensor(0)) : sample
      }.shuffle(bufferSize: 20, seed: 2).batch(7).prefetch(3).elements()
    }
    #expect(results.allSatisfy { $0 == results[0] })
    #expect(results[0].count == 15)
  }

  @Test("cache makes every sample once, and keeps the first epoch")
  func cache() throws {
    for isIndexed in [true, false] {
      let made = Counter()
      let source =
        isIndexed
        ? try Dataset(count: 10) { index in
          made.increment()
          return SampleOrigin.sample(index)
        }
        : Dataset { _ in
          (0..<10).lazy.map { index in
            made.increment()
            return SampleOrigin.sample(index)
          }
        }
      let dataset = try source.shuffle(bufferSize: 10).cache()
      let first = try dataset.take(4).numbers()
      let whole = try dataset.numbers(epoch: 3, seed: 8)
      #expect(Array(whole.prefix(4)) == first)
      #expect(whole.sorted() == Array(0..<10))
      #expect(try dataset.batch(3).numbers(epoch: 9) == whole)
      #expect(made.value == 10)
    }
  }
}

/// A number that several threads count up.
final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func increment() { count.withLock { $0 += 1 } }
}
