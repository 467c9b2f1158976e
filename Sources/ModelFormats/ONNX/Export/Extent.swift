import TensorGraph

/// A size that a file states, as each of the traces of a model has it.
///
/// A model is traced several times with different numbers where sizes are open. What comes out the
/// same is fixed; what differs follows from the sizes that a run of the file will find.
enum Extent: Hashable, Sendable {
  case fixed(Int)
  /// The number in each of the traces.
  case open([Int])

  /// The size with these numbers in the traces.
  init(_ values: [Int]) {
    if let first = values.first, values.allSatisfy({ $0 == first }) {
      self = .fixed(first)
    } else {
      self = .open(values)
    }
  }

  /// The number, if it is the same in all traces.
  var fixed: Int? {
    if case .fixed(let value) = self { return value }
    return nil
  }

  /// The number in a trace.
  func value(_ trace: Int) -> Int {
    switch self {
    case .fixed(let value): value
    case .open(let values): values[trace]
    }
  }

  /// The numbers in `count` traces.
  func values(_ count: Int) -> [Int] { (0..<count).map(value) }
}

/// An element type, and sizes that may be open.
struct ExportType: Hashable, Sendable {
  var dtype: DType
  var sizes: [Extent]

  init(_ dtype: DType, _ sizes: [Extent]) {
    self.dtype = dtype
    self.sizes = sizes
  }

  /// The sizes, if none is open.
  var shape: Shape? {
    let fixed = sizes.compactMap(\.fixed)
    return fixed.count == sizes.count ? Shape(fixed) : nil
  }
}

extension [Extent] {
  /// The sizes that both broadcast to by NumPy's rule, which they are known to.
  func broadcast(with other: [Extent]) -> [Extent] {
    let (long, short) = count >= other.count ? (self, other) : (other, self)
    var result = long
    for (offset, size) in short.enumerated() {
      let axis = long.count - short.count + offset
      if result[axis] == .fixed(1) { result[axis] = size }
    }
    return result
  }

  /// The product in each of `count` traces.
  func product(_ count: Int) -> Extent {
    Extent((0..<count).map { trace in reduce(1) { $0 * $1.value(trace) } })
  }
}
