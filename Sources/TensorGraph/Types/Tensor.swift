/// A block of numbers with an element type and a shape: row-major, aligned to 64 bytes.
///
/// Only a tensor that views a file in memory may be aligned less, to the size of its elements.
///
/// Strings are a block too, as in Arrow's format: `count + 1` offsets (`Int64`), of which element
/// `i` has the bytes from offset `i` to offset `i + 1`, and then the bytes of all strings (UTF-8).
///
/// A value: copies share their memory until one of them is written to.
public struct Tensor: Sendable {
  /// The element type and the sizes of the axes.
  public private(set) var type: TensorType
  private var storage: Storage

  /// The type of the elements.
  public var dtype: DType { type.dtype }
  /// The sizes of the axes.
  public var shape: Shape { type.shape }
  /// The number of elements.
  public var count: Int { shape.count }
  /// Whether the elements are in memory that others keep.
  var isView: Bool { !storage.isWritable }
  /// The size of the elements in memory, in bytes.
  public var byteCount: Int { storage.byteCount }

  /// The number of what the elements are now: two tensors with the same one are equal, and after
  /// each writing it is another one.
  public var version: UInt64 { storage.version }

  /// Creates a tensor of zeros.
  public init(zeros type: TensorType) {
    self.type = type
    storage = Storage(zeros: type.byteCount)
  }

  /// Creates a tensor whose bytes `body` writes.
  public init<E: Error>(
    _ type: TensorType,
    initializingWith body: (UnsafeMutableRawBufferPointer) throws(E) -> Void
  ) throws(E) {
    try self.init(type, byteCount: type.byteCount, initializingWith: body)
  }

  /// Creates a tensor whose `byteCount` bytes `body` writes.
  init<E: Error>(
    _ type: TensorType, byteCount: Int,
    initializingWith body: (UnsafeMutableRawBufferPointer) throws(E) -> Void
  ) throws(E) {
    self.type = type
    storage = Storage(byteCount: byteCount)
    try body(UnsafeMutableRawBufferPointer(start: storage.base, count: byteCount))
  }

  /// Creates a tensor of the elements at `memory`, which it takes over.
  ///
  /// `memory` was allocated by `allocate(byteCount:alignment:)`, aligned to 64 bytes, and holds as
  /// many bytes as `type` or more.
  package init(_ type: TensorType, adopting memory: UnsafeMutableRawPointer) {
    self.type = type
    storage = Storage(adopting: memory, byteCount: type.byteCount)
  }

  /// Creates a tensor of the elements at `memory`, which nobody writes to and `owner` keeps there.
  ///
  /// `memory` holds as many bytes as `type` or more, aligned to the size of an element. Whoever
  /// writes to the tensor gets a copy.
  package init(
    _ type: TensorType, viewing memory: UnsafeRawPointer, of owner: any AnyObject & Sendable
  ) {
    self.type = type
    storage = Storage(viewing: memory, byteCount: type.byteCount, of: owner)
  }

  /// Creates a tensor of `shape` from `scalars` in row-major order.
  public init<T: Scalar>(_ shape: Shape, _ scalars: [T]) {
    precondition(shape.count == scalars.count, "\(scalars.count) scalars do not fill \(shape)")
    self.init(TensorType(T.dtype, shape)) { bytes in
      scalars.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }
  }

  /// Creates a tensor with no axes.
  public init<T: Scalar>(_ scalar: T) { self.init([], [scalar]) }

  /// Creates a tensor of `type` from numbers, each rounded to the element type.
  public init(_ type: TensorType, numbers: [Double]) {
    precondition(type.shape.count == numbers.count, "\(numbers.count) numbers do not fill \(type)")
    self.init(type) { bytes in type.dtype.scalarType.store(numbers, in: bytes) }
  }

  /// Creates a tensor of `type` with every element the nearest to `number`.
  public init(_ type: TensorType, repeating number: Double) {
    if number.bitPattern == 0, type.dtype != .string {
      self.init(zeros: type)
      return
    }
    self.init(type) { bytes in
      func fill<T: Scalar>(_: T.Type) {
        bytes.bindMemory(to: T.self).initialize(repeating: T(nearest: number))
      }
      fill(type.dtype.scalarType)
    }
  }

