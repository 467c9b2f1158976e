import TensorGraph

extension OperationCase {
  /// Values without operands.
  static var constants: [OperationCase] {
    [
      OperationCase("fill", [.floats([2, 3])], tolerance: .exact) {
        $0[0] * 0 + $0[0].trace.constant(2.5, [2, 3])
      },
      OperationCase("literal", [.floats([2, 2])], tolerance: .ulps(1)) {
        $0[0] * $0[0].trace.constant(Tensor([2, 2], [1, 2, 3, 4] as [Float]))
      },
      OperationCase("iota", [.floats([2, 3])], tolerance: .ulps(1)) {
        $0[0] * $0[0].trace.iota([2, 3], axis: 1, dtype: .float32)
      },
    ]
  }

  /// Matrix products.
  static var matrices: [OperationCase] {
    let sums = Tolerance.ulpsOfLargest(8)
    var cases = [
      OperationCase(
        "matmul of a vector and a matrix", [.floats([3]), .floats([3, 2])], tolerance: sums
      ) {
        matmul($0[0], $0[1])
      },
      OperationCase("matmul of vectors", [.floats([3]), .floats([3])], tolerance: sums) {
        matmul($0[0], $0[1])
      },
      OperationCase(
        "matmul of a batch and one matrix", [.floats([2, 2, 3]), .floats([3, 2])], tolerance: sums
      ) { matmul($0[0], $0[1]) },
      OperationCase(
        "matmul with a broadcast batch", [.floats([2, 1, 2, 3]), .floats([3, 3, 2])],
        tolerance: sums
      ) { matmul($0[0], $0[1]) },
    ]
    for (a, b) in [(false, false), (true, false), (false, true), (true, true)] {
      let operation = MatMul(transposeA: a, transposeB: b)
      cases.append(
        OperationCase(
          operation.name,
          [.floats(a ? [2, 3, 4] : [2, 4, 3]), .floats(b ? [2, 2, 3] : [2, 3, 2])],
          tolerance: sums
        ) { $0[0].trace.emit(operation, $0) })
    }
    return cases
  }

  /// Reductions over axes, and sums along them.
  static var reductions: [OperationCase] {
    let sums = Tolerance.ulpsOfLargest(8)
    var cases = Reduction.Kind.allCases.flatMap { kind in
      [[0], [1], [0, 2], [0, 1, 2]].map { axes in
        OperationCase(
          "\(kind) over \(axes)", [.floats([2, 3, 4], 0.5...2)],
          tolerance: kind == .max || kind == .min ? .exact : sums
        ) { $0[0].trace.emit(Reduction(kind: kind, axes: axes), $0) }
      }
    }
    cases += [
      OperationCase(
        "product with a zero", [.numbers([2, 3], [2, 0, 3, 4, 5, 6])], tolerance: sums
      ) {
        $0[0].product(axes: [1])
      },
      OperationCase("product with two zeros", [.numbers([3], [0, 0, 3])], tolerance: sums) {
        $0[0].product()
      },
      OperationCase(
        "extremes of equal and NaN", [.numbers([2, 3], [1, 1, 0, 1, .nan, 2])], tolerance: .exact,
        isDifferentiable: false
      ) {
        [$0[0].max(axes: [1]), $0[0].min(axes: [1]), $0[0].argmax(axis: 1), $0[0].argmin(axis: 1)]
      },
      OperationCase("argmax", [.floats([3, 4, 2])], tolerance: .exact) { $0[0].argmax(axis: 1) },
      OperationCase("argmin", [.floats([3, 4])], tolerance: .exact) { $0[0].argmin(axis: -1) },
      OperationCase("mean", [.floats([3, 4])], tolerance: sums) { $0[0].mean(axes: [0]) },
      OperationCase("variance", [.floats([3, 4])], tolerance: sums) { $0[0].variance(axes: [1]) },
      OperationCase("sum of integers", [.integers([3, 4], -9...9)], tolerance: .exact) {
        $0[0].sum(axes: [0])
      },
      OperationCase("cumulative product", [.floats([5, 2])], tolerance: .ulps(8)) {
        $0[0].cumulativeProduct(axis: 0)
      },
    ]
    for (exclusive, reverse) in [(false, false), (true, false), (false, true), (true, true)] {
      let operation = CumulativeSum(axis: 1, exclusive: exclusive, reverse: reverse)
      cases.append(
        OperationCase(operation.name, [.floats([2, 4, 3])], tolerance: sums) {
          $0[0].trace.emit(operation, $0)
        })
    }
    return cases
  }

  /// Operations that move elements.
  static var shaping: [OperationCase] {
    [
      OperationCase("reshape", [.floats([2, 6])], tolerance: .exact) {
        $0[0].reshaped([3, -1, 2])
      },
      OperationCase("transpose", [.floats([2, 3, 4])], tolerance: .exact) {
        $0[0].transposed([2, 0, 1])
      },
      OperationCase("broadcast", [.floats([3, 1])], tolerance: .exact) {
        $0[0].broadcast(to: [2, 3, 4])
      },
      OperationCase("slice", [.floats([5, 7])], tolerance: .exact) {
        $0[0].trace.emit(Slice(starts: [1, 6], sizes: [2, 3], strides: [2, -2]), $0)
      },
      OperationCase("unslice", [.floats([2, 3])], tolerance: .exact) {
        let slice = Slice(starts: [1, 6], sizes: [2, 3], strides: [2, -2])
        return $0[0].trace.emit(Unslice(slice: slice, shape: [5, 7]), $0)
      },
      OperationCase("reverse", [.floats([3, 4])], tolerance: .exact) { $0[0].reversed(axis: 1) },
      OperationCase("padding", [.floats([2, 3])], tolerance: .exact) {
        $0[0].padded(low: [1, 0], high: [0, 2], with: 1.5)
      },
      OperationCase(
        "split", [.floats([2, 6])], tolerance: .exact,
        results: {
          $0[0].split(3, axis: 1)
        }),
      OperationCase(
        "concatenate", [.floats([2, 1, 2]), .floats([2, 3, 2]), .floats([2, 0, 2])],
        tolerance: .exact
      ) { concatenate($0, axis: 1) },
      OperationCase("stack", [.floats([2, 3]), .floats([2, 3])], tolerance: .exact) {
        stack($0, axis: -1)
      },
      OperationCase(
        "no elements", [.floats([0, 3])], tolerance: .exact,
        results: {
          [exp($0[0]), $0[0].sum(axes: [0]), $0[0].transposed(), $0[0].reshaped([3, 0, 2])]
        }),
    ]
  }
}
