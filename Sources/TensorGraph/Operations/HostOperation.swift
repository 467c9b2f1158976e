import Dispatch

/// An operation over elements that need not be numbers, such as looking up words: it runs on the
/// processor that holds the data, whatever engine runs the rest.
///
/// Its definition is all there is of it: the reference and engines call `run`. Strings among its
/// operands are inputs of the graph.
public protocol HostOperation: SingleResultOperation {
  /// Computes `rows` of the result, which starts at `result`. Rows are computed in any order, and
  /// several at once.
  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer)
  /// The number of rows, the parts of a result of `type` that can be computed alone.
  func rowCount(_ type: TensorType) -> Int
}

extension HostOperation {
  /// One row for each entry of the first axis.
  public func rowCount(_ type: TensorType) -> Int { type.shape.dims.first ?? 1 }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] { x.map { _ in nil } }

  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let operands = x.map { $0.strings ?? Tensor($0.shape, $0.numbers) }
    return ReferenceTensor(Tensor(type) { run(operands, type, into: $0) })
  }

  /// Computes the result of `type` for operands in memory.
  private func run(_ x: [Tensor], _ type: TensorType, into result: UnsafeMutableRawBufferPointer) {
    guard let base = result.baseAddress else { return }
    withExtendedLifetime(x) {  // which keeps what the operands point to
      compute(x.map { HostOperand($0) }, type, into: base, threads: 1)
    }
  }

  /// Computes the result of `type` on up to `threads` threads.
  package func compute(
    _ x: [HostOperand], _ type: TensorType, into result: UnsafeMutableRawPointer, threads: Int
  ) {
    let rows = rowCount(type)
    let bytes = x.reduce(type.byteCount) { $0 + $1.byteCount }
    let parts = Swift.max(Swift.min(threads, bytes / (1 << 15), rows), 1)
    guard parts > 1 else { return run(rows: 0..<rows, of: x, into: result) }
    let places = Places(x: x, result: result)
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      run(rows: rows * part / parts..<rows * (part + 1) / parts, of: places.x, into: places.result)
    }
  }
}

/// What the threads of one operation share.
///
/// Unchecked because all of them only read the operands, and each writes rows of its own.
private struct Places: @unchecked Sendable {
  let x: [HostOperand]
  let result: UnsafeMutableRawPointer
}

/// An operation with a result of strings, which can only be returned from a graph.
///
/// An engine computes its operand, and has `strings` make the output of it.
public protocol StringResultOperation: SingleResultOperation {
  /// The strings that the elements of the only operand stand for.
  func strings(for x: HostOperand) -> [String]
}

extension StringResultOperation {
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] { x.map { _ in nil } }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    ReferenceTensor(output(for: Tensor(x[0].shape, x[0].numbers)))
  }

  /// The result for the operand `x`.
  package func output(for x: Tensor) -> Tensor {
    withExtendedLifetime(x) { Tensor(x.shape, strings(for: HostOperand(x))) }
  }
}

/// The elements of an operand of a `HostOperation`, wherever they lie.
public struct HostOperand {
  /// The type of the elements.
  public let type: TensorType
  private let base: UnsafeRawPointer

  /// The elements of `type` at `base`.
  package init(_ type: TensorType, at base: UnsafeRawPointer) {
    self.type = type
    self.base = base
  }

  /// The elements of `tensor`, for as long as it lives.
  package init(_ tensor: Tensor) {
    self.init(
      tensor.type,
      at: tensor.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { preconditionFailure("a tensor has memory") }
        return base
      })
  }

  /// The number of elements.
  public var count: Int { type.shape.count }
  /// The size of the elements in memory, in bytes.
  var byteCount: Int { type.byteCount + (type.dtype == .string ? strings.offset(count) : 0) }
  /// The elements as strings.
  public var strings: StringElements { StringElements(base: base, count: count) }

  /// An element as a number.
  public func number(_ index: Int) -> Double {
    switch type.dtype {
    case .float32: load(index, Float.self).number
    case .float64: load(index, Double.self)
    case .float16: load(index, Float16.self).number
    case .bfloat16: load(index, BFloat16.self).number
    case .int8: load(index, Int8.self).number
    case .uint8: load(index, UInt8.self).number
    case .int32: load(index, Int32.self).number
    case .int64: load(index, Int64.self).number
    case .bool: load(index, Bool.self).number
    case .string: .nan
    }
  }

  /// An element as a whole number: fractions are cut off, and what is too large is the largest.
  public func integer(_ index: Int) -> Int64 {
    switch type.dtype {
    case .int64: load(index, Int64.self)
    case .int32: Int64(load(index, Int32.self))
    default: Int64(nearest: number(index))
    }
  }

  private func load<T>(_ index: Int, _: T.Type) -> T {
    base.load(fromByteOffset: index * MemoryLayout<T>.stride, as: T.self)
  }
}
