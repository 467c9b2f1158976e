import TensorGraph

/// The determinants of square matrices, or their cofactors: the derivatives of the determinants.
///
///     [batch…, n, n] → [batch…],  or [batch…, n, n]
struct Determinant: HostOperation {
  enum Part: String {
    case determinant, cofactors
  }

  let part: Part
  /// The type of the elements.
  let dtype: DType

  var name: String { part.rawValue }

  func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    let shape = x[0].shape
    guard shape.rank >= 2, shape[-1] == shape[-2], x[0].dtype == dtype, dtype.isFloatingPoint else {
      throw ShapeError("\(part) of \(x[0]), which has no square matrices")
    }
    return part == .cofactors
      ? x[0] : TensorType(x[0].dtype, Shape(Array(shape.dims.dropLast(2))))
  }

  func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    guard part == .determinant else { return [nil] }
    let spread = dy.reshaped(Shape(dy.shape.dims + [1, 1]))
    return [spread * dy.trace.emit(Determinant(part: .cofactors, dtype: dtype), [x[0]])]
  }

  /// One row for each matrix.
  func rowCount(_ type: TensorType) -> Int {
    part == .determinant
      ? type.shape.count : Shape(Array(type.shape.dims.dropLast(2))).count
  }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    let n = x[0].type.shape[-1]
    for row in rows {
      let matrix = (0..<n).map { i in (0..<n).map { x[0].number((row * n + i) * n + $0) } }
      func store(_ number: Double, _ index: Int) {
        func put<T: Scalar>(_: T.Type) {
          result.assumingMemoryBound(to: T.self)[index] = T(nearest: number)
        }
        put(dtype.scalarType)
      }
      guard part == .cofactors else {
        store(Self.determinant(matrix), row)
        continue
      }
      for i in 0..<n {
        for j in 0..<n {
          var minor = matrix
          minor.remove(at: i)
          for k in minor.indices { minor[k].remove(at: j) }
          let sign: Double = (i + j) % 2 == 0 ? 1 : -1
          store(sign * Self.determinant(minor), (row * n + i) * n + j)
        }
      }
    }
  }

  /// By elimination with the largest pivot of each column.
  private static func determinant(_ matrix: [[Double]]) -> Double {
    var rows = matrix, product = 1.0
    for column in rows.indices {
      let pivot =
        (column..<rows.count).max { rows[$0][column].magnitude < rows[$1][column].magnitude }
        ?? column
      guard rows[pivot][column] != 0 else { return 0 }
      if pivot != column {
        rows.swapAt(pivot, column)
        product = -product
      }
      product *= rows[column][column]
      for row in rows.indices.dropFirst(column + 1) {
        let factor = rows[row][column] / rows[column][column]
        for other in column..<rows.count { rows[row][other] -= factor * rows[column][other] }
      }
    }
    return product
  }
}
