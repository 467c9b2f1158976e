/// One way through the elements of a dataset.
struct Pass: Sendable, Hashable {
  /// The epoch, from 0.
  var epoch: Int
  /// What the random numbers follow from where a dataset was given no seed.
  var seed: UInt64

  /// The pass through one of several datasets, so that equal ones differ in their draws.
  func child(_ index: Int) -> Pass {
    index == 0 ? self : Pass(epoch: epoch, seed: Pass.mix(seed, UInt64(index) &<< 32))
  }

  /// The seed of a node with `salt` others below it that draw random numbers.
  func seed(_ own: UInt64?, salt: Int) -> UInt64 {
    own ?? (salt == 0 ? seed : Pass.mix(seed, UInt64(salt)))
  }

  /// The random numbers of the element `index` for `seed`.
  func random(_ seed: UInt64, _ index: Int) -> SeededGenerator {
    SeededGenerator(
      seed: Pass.mix(seed, UInt64(bitPattern: Int64(epoch))),
      stream: UInt64(bitPattern: Int64(index)))
  }

  static func mix(_ seed: UInt64, _ stream: UInt64) -> UInt64 {
    var generator = SeededGenerator(seed: seed, stream: stream)
    return generator.next()
  }
}

/// How many elements there are.
enum ElementCount: Sendable, Hashable {
  case finite(Int)
  case unknown
  case infinite

  /// The number, if it is known and there is an end.
  var number: Int? {
    if case .finite(let number) = self { return number }
    return nil
  }

  /// As `transform` has it where the number is known.
  func map(_ transform: (Int) -> Int) -> ElementCount {
    if case .finite(let number) = self { return .finite(transform(number)) }
    return self
  }
}

/// What gives elements, one after another; used by one thread at a time.
protocol ElementStream: AnyObject {
  /// The next element, or nothing at the end, again and again.
  func next() throws -> Sample?
}

/// A step of a dataset: a source of elements, or what an operation makes of other steps.
///
/// The elements of a pass depend on the pass alone: on no thread, and on no earlier pass.
protocol DatasetNode: Sendable {
  var count: ElementCount { get }
  /// Whether `element` gives every element in any order; the count is finite then.
  var isIndexed: Bool { get }
  /// How many threads may work on elements at once; nothing where it is not worth it.
  var threads: Int? { get }
  /// How many steps up to this one draw random numbers.
  var randomCount: Int { get }
  /// The number of samples in the batches that the elements are, if it is known.
  var sampleCount: Int? { get }
  /// The element at `index`, for nodes that are indexed.
  func element(_ index: Int, _ pass: Pass) throws -> Sample
  /// The elements at `indices` along a new first axis, where that is faster than one by one.
  func stacked(_ indices: [Int], _ pass: Pass) throws -> Sample?
  /// All elements from `start` on.
  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream
}

extension DatasetNode {
  var isIndexed: Bool { false }
  var threads: Int? { nil }
  var randomCount: Int { 0 }
  var sampleCount: Int? { nil }
  func element(_ index: Int, _: Pass) throws -> Sample {
    throw FormatError("the elements come one after another", at: .part("element \(index)"))
  }
  func stacked(_: [Int], _: Pass) throws -> Sample? { nil }
  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    IndexedStream(self, pass, from: start)
  }
}

/// The elements of an indexed node in order, several at once if they are worth it.
final class IndexedStream: ElementStream {
  private let node: any DatasetNode
  private let pass: Pass
  private let count: Int
  private var index: Int
  /// Elements that are there already, the next at the end.
  private var ready: [Result<Sample, any Error>] = []

  init(_ node: any DatasetNode, _ pass: Pass, from start: Int) {
    self.node = node
    self.pass = pass
    count = node.count.number ?? 0
    index = min(start, count)
  }

  func next() throws -> Sample? {
    if let element = ready.popLast() { return try element.get() }
    guard index < count else { return nil }
    guard let threads = node.threads, threads > 1 else {
      defer { index += 1 }
      return try node.element(index, pass)
    }
    let (start, node, pass) = (index, node, pass)
    let size = min(2 * threads, count - start)
    index += size
    ready = parallel(size, threads: threads) { try node.element(start + $0, pass) }.reversed()
    return try ready.popLast()?.get()
  }
}

/// The elements that a closure gives.
final class ClosureStream: ElementStream {
  private var body: (() throws -> Sample?)?

  init(_ body: @escaping () throws -> Sample?) { self.body = body }

  func next() throws -> Sample? {
    guard let element = try body?() else {
      body = nil  // and what it holds
      return nil
    }
    return element
  }
}

extension ElementStream {
  /// The stream without its first `count` elements, which are made and dropped.
  func dropping(_ count: Int) throws -> any ElementStream {
    var left = count
    while left > 0, try next() != nil { left -= 1 }
    return self
  }
}

extension Int {
  /// The sum, or the largest number where that would be too large; for numbers that count.
  func saturatingAdd(_ other: Int) -> Int {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }

  /// The product, or the largest number where that would be too large; for numbers that count.
  func saturatingMultiply(_ other: Int) -> Int {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? .max : product
  }
}
