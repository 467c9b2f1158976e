import TensorGraph

/// What two tensors of integers give, element by element, exact for all numbers of their type: sums
/// and products wrap around at its ends. Shapes broadcast.
///
/// Engines compute with integers as floating-point numbers of 64 bits, which have gaps beyond 2⁵³;
/// and know neither bits nor unsigned integers of 64 bits.
struct IntegerArithmetic: HostOperation {
  enum Kind: String {
    case add, subtract, multiply, divide, minimum, maximum, power
    /// The remainder with the sign of the divisor, and with that of what is divided.
    case remainder, truncatedRemainder
    case and, or, xor, shiftLeft, shiftRight
    case equal, less, lessOrEqual, greater, greaterOrEqual
  }

  let kind: Kind
  /// The type of the operands, and of the result unless that is a `bool`.
  let type: ONNXType

  var name: String { "integer \(kind)" }

  func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard let shape = x[0].shape.broadcast(with: x[1].shape) else {
      throw ShapeError("\(kind) cannot broadcast \(x[0].shape) with \(x[1].shape)")
    }
    switch kind {
    case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual: return TensorType(.bool, shape)
    default: return TensorType(type.dtype ?? x[0].dtype, shape)
    }
  }

  func rowCount(_ type: TensorType) -> Int { type.shape.count }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    guard let type = try? resultType(x.map(\.type)) else { return }
    var a = BroadcastWalk(x[0].type.shape, over: type.shape, from: rows.lowerBound)
    var b = BroadcastWalk(x[1].type.shape, over: type.shape, from: rows.lowerBound)
    func fill<T: FixedWidthInteger>(_: T.Type) {
      let out = result.assumingMemoryBound(to: T.self)
      for row in rows {
        out[row] = T(truncatingIfNeeded: value(x[0].integer(a.place), x[1].integer(b.place)))
        a.next()
        b.next()
      }
    }
    switch type.dtype {
    case .int8: fill(Int8.self)
    case .int32: fill(Int32.self)
    case .int64: fill(Int64.self)
    default: fill(UInt8.self)
    }
  }

  private func value(_ a: Int64, _ b: Int64) -> Int64 {
    if type == .uint64 {
      return Int64(bitPattern: exact(UInt64(bitPattern: a), UInt64(bitPattern: b)))
    }
    return type.wrapping(exact(a, b))
  }

  /// The value for integers of 64 bits, which wraps around.
  private func exact<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
    switch kind {
    case .add: a &+ b
    case .subtract: a &- b
    case .multiply: a &* b
    case .divide: b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
    case .minimum: min(a, b)
    case .maximum: max(a, b)
    case .power: raised(a, to: b)
    case .truncatedRemainder: b == 0 ? 0 : a.remainderReportingOverflow(dividingBy: b).partialValue
    case .remainder: remainder(a, b)
    case .and: a & b
    case .or: a | b
    case .xor: a ^ b
    case .shiftLeft: a << b
    case .shiftRight: a >> b
    case .equal: a == b ? 1 : 0
    case .less: a < b ? 1 : 0
    case .lessOrEqual: a <= b ? 1 : 0
    case .greater: a > b ? 1 : 0
    case .greaterOrEqual: a >= b ? 1 : 0
    }
  }

  private func remainder<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
    guard b != 0 else { return 0 }
    let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
    return rest != 0 && (rest < 0) != (b < 0) ? rest &+ b : rest
  }

  /// aᵇ; with a negative exponent what is left of it without its fraction.
  private func raised<T: FixedWidthInteger>(_ a: T, to b: T) -> T {
    guard b >= 0 else {
      return a == 1 ? 1 : a &+ 1 == 0 ? (b & 1 == 0 ? 1 : a) : 0
    }
    var (result, base, exponent): (T, T, T) = (1, a, b)
    while exponent > 0 {
      if exponent & 1 == 1 { result = result &* base }
      base = base &* base
      exponent >>= 1
    }
    return result
  }
}

/// The places of the elements of an operand in the order of the shape it broadcasts to.
struct BroadcastWalk {
  private let dims: [Int]
  private let strides: [Int]
  private var index: [Int]
  /// The place of the element in the operand.
  private(set) var place = 0

  /// The places in an operand of `own` for the elements of `shape` from number `first` on.
  init(_ own: Shape, over shape: Shape, from first: Int = 0) {
    dims = shape.dims
    let lead = shape.rank - own.rank, ownStrides = own.strides
    strides = shape.dims.indices.map { axis in
      axis < lead || own.dims[axis - lead] == 1 ? 0 : ownStrides[axis - lead]
    }
    index = [Int](repeating: 0, count: dims.count)
    guard shape.count > 0 else { return }
    var rest = first
    for axis in dims.indices.reversed() {
      index[axis] = rest % dims[axis]
      rest /= dims[axis]
      place += index[axis] * strides[axis]
    }
  }

  /// Goes on to the next element.
  mutating func next() {
    var axis = dims.count - 1
    while axis >= 0 {
      index[axis] += 1
      place += strides[axis]
      if index[axis] < dims[axis] { return }
      place -= strides[axis] * dims[axis]
      index[axis] = 0
      axis -= 1
    }
  }
}

extension ONNXType {
  /// Whether elements are whole numbers.
  var isInteger: Bool {
    switch self {
    case .uint8, .int8, .uint16, .int16, .int32, .int64, .uint32, .uint64, .uint4, .int4, .uint2,
      .int2:
      true
    default: false
    }
  }

  /// Whether elements are whole numbers that are not negative.
  var isUnsigned: Bool {
    switch self {
    case .uint8, .uint16, .uint32, .uint64, .uint4, .uint2: true
    default: false
    }
  }

  /// The low bits of `number`, as many as an integer of the type has.
  func wrapping(_ number: Int64) -> Int64 {
    let unused = 64 - (bitCount ?? 64)
    guard unused > 0 else { return number }
    return isUnsigned
      ? Int64(bitPattern: (UInt64(bitPattern: number) << unused) >> unused)
      : (number << unused) >> unused
  }
}
