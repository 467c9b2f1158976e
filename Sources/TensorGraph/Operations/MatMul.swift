/// The product of the matrices in the last two axes, for each index of the axes before them.
///
///     [batch…, m, k] · [batch…, k, n] → [batch…, m, n]
public struct MatMul: SingleResultOperation {
  /// Whether the first operand holds its matrices as `[k, m]`.
  public let transposeA: Bool
  /// Whether the second operand holds its matrices as `[n, k]`.
  public let transposeB: Bool

  /// Creates the product of matrices stored as they are, or transposed.
  public init(transposeA: Bool = false, transposeB: Bool = false) {
    self.transposeA = transposeA
    self.transposeB = transposeB
  }

  public var name: String {
    "matmul" + (transposeA ? " transposeA" : "") + (transposeB ? " transposeB" : "")
  }

  /// The sizes of the product of operands with shapes `a` and `b`.
  public func sizes(_ a: Shape, _ b: Shape) -> (m: Int, n: Int, k: Int) {
    (a[transposeA ? -1 : -2], b[transposeB ? -2 : -1], a[transposeA ? -2 : -1])
  }

  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    let (a, b) = (x[0].shape, x[1].shape)
    guard a.rank >= 2, a.rank == b.rank, a.dims.dropLast(2) == b.dims.dropLast(2) else {
      throw ShapeError("matmul expects matrices for the same batch, \(a) and \(b) are not")
    }
    guard x[0].dtype == x[1].dtype else {
      throw ShapeError("matmul expects operands of one element type", hint: "cast one of them")
    }
    let (m, n, k) = sizes(a, b)
    guard k == b[transposeB ? -1 : -2] else {
      throw ShapeError("matmul needs equal inner sizes, \(k) ≠ \(b[transposeB ? -1 : -2])")
    }
    return TensorType(x[0].dtype, Shape(a.dims.dropLast(2) + [m, n]))
  }

  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    let (a, b) = (x[0], x[1])
    func product(_ a: Symbol, _ b: Symbol, _ transposeA: Bool, _ transposeB: Bool) -> Symbol {
      a.trace.emit(MatMul(transposeA: transposeA, transposeB: transposeB), [a, b])
    }
    return switch (transposeA, transposeB) {
    case (false, false): [product(dy, b, false, true), product(a, dy, true, false)]
    case (true, false): [product(b, dy, false, true), product(a, dy, false, false)]
    case (false, true): [product(dy, b, false, false), product(dy, a, true, false)]
    case (true, true): [product(b, dy, true, true), product(dy, a, true, true)]
    }
  }

  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let (m, n, k) = sizes(x[0].shape, x[1].shape)
    let a = x[0].numbers, b = x[1].numbers
    var y = [Double](repeating: 0, count: type.shape.count)
    for batch in 0..<(m * n == 0 ? 0 : y.count / (m * n)) {
      let (atA, atB) = (batch * m * k, batch * k * n)
      for i in 0..<m {
        for j in 0..<n {
          var sum = 0.0
          for p in 0..<k {
            sum +=
              a[atA + (transposeA ? p * m + i : i * k + p)]
              * b[atB + (transposeB ? j * k + p : p * n + j)]
          }
          y[(batch * m + i) * n + j] = sum
        }
      }
    }
    return ReferenceTensor(type.shape, y)
  }
}

/// The matrix product over the last two axes, with NumPy's rules for all others.
///
///     [batch…, m, k] · [k, n] → [batch…, m, n]
///
/// Batch axes broadcast. A vector on the left is a row, on the right a column, and its axis is
/// dropped from the result.
public func matmul(_ a: Symbol, _ b: Symbol) -> Symbol {
  guard a.isValid, b.isValid else { return a.trace.invalid }
  let dtype = a.dtype.promoted(with: b.dtype)
  let (a, b) = (a.cast(to: dtype), b.cast(to: dtype))
  guard a.shape.rank > 0, b.shape.rank > 0 else {
    return a.trace.fail("matmul expects matrices", operands: [a.type, b.type])
  }
  if a.shape.rank == 1 {
    let y = matmul(a.reshaped([1, a.shape[0]]), b)
    return y.isValid ? y.reshaped(y.shape.removing(b.shape.rank == 1 ? -1 : -2)) : y
  }
  if b.shape.rank == 1 {
    let y = matmul(a, b.reshaped([b.shape[0], 1]))
    return y.isValid ? y.reshaped(y.shape.removing(-1)) : y
  }
  if b.shape.rank == 2 {  // one product for the whole batch
    let lead = Array(a.shape.dims.dropLast())
    let rows = a.reshaped([lead.reduce(1, *), a.shape[-1]])
    let y = a.trace.emit(MatMul(), [rows, b])
    return y.isValid ? y.reshaped(Shape(lead + [b.shape[-1]])) : y
  }
  let leadA = Shape(Array(a.shape.dims.dropLast(2))), leadB = Shape(Array(b.shape.dims.dropLast(2)))
  guard let lead = leadA.broadcast(with: leadB) else {
    return a.trace.fail(
      "matmul cannot broadcast \(leadA) with \(leadB)", operands: [a.type, b.type])
  }
  return a.trace.emit(
    MatMul(),
    [
      a.broadcast(to: Shape(lead.dims + a.shape.dims.suffix(2))),
      b.broadcast(to: Shape(lead.dims + b.shape.dims.suffix(2))),
    ])
}
