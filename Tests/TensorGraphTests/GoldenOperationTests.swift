import TensorGraph
import TestKit
import Testing

@Suite("Keras and NumPy agree with")
struct GoldenOperationTests {
  /// The integers that `Scripts/golden/operations.py` makes.
  private static func integers(_ shape: Shape) -> Tensor {
    let numbers: [Float] = (0..<shape.count).map { (n: Int) -> Float in
      let hash: Int = (7 * n + 5) * n * n + 3
      return Float(hash % 13 - 6)
    }
    return Tensor(shape, numbers)
  }

  private static let transposed: [String: @Sendable (Trace) -> Symbol] = {
    var cases: [String: @Sendable (Trace) -> Symbol] = [:]
    let settings: [(Int, Int, Int?)] = [(2, 3, nil), (3, 2, nil), (2, 3, 1), (2, 2, 0), (3, 4, 2)]
    for padding in [Padding.valid, .same] {
      for (stride, size, extra) in settings {
        let name = "transposed \(padding) \(stride) \(size) \(extra.map(String.init) ?? "None")"
        cases[name] = { trace in
          transposedConvolution(
            trace.constant(integers([1, 3, 2])), trace.constant(integers([size, 2, 2])),
            strides: [stride], padding: padding, outputPadding: extra.map { [$0] })
        }
      }
    }
    return cases
  }()

  private static let others: [String: @Sendable (Trace) -> Symbol] = [
    "convolution 1D same": {
      convolution(
        $0.constant(integers([1, 5, 2])), $0.constant(integers([4, 2, 2])), strides: [2],
        padding: .same)
    },
    "convolution 1D dilated": {
      convolution(
        $0.constant(integers([1, 7, 1])), $0.constant(integers([3, 1, 2])), dilations: [2])
    },
    "convolution 2D same": {
      convolution(
        $0.constant(integers([1, 4, 5, 2])), $0.constant(integers([2, 3, 2, 1])),
        strides: [1, 2], padding: .same)
    },
    "convolution 2D groups": {
      convolution(
        $0.constant(integers([1, 3, 3, 4])), $0.constant(integers([2, 2, 2, 2])), groups: 2)
    },
    "convolution 3D same": {
      convolution(
        $0.constant(integers([1, 2, 3, 2, 1])), $0.constant(integers([2, 2, 2, 1, 1])),
        padding: .same)
    },
    "transposed dilated": {
      transposedConvolution(
        $0.constant(integers([1, 3, 1])), $0.constant(integers([3, 1, 1])), dilations: [2])
    },
    "transposed 2D": {
      transposedConvolution(
        $0.constant(integers([1, 2, 3, 2])), $0.constant(integers([3, 2, 1, 2])),
        strides: [2, 2], padding: .same)
    },
    "max pooling same": {
      maxPooling(
        -abs($0.constant(integers([1, 5, 4, 1]))), sizes: [3, 2], strides: [2, 2], padding: .same)
    },
    "average pooling same": {
      averagePooling(
        $0.constant(integers([1, 5, 4, 1])), sizes: [3, 2], strides: [2, 2], padding: .same)
    },
    "average pooling valid": {
      averagePooling($0.constant(integers([1, 6, 2])), sizes: [3], strides: [2])
    },
    "gather": { $0.constant(integers([2, 3, 2])).gathered(at: indices($0), axis: 1) },
    "gather along": { $0.constant(integers([3, 2])).gathered(along: 0, at: indices($0)) },
    "scatter add": { $0.constant(integers([2, 2, 2])).scattered(at: indices($0), size: 3) },
    "sort": { $0.constant(integers([3, 5])).sorted(axis: 0) },
    "argsort": { $0.constant(integers([3, 5])).argsort(axis: 1) },
    "cumulative sum": { $0.constant(integers([3, 4])).cumulativeSum(axis: 1) },
    "cumulative product": { $0.constant(integers([5, 2])).cumulativeProduct(axis: 0) },
    "remainder": {
      $0.constant(integers([12]))
        % concatenate(
          Array(repeating: $0.constant(Tensor([3], [3, -3, 2.5] as [Float])), count: 4), axis: 0)
    },
    "variance": { $0.constant(integers([3, 4])).variance(axes: [1]) },
    "matmul": {
      matmul($0.constant(integers([2, 1, 2, 3])), $0.constant(integers([3, 3, 2])))
    },
  ]

  private static func indices(_ trace: Trace) -> Symbol {
    trace.constant(Tensor([2, 2], [0, 2, 1, 1] as [Int32]))
  }

  @Test("each operation", arguments: goldenOperations.keys.sorted())
  func golden(_ name: String) throws {
    let function = try #require(Self.transposed[name] ?? Self.others[name])
    let expected = try #require(goldenOperations[name])
    let trace = Trace()
    let graph = try trace.graph(returning: [function(trace)])
    try Tolerance.ulpsOfLargest(4).check(
      ReferenceEngine.evaluate(graph, [])[0],
      ReferenceTensor(Shape(expected.shape), expected.numbers), dtype: .float64)
  }

  @Test("all operations that have golden numbers")
  func completeness() {
    #expect(Self.transposed.count + Self.others.count == goldenOperations.count)
  }
}
