import TensorGraph

extension OperationCase {
  /// Operations on and by indices.
  static var indexing: [OperationCase] {
    [
      OperationCase("gather", [.floats([5, 3]), .integers([2, 4], 0...4)], tolerance: .exact) {
        $0[0].gathered(at: $0[1])
      },
      OperationCase(
        "gather of a middle axis", [.floats([2, 4, 3]), .integers([3], 0...3, dtype: .int64)],
        tolerance: .exact
      ) { $0[0].gathered(at: $0[1], axis: 1) },
      OperationCase(
        "gather by one index", [.floats([4, 3]), .integers([], 0...3)], tolerance: .exact
      ) { $0[0].gathered(at: $0[1]) },
      OperationCase(
        "gather out of range", [.floats([3, 2]), .numbers([4], [-1, 0, 3, 2], dtype: .int32)],
        tolerance: .exact, isDifferentiable: false
      ) { [$0[0].gathered(at: $0[1]), $0[0].cast(to: .int32).gathered(at: $0[1])] },
      OperationCase(
        "gather with zeros out of range",
        [.floats([3, 2]), .numbers([4], [-1, 0, 3, 2], dtype: .int32)], tolerance: .exact
      ) { $0[0].trace.emit(Gather(axis: 0, missing: .zero), $0) },
      OperationCase(
        "scatter add", [.floats([2, 6, 2]), .integers([6], -1...4)], tolerance: .ulpsOfLargest(4)
      ) { $0[0].scattered(at: $0[1], axis: 1, size: 4) },
      OperationCase(
        "gather along", [.floats([3, 4]), .integers([3, 2], 0...3)], tolerance: .exact
      ) { $0[0].gathered(along: 1, at: $0[1]) },
      OperationCase(
        "gather along out of range",
        [.floats([3, 2]), .numbers([2, 2], [0, -1, 3, 2], dtype: .int32)], tolerance: .exact,
        isDifferentiable: false
      ) { $0[0].gathered(along: 0, at: $0[1]) },
      OperationCase(
        "scatter along", [.floats([3, 2]), .integers([3, 2], -1...4)],
        tolerance: .ulpsOfLargest(4)
      ) { $0[0].scattered(along: 0, at: $0[1], size: 4) },
      OperationCase("one hot", [.integers([2, 3], -1...4)], tolerance: .exact) {
        oneHot($0[0], depth: 4)
      },
      OperationCase(
        "sort", [.floats([3, 5])], tolerance: .exact,
        results: {
          let y = $0[0].sortedWithIndices()
          return [y.values, y.indices]
        }),
      OperationCase(
        "sort descending", [.floats([5, 3])], tolerance: .exact,
        results: {
          let y = $0[0].sortedWithIndices(axis: 0, descending: true)
          return [y.values, y.indices]
        }),
      OperationCase(
        "sort of equal and NaN", [.numbers([6], [2, .nan, 1, 2, -.infinity, 1])],
        tolerance: .exact, isDifferentiable: false,
        results: { x in
          [false, true].flatMap { descending in
            let y = x[0].sortedWithIndices(descending: descending)
            return [y.values, y.indices]
          } + [x[0].topK(4).indices]
        }),
      OperationCase(
        "top k", [.floats([3, 5])], tolerance: .exact,
        results: {
          let y = $0[0].topK(2)
          return [y.values, y.indices]
        }),
      OperationCase(
        "top k of integers", [.integers([3, 8], 0...3)], tolerance: .exact,
        results: {
          let y = $0[0].topK(3)
          return [y.values, y.indices]
        }),
    ]
  }

  /// Random numbers, as functions of their key.
  static var random: [OperationCase] {
    let key = Operand.numbers([2], [0x1_2345_6789_abc, 7], dtype: .int64)
    let stream = streamHash("dropout")
    return [
      OperationCase("random uniform", [key], tolerance: .exact) {
        $0[0].trace.emit(RandomUniform(stream: stream, type: TensorType(.float32, [3, 7])), $0)
      },
      OperationCase("random normal", [key], tolerance: .ulpsOfLargest(8)) {
        $0[0].trace.emit(RandomNormal(stream: stream, type: TensorType(.float32, [3, 7])), $0)
      },
      OperationCase("bernoulli", [key], tolerance: .exact) {
        bernoulli($0[0], stream: stream, [50], probability: 0.3)
      },
      OperationCase("random truncated normal", [key], tolerance: .ulpsOfLargest(32)) {
        randomTruncatedNormal($0[0], stream: stream, [20])
      },
    ]
  }
}
