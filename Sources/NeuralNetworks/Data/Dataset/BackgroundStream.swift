import Dispatch
import Synchronization

/// The elements of another stream, prepared by another thread while they are waited for.
///
/// The thread works only while there is room: nothing waits for a consumer that is gone.
final class BackgroundStream: ElementStream {
  private let production: Production
  private var isOver = false

  /// Prepares the elements of the stream that `make` makes, on that thread too.
  ///
  /// - Parameters:
  ///   - limit: The most elements that are there at once.
  ///   - byteLimit: With how many bytes no more elements than two are there at once.
  ///   - make: Makes the stream.
  init(
    limit: Int, byteLimit: Int = .max, _ make: @escaping @Sendable () throws -> any ElementStream
  ) {
    production = Production(limit: limit, byteLimit: byteLimit, make)
    production.start()
  }

  deinit { production.cancel() }

  /// Whether all elements have been made, though maybe not yet given.
  var isWhole: Bool { production.isWhole }

  func next() throws -> Sample? {
    guard !isOver else { return nil }
    switch production.take() {
    case .element(let element): return element
    case .end:
      isOver = true
      return nil
    case .failure(let error):
      isOver = true
      throw error
    }
  }
}

/// What the two threads share.
private final class Production: Sendable {
  enum Item: Sendable {
    case element(Sample)
    case end
    case failure(any Error)

    var byteCount: Int {
      if case .element(let element) = self { return element.byteCount }
      return 0
    }
  }

  private struct Buffer {
    /// What is there; those before `first` are taken.
    var items: [Item?] = []
    var first = 0
    var byteCount = 0
    var isRunning = true
    var isWhole = false
    var isCancelled = false

    var count: Int { items.count - first }
  }

  private let limit: Int
  private let byteLimit: Int
  private let make: @Sendable () throws -> any ElementStream
  private let buffer = Mutex(Buffer())
  private let stream = Mutex<(any ElementStream)?>(nil)
  private let available = DispatchSemaphore(value: 0)
  private let queue = DispatchQueue(label: "strata.dataset", qos: .userInitiated)

  init(limit: Int, byteLimit: Int, _ make: @escaping @Sendable () throws -> any ElementStream) {
    self.limit = limit
    self.byteLimit = byteLimit
    self.make = make
  }

  var isWhole: Bool { buffer.withLock { $0.isWhole } }

  func start() { queue.async { self.run() } }

  func cancel() {
    buffer.withLock { buffer in
      buffer.isCancelled = true
      buffer.items = []
      buffer.first = 0
    }
  }

  func take() -> Item {
    available.wait()
    let (item, isToStart) = buffer.withLock { buffer -> (Item?, Bool) in
      let item = buffer.items[buffer.first]
      buffer.items[buffer.first] = nil
      buffer.first += 1
      buffer.byteCount -= item?.byteCount ?? 0
      if 2 * buffer.first >= buffer.items.count {
        buffer.items.removeFirst(buffer.first)
        buffer.first = 0
      }
      // Half empty, so that a start is worth several elements.
      guard !buffer.isRunning, !buffer.isWhole, buffer.count <= limit / 2, !isFull(buffer) else {
        return (item, false)
      }
      buffer.isRunning = true
      return (item, true)
    }
    if isToStart { start() }
    return item ?? .end
  }

  private func isFull(_ buffer: borrowing Buffer) -> Bool {
    buffer.count >= limit || buffer.byteCount >= byteLimit && buffer.count >= min(2, limit)
  }

  /// Makes elements for as long as there is room and someone wants them.
  private func run() {
    stream.withLock { stream in
      while true {
        let goesOn = buffer.withLock { buffer in
          buffer.isRunning = !buffer.isCancelled && !isFull(buffer)
          return buffer.isRunning
        }
        guard goesOn else {
          if buffer.withLock({ $0.isCancelled }) { stream = nil }
          return
        }
        let item: Item
        do {
          let elements = try stream ?? make()
          stream = elements
          item = try elements.next().map { .element($0) } ?? .end
        } catch {
          item = .failure(error)
        }
        let isWhole = if case .element = item { false } else { true }
        if isWhole { stream = nil }
        buffer.withLock { buffer in
          guard !buffer.isCancelled else { return }
          buffer.items.append(item)
          buffer.byteCount += item.byteCount
          buffer.isWhole = isWhole
          if isWhole { buffer.isRunning = false }
        }
        available.signal()
        if isWhole { return }
      }
    }
  }
}

/// The elements, prepared by another thread.
struct PrefetchNode: DatasetNode {
  let source: any DatasetNode
  let limit: Int

  var count: ElementCount { source.count }
  var randomCount: Int { source.randomCount }
  var sampleCount: Int? { source.sampleCount }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    BackgroundStream(limit: limit) { try source.stream(pass, from: start) }
  }
}
