import TensorGraph
import Testing

@Suite("A mistake in a graph")
struct ErrorTextTests {
  /// The text of the first mistake that `body` makes with inputs of `types`.
  private func text(_ types: [TensorType], _ body: ([Symbol]) -> Symbol) -> String {
    let trace = Trace()
    let y = body(types.map { trace.input("x", $0) })
    do {
      _ = try trace.graph(returning: [y])
      return "no mistake"
    } catch {
      return error.description
    }
  }

  private func floats(_ shapes: Shape...) -> [TensorType] {
    shapes.map { TensorType(.float32, $0) }
  }

  @Test("of a kernel larger than the image suggests padding")
  func kernelTooLarge() {
    #expect(
      text(floats([1, 3, 3, 1], [5, 5, 1, 4])) { convolution($0[0], $0[1]) } == """
        error: a 5×5 kernel does not fit in a 3×3 image
          got   float32[1, 3, 3, 1], float32[5, 5, 1, 4]
          help  use padding: .same
        """)
  }

  @Test("of a window larger than the image suggests padding")
  func windowTooLarge() {
    #expect(
      text(floats([1, 3, 1])) { maxPooling($0[0], sizes: [4]) } == """
        error: a 4 window does not fit in a 3 image
          got   float32[1, 3, 1]
          help  use padding: .same
        """)
  }

  @Test("of channels that differ names both")
  func channels() {
    #expect(
      text(floats([1, 3, 3, 2], [3, 3, 1, 4])) { convolution($0[0], $0[1]) } == """
        error: the kernel [3, 3, 1, 4] takes 1 channels, the image has 2
          got   float32[1, 3, 3, 2], float32[3, 3, 1, 4]
        """)
  }

  @Test("of groups that do not divide says so")
  func groups() {
    #expect(
      text(floats([1, 3, 3, 4], [1, 1, 2, 3])) { convolution($0[0], $0[1], groups: 2) } == """
        error: 4 channels and 3 filters cannot be cut into 2 groups
          got   float32[1, 3, 3, 4], float32[1, 1, 2, 3]
        """)
  }

  @Test("of strides for other axes says how many there are")
  func strides() {
    #expect(
      text(floats([1, 3, 3, 1], [1, 1, 1, 1])) { convolution($0[0], $0[1], strides: [1, 1, 1]) }
        == """
        error: a window with 3 sizes does not move over 2 spatial axes
          got   float32[1, 3, 3, 1], float32[1, 1, 1, 1]
          help  there are 1 to 3 spatial axes, between batch and channels
        """)
  }

  @Test("of a stride of 0, or of an enormous one, is thrown", arguments: [0, -1, Int.max, Int.min])
  func stride(_ stride: Int) {
    #expect(
      text(floats([1, 3, 1])) { averagePooling($0[0], sizes: [1], strides: [stride]) } == """
        error: a window with stride \(stride)
          got   float32[1, 3, 1]
          help  the least stride is 1
        """)
    #expect(
      text(floats([1, 3, 1], [2, 1, 1])) {
        transposedConvolution($0[0], $0[1], strides: [stride])
      }.hasPrefix("error: a window with stride \(stride)\n"))
    #expect(
      text(floats([1, 3, 1], [2, 1, 1])) { convolution($0[0], $0[1], dilations: [stride]) }
        .hasPrefix("error: a window with dilation \(stride)\n"))
  }

  @Test("of output padding as large as the stride says so")
  func outputPadding() {
    #expect(
      text(floats([1, 3, 1], [2, 1, 1])) {
        transposedConvolution($0[0], $0[1], strides: [2], outputPadding: [2])
      } == """
        error: an output padding of 2 does not fit a stride of 2
          got   float32[1, 3, 1], float32[2, 1, 1]
          help  the output padding is at least 0 and smaller than the stride
        """)
  }

  @Test("of an image without axes is thrown")
  func noAxes() {
    #expect(
      text(floats([3, 3])) { maxPooling($0[0], sizes: []) } == """
        error: pooling expects [batch, spatial…, channels] with 1 to 3 spatial axes, got [3, 3]
          got   float32[3, 3]
        """)
    #expect(text(floats([], [])) { convolution($0[0], $0[1]) }.hasPrefix("error: convolution"))
    #expect(
      text(floats([], [])) { transposedConvolution($0[0], $0[1]) }.hasPrefix("error: a window"))
  }

  @Test("of the mean of integers suggests a cast")
  func integers() {
    let trace = Trace()
    let x = trace.input("x", TensorType(.int32, [1, 4, 1]))
    _ = trace.emit(AveragePooling(window: Window(sizes: [2])), [x])
    #expect(
      trace.errors.first?.description == """
        error: averagePooling expects floating-point numbers
          got   int32[1, 4, 1]
          help  cast them: x.cast(to: .float32)
        """)
  }

  @Test("of indices that are no integers suggests a cast")
  func indices() {
    #expect(
      text(floats([3], [2])) { $0[0].gathered(at: $0[1]) } == """
        error: gather expects integer indices
          got   float32[3], float32[2]
          help  cast them: x.cast(to: .int32)
        """)
  }

  @Test("of indices of another shape names both")
  func indexShapes() {
    let types = [TensorType(.float32, [3, 2]), TensorType(.int32, [2, 3])]
    #expect(
      text(types) { $0[0].gathered(along: 0, at: $0[1]) } == """
        error: gatherAlong expects indices of shape [3, 2] but for axis 0, got [2, 3]
          got   float32[3, 2], int32[2, 3]
        """)
    #expect(
      text(types) { $0[0].scattered(along: 0, at: $0[1], size: 3) } == """
        error: scatterAlong expects an index for each element, got [2, 3] for [3, 2]
          got   float32[3, 2], int32[2, 3]
        """)
    #expect(
      text(types) { $0[0].scattered(at: $0[1], size: 3) } == """
        error: scatterAdd cannot put [3, 2] at indices [2, 3]
          got   float32[3, 2], int32[2, 3]
        """)
  }

  @Test("of an axis that does not exist names it")
  func axes() {
    let types = [TensorType(.float32, [3, 2]), TensorType(.int32, [2, 3])]
    let operations: [(String, ([Symbol]) -> Symbol)] = [
      ("gather", { $0[0].gathered(at: $0[1], axis: 2) }),
      ("gatherAlong", { $0[0].gathered(along: 2, at: $0[1]) }),
      ("sort", { $0[0].sorted(axis: 2) }),
      ("cumulativeSum", { $0[0].cumulativeSum(axis: 2) }),
      ("sum", { $0[0].sum(axes: [2]) }),
    ]
    for (name, operation) in operations {
      #expect(
        text(types, operation).hasPrefix("error: \(name) over axis 2 of a tensor with 2 axes\n"))
    }
  }

  @Test("of more of the largest than there are names both")
  func topK() {
    #expect(
      text(floats([2, 3])) { $0[0].topK(4).values } == """
        error: the last axis of [2, 3] does not have 4 elements
          got   float32[2, 3]
        """)
  }

  @Test("of a key that is none says what one is")
  func key() {
    #expect(
      text(floats([2])) { randomUniform($0[0], stream: 0, [3]) } == """
        error: random numbers expect a key int64[2]: the seed and the step
          got   float32[2]
        """)
  }

  @Test("of shapes that do not broadcast names both")
  func broadcast() {
    #expect(
      text(floats([2, 3], [2])) { $0[0] + $0[1] } == """
        error: add cannot broadcast [2, 3] with [2]
          got   float32[2, 3], float32[2]
        """)
  }

  @Test("of matrices that do not fit names the inner sizes")
  func matmulSizes() {
    #expect(
      text(floats([2, 3], [2, 3])) { matmul($0[0], $0[1]) } == """
        error: matmul needs equal inner sizes, 3 ≠ 2
          got   float32[2, 3], float32[2, 3]
        """)
  }

  @Test("of a reshape counts the elements")
  func reshape() {
    #expect(
      text(floats([2, 3])) { $0[0].reshaped([4]) } == """
        error: cannot reshape [2, 3] (6 elements) to [4] (4)
          got   float32[2, 3]
        """)
  }

  @Test("of a size that no memory holds is thrown")
  func tooLarge() {
    #expect(
      text(floats([1])) { $0[0].broadcast(to: [1 << 40, 1 << 40]) } == """
        error: broadcast [1099511627776, 1099511627776] cannot make a tensor \
        [1099511627776, 1099511627776]
          got   float32[1]
        """)
    let shapes: [Shape] = [[.max, .max], [0, .max, .max], [-1], [-1, -1], [.min, .min]]
    for shape in shapes {
      let trace = Trace()
      #expect(!trace.input("x", TensorType(.float32, shape)).isValid)
      #expect(trace.errors.count == 1)
    }
  }

  @Test("of a gradient of many numbers says that one is needed")
  func gradient() {
    #expect(
      text(floats([2])) { gradients(of: $0[0], with: [$0[0]])[0] } == """
        error: gradients are of a scalar
          got   float32[2]
        """)
  }
}
