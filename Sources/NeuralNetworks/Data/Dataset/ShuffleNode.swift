import Synchronization

/// The elements in another order: each is drawn from a buffer of those that come next.
struct ShuffleNode: DatasetNode {
  let source: any DatasetNode
  let bufferSize: Int
  let seed: UInt64?
  let reshuffles: Bool
  private let orders = Orders()

  init(_ source: any DatasetNode, bufferSize: Int, seed: UInt64?, reshuffles: Bool) {
    self.source = source
    self.bufferSize = bufferSize
    self.seed = seed
    self.reshuffles = reshuffles
  }

  var count: ElementCount { source.count }
  var isIndexed: Bool { source.isIndexed && (source.count.number ?? .max) <= Int(Int32.max) }
  var threads: Int? { source.threads }
  var randomCount: Int { source.randomCount + 1 }
  var sampleCount: Int? { source.sampleCount }

  func element(_ index: Int, _ pass: Pass) throws -> Sample {
    try source.element(Int(order(pass)[index]), pass)
  }

  func stacked(_ indices: [Int], _ pass: Pass) throws -> Sample? {
    let order = order(pass)
    return try source.stacked(indices.map { Int(order[$0]) }, pass)
  }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    if isIndexed { return IndexedStream(self, pass, from: start) }
    let elements = try source.stream(pass, from: 0)
    let key = key(pass)
    var draws = ShuffleBuffer<Sample>(bufferSize, seed: key.seed, epoch: key.epoch)
    return try ClosureStream { try draws.next { try elements.next() } }.dropping(start)
  }

  private func key(_ pass: Pass) -> Pass {
    Pass(
      epoch: reshuffles ? pass.epoch : 0, seed: pass.seed(seed, salt: source.randomCount))
  }

  private func order(_ pass: Pass) -> [Int32] {
    let (key, size) = (key(pass), source.count.number ?? 0)
    return orders.order(key) {
      // The order in which arrays are visited.
      if bufferSize >= size { return shuffledOrder(count: size, seed: key.seed, epoch: key.epoch) }
      var draws = ShuffleBuffer<Int32>(bufferSize, seed: key.seed, epoch: key.epoch)
      var upcoming: Int32 = 0
      var order: [Int32] = []
      order.reserveCapacity(size)
      while let place = draws.next({
        guard upcoming < size else { return nil }
        defer { upcoming += 1 }
        return upcoming
      }) {
        order.append(place)
      }
      return order
    }
  }

  /// The orders of the passes that were last, of which there may be several at once.
  private final class Orders: Sendable {
    private let recent = Mutex<[(key: Pass, order: [Int32])]>([])

    func order(_ key: Pass, make: @Sendable () -> [Int32]) -> [Int32] {
      recent.withLock { recent in
        if let known = recent.first(where: { $0.key == key }) { return known.order }
        if recent.count == 2 { recent.removeFirst() }
        let order = make()
        recent.append((key, order))
        return order
      }
    }
  }
}

/// A buffer from which elements are drawn, each replaced by the next that comes.
struct ShuffleBuffer<Element> {
  private let size: Int
  private var elements: [Element] = []
  private var generator: SeededGenerator
  private var isAtEnd = false

  init(_ size: Int, seed: UInt64, epoch: Int) {
    self.size = size
    generator = SeededGenerator(seed: seed, stream: UInt64(bitPattern: Int64(epoch)))
  }

  mutating func next(_ source: () throws -> Element?) rethrows -> Element? {
    while elements.count < size, !isAtEnd {
      guard let element = try source() else {
        isAtEnd = true
        break
      }
      elements.append(element)
    }
    guard let last = elements.indices.last else { return nil }
    elements.swapAt(generator.below(elements.count), last)
    return elements.removeLast()
  }
}
