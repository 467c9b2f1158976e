/// The sizes of a tensor's axes, outermost first: `[batch, height, width, channels]`.
public struct Shape: Hashable, Sendable, Codable, ExpressibleByArrayLiteral {
  /// The size of each axis.
  public var dims: [Int]

  /// Creates a shape with these sizes.
  public init(_ dims: [Int]) { self.dims = dims }
  /// Creates a shape with these sizes.
  public init(arrayLiteral elements: Int...) { dims = elements }

  /// The number of axes.
  public var rank: Int { dims.count }
  /// The number of elements, or `Int.max` if there are more.
  public var count: Int { Self.product(dims) }

  /// Whether the sizes are not negative, and small enough to compute with.
  var isRepresentable: Bool {
    dims.allSatisfy { $0 >= 0 } && Self.product(dims.map { Swift.max($0, 1) }) <= 1 << 48
  }

  private static func product(_ sizes: [Int]) -> Int {
    sizes.reduce(1) { product, size in
      let (result, isTooLarge) = product.multipliedReportingOverflow(by: size)
      return isTooLarge ? .max : result
    }
  }
  /// The size of `axis`; a negative axis counts from the end.
  public subscript(axis: Int) -> Int {
    get { dims[axis < 0 ? axis + rank : axis] }
    set { dims[axis < 0 ? axis + rank : axis] = newValue }
  }

  /// `axis` counted from the front, or nothing when there is no such axis.
  public func axis(_ axis: Int) -> Int? {
    let positive = axis < 0 ? axis + rank : axis
    return dims.indices.contains(positive) ? positive : nil
  }

  /// How many elements lie between neighbors along each axis in row-major order.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dims[axis + 1]
    }
    return strides
  }

  /// The shape both broadcast to by NumPy's rule, or nothing.
  public func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    var result = rank >= other.rank ? dims : other.dims
    let shorter = rank >= other.rank ? other.dims : dims
    for (offset, size) in shorter.enumerated() {
      let axis = result.count - shorter.count + offset
      guard result[axis] == size || result[axis] == 1 || size == 1 else { return nil }
      if result[axis] == 1 { result[axis] = size }
    }
    return Shape(result)
  }

  /// This shape without `axis`.
  public func removing(_ axis: Int) -> Shape {
    var dims = dims
    dims.remove(at: axis < 0 ? axis + rank : axis)
    return Shape(dims)
  }

  /// This shape with an axis of `size` put before `axis`.
  public func inserting(_ size: Int, at axis: Int) -> Shape {
    var dims = dims
    dims.insert(size, at: axis < 0 ? axis + rank + 1 : axis)
    return Shape(dims)
  }
}

extension Shape: CustomStringConvertible {
  public var description: String { "[" + dims.map(String.init).joined(separator: ", ") + "]" }
}

/// An element type and a shape.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  /// The type of the elements.
  public var dtype: DType
  /// The sizes of the axes.
  public var shape: Shape

  /// Creates the type of a tensor with elements of `dtype`.
  public init(_ dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }

  /// The size of such a tensor, in bytes; of strings, without their text, which only
  /// `Tensor.byteCount` knows.
  public var byteCount: Int { (dtype == .string ? shape.count + 1 : shape.count) * dtype.byteCount }

  public var description: String { "\(dtype.rawValue)\(shape)" }
}
