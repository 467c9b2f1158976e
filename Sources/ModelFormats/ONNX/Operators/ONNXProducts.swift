import TensorGraph

extension ONNXOperator {
  /// Products of matrices.
  static let products: [String: ONNXOperator] = [
    "MatMul": ONNXOperator { call in
      let (a, b) = (try call.x(0), try call.x(1))
      guard a.shape.rank > 0, b.shape.rank > 0 else {
        throw ONNXError.mistake("a product of \(a.shape) and \(b.shape) is none of matrices")
      }
      return try call.result(matmul(a, b))
    },
    "Gemm": ONNXOperator { try $0.affine() },
    "Einsum": ONNXOperator { try $0.einsummed() },
    "Det": ONNXOperator { call in
      let x = try call.x(0)
      guard x.shape.rank >= 2, x.shape[-1] == x.shape[-2], x.dtype.isFloatingPoint else {
        throw ONNXError.mistake("\(x.shape) has no square matrices")
      }
      return try call.result(call.trace.emit(Determinant(part: .determinant, dtype: x.dtype), [x]))
    },
    "MatMulInteger": ONNXOperator { call in
      let a = try call.centered(0, zeroPoint: 2, rowsOf: 1)
      let b = try call.centered(1, zeroPoint: 3, rowsOf: 0)
      let y = exactProduct(of: a, b, terms: a.shape.dims.last ?? 1) { matmul($0, $1) }
      return try call.result(y.cast(to: .int32), .int32)
    },
  ]
}

extension ONNXCall {
  /// alpha · A · B + beta · C
  fileprivate func affine() throws -> [ONNXValue] {
    let (a, b) = (try x(0), try x(1))
    guard a.shape.rank == 2, b.shape.rank == 2 else {
      throw ONNXError.mistake("A \(a.shape) and B \(b.shape) are not two matrices")
    }
    let (alpha, beta) = (float("alpha", 1), float("beta", 1))
    let product = MatMul(transposeA: bool("transA"), transposeB: bool("transB"))
    var y = trace.emit(product, [a, b])
    guard y.isValid else { return try result(y) }
    if alpha != 1 { y = (y * alpha).cast(to: a.dtype) }
    if has(2), beta != 0 {
      let c = try x(2)
      guard c.shape.broadcast(with: y.shape) == y.shape else {
        throw ONNXError.mistake("C \(c.shape) does not broadcast to \(y.shape)")
      }
      y = y + (beta == 1 ? c : (c * beta).cast(to: a.dtype))
    }
    return try result(y)
  }

  /// The integers at `index` less their zero point, as floating-point numbers.
  ///
  /// A zero point of several numbers is one for each row (`rowsOf: 1`, along the axis before the
  /// last) or column (`rowsOf: 0`).
  func centered(_ index: Int, zeroPoint: Int, rowsOf: Int) throws -> Symbol {
    let x = try x(index).cast(to: .float32)
    guard has(zeroPoint) else { return x }
    let zero = try self.x(zeroPoint).cast(to: .float32)
    return x - (try perRow(zero, rowsOf))
  }

  /// A number, or one for each row or column of matrices.
  func perRow(_ x: Symbol, _ rowsOf: Int) throws -> Symbol {
    if x.shape.count == 1 { return x.reshaped([]) }
    return x.shape.rank == 1 && rowsOf == 1 ? x.expandingDims(at: 1) : x
  }
}

/// A sum of `terms` products of integers of at most 9 bits, with their sign, that is exact though
/// it is computed in `float32`, which has all integers up to 2²⁴.
///
/// Where there are more terms than that bears, the operands are cut into halves of 4 bits, whose
/// products are smaller.
func exactProduct(
  of a: Symbol, _ b: Symbol, terms: Int, _ product: (Symbol, Symbol) -> Symbol
) -> Symbol {
  func halves(_ x: Symbol) -> [(scale: Double, part: Symbol)] {
    let high = truncate(x * (1.0 / 16))
    return [(16, high), (1, x - high * 16)]
  }
  let limit = 1 << 24
  let left = terms <= limit / (255 * 255) ? [(1, a)] : halves(a)
  let right = terms <= limit / (255 * 15) ? [(1, b)] : halves(b)
  var sum: Symbol?
  for (p, x) in left {
    for (q, y) in right {
      let part = product(x, y)
      if left.count + right.count == 2 { return part }
      let scaled = part.cast(to: .float64) * (p * q)
      sum = sum.map { $0 + scaled } ?? scaled
    }
  }
  return sum ?? product(a, b)
}