  /// The elements as `T`, converted if they are of another type.
  public func scalars<T: Scalar>(as _: T.Type) -> [T] {
    withUnsafeBytes { bytes in
      if T.dtype == dtype { return Array(bytes.bindMemory(to: T.self)) }
      let numbers = dtype.scalarType.numbers(in: bytes)
      return Array(unsafeUninitializedCapacity: count) { elements, initialized in
        T.store(numbers, in: UnsafeMutableRawBufferPointer(elements))
        initialized = numbers.count
      }
    }
  }

  /// The elements as numbers.
  public var numbers: [Double] {
    withUnsafeBytes { bytes in dtype.scalarType.numbers(in: bytes) }
  }

  /// The only element of a tensor that has one.
  public var number: Double {
    precondition(count == 1, "\(type) has \(count) elements, not one")
    return numbers[0]
  }

  /// Calls `body` with the bytes of the elements.
  public func withUnsafeBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    let result = try body(UnsafeRawBufferPointer(start: storage.base, count: byteCount))
    withExtendedLifetime(storage) {}
    return result
  }

  /// Calls `body` with the bytes of the elements, for writing.
  public mutating func withUnsafeMutableBytes<R, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    _ = makeUnique()
    let result = try body(UnsafeMutableRawBufferPointer(start: storage.base, count: byteCount))
    withExtendedLifetime(storage) {}
    return result
  }

  /// Makes sure no other tensor shares this memory, and returns where it is.
  ///
  /// The address is good for as long as this tensor is neither copied nor destroyed.
  public mutating func makeUnique() -> UnsafeMutableRawPointer {
    if !isUnique() {
      let copy = Storage(byteCount: byteCount)
      copy.base.copyMemory(from: storage.base, byteCount: byteCount)
      storage = copy
    } else {
      storage.change()
    }
    return storage.base
  }

  /// Whether this memory can be written to, since no other tensor shares it.
  package mutating func isUnique() -> Bool {
    isKnownUniquelyReferenced(&storage) && storage.isWritable
  }

  /// Makes sure that no other tensor shares this memory and that all of it is there, since a run
  /// is going to write to it.
  package mutating func makeReady() {
    _ = makeUnique()
    storage.populate()
  }

  /// The same elements in another shape of as many elements.
  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.count == count, "cannot reshape \(self.shape) to \(shape)")
    var result = self
    result.type.shape = shape
    return result
  }

  /// The same numbers with elements of `dtype`.
  public func cast(to dtype: DType) -> Tensor {
    guard dtype != self.dtype else { return self }
    return widened(to: dtype) ?? Tensor(TensorType(dtype, shape), numbers: numbers)
  }

  /// The entries `range` of the first axis.
  public func rows(_ range: Range<Int>) -> Tensor {
    if dtype == .string { return stringRows(range.map { $0 }) }
    var shape = shape
    let rowBytes = shape[0] == 0 ? 0 : type.byteCount / shape[0]
    shape[0] = range.count
    return Tensor(TensorType(dtype, shape)) { bytes in
      withUnsafeBytes { source in
        bytes.copyMemory(
          from: UnsafeRawBufferPointer(
            rebasing: source[range.lowerBound * rowBytes..<range.upperBound * rowBytes]))
      }
    }
  }
}

extension Tensor: Equatable {
  /// Whether types and bytes are the same.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.type == b.type
      && a.withUnsafeBytes { x in b.withUnsafeBytes { y in x.elementsEqual(y) } }
  }
}

extension Tensor: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    withUnsafeBytes { hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(256))) }
  }
}

extension Tensor: CustomStringConvertible {
  /// The type and the first elements.
  public var description: String {
    let first =
      dtype == .string
      ? strings(first: 8).map { String(reflecting: $0) }
      : numbers.prefix(8).map { String(describing: $0) }
    let shown = first.joined(separator: ", ")
    return "\(type) [\(shown)\(count > 8 ? ", …" : "")]"
  }
}
