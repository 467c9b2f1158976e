extension Tensor {
  /// Creates a tensor of `shape` from `strings` in row-major order.
  public init(_ shape: Shape, _ strings: [String]) {
    self.init(shape, utf8: strings.map(\.utf8))
  }

  /// Creates a tensor with one axis.
  public init(_ strings: [String]) { self.init([strings.count], strings) }

  /// Creates a tensor with no axes.
  public init(_ string: String) { self.init([], [string]) }

  /// Creates a tensor of `shape` from strings given by their bytes, which need not be valid UTF-8.
  public init(_ shape: Shape, utf8 strings: [some Collection<UInt8>]) {
    precondition(shape.count == strings.count, "\(strings.count) strings do not fill \(shape)")
    let start = (strings.count + 1) * MemoryLayout<Int64>.size
    let size = strings.reduce(start) { $0 + $1.count }
    self.init(TensorType(.string, shape), byteCount: size) { bytes in
      var end = 0
      bytes.storeBytes(of: 0, as: Int64.self)
      for (index, string) in strings.enumerated() {
        UnsafeMutableRawBufferPointer(rebasing: bytes[(start + end)...]).copyBytes(from: string)
        end += string.count
        bytes.storeBytes(of: Int64(end), toByteOffset: (index + 1) * 8, as: Int64.self)
      }
    }
  }

  /// The elements of a tensor of strings; bytes that are not UTF-8 become `�`.
  public var strings: [String] { strings(first: count) }

  /// The first elements, at most `limit`.
  func strings(first limit: Int) -> [String] {
    withStrings { strings in
      (0..<min(limit, count)).map { String(decoding: strings[$0], as: UTF8.self) }
    }
  }

  /// Calls `body` with the elements of a tensor of strings.
  public func withStrings<R, E: Error>(_ body: (StringElements) throws(E) -> R) throws(E) -> R {
    precondition(dtype == .string, "\(type) has no strings")
    return try withUnsafeBytes { bytes throws(E) in
      try body(StringElements(bytes: bytes, count: count))
    }
  }

  /// The entries `rows` of the first axis of a tensor of strings, in that order.
  package func stringRows(_ rows: [Int]) -> Tensor {
    var shape = shape
    let size = shape[0] == 0 ? 0 : count / shape[0]
    shape[0] = rows.count
    return withStrings { strings in
      Tensor(
        shape, utf8: rows.flatMap { row in (row * size..<(row + 1) * size).map { strings[$0] } })
    }
  }
}

/// The strings of a tensor, each as its bytes.
///
/// Good for as long as the tensor lives.
public struct StringElements {
  private let base: UnsafeRawPointer
  /// The number of strings.
  public let count: Int

  /// The strings in the memory of a tensor of `count` elements.
  init(base: UnsafeRawPointer, count: Int) {
    self.base = base
    self.count = count
  }

  init(bytes: UnsafeRawBufferPointer, count: Int) {
    guard let base = bytes.baseAddress else { preconditionFailure("a tensor has memory") }
    self.init(base: base, count: count)
  }

  /// The size of the first `index` strings, in bytes.
  func offset(_ index: Int) -> Int {
    Int(base.load(fromByteOffset: index * MemoryLayout<Int64>.size, as: Int64.self))
  }

  /// The bytes of one string.
  public subscript(index: Int) -> UnsafeRawBufferPointer {
    let start = offset(index)
    let text = base + (count + 1) * MemoryLayout<Int64>.size
    return UnsafeRawBufferPointer(start: text + start, count: offset(index + 1) - start)
  }
}
