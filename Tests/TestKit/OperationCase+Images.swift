import TensorGraph

extension OperationCase {
  /// Convolution and pooling.
  static var images: [OperationCase] {
    convolutions + convolutionParts + poolings + adaptivePoolings + resizings
  }

  private static let sums = Tolerance.ulpsOfLargest(16)

  private static var convolutions: [OperationCase] {
    [
      OperationCase("convolution 1D", [.floats([2, 6, 3]), .floats([3, 3, 2])], tolerance: sums) {
        convolution($0[0], $0[1])
      },
      OperationCase(
        "convolution 1D causal dilated", [.floats([1, 7, 2]), .floats([3, 2, 2])], tolerance: sums
      ) { convolution($0[0], $0[1], padding: .causal, dilations: [2]) },
      OperationCase(
        "convolution 2D same strided", [.floats([2, 5, 6, 2]), .floats([3, 2, 2, 3])],
        tolerance: sums
      ) { convolution($0[0], $0[1], strides: [2, 3], padding: .same) },
      OperationCase(
        "convolution 2D grouped", [.floats([1, 4, 4, 4]), .floats([2, 2, 2, 6])], tolerance: sums
      ) { convolution($0[0], $0[1], groups: 2) },
      OperationCase(
        "convolution 2D depthwise", [.floats([1, 4, 4, 3]), .floats([3, 3, 1, 6])],
        tolerance: sums
      ) { convolution($0[0], $0[1], padding: .same, groups: 3) },
      OperationCase(
        "convolution 1D depthwise", [.floats([2, 6, 3]), .floats([3, 1, 3])], tolerance: sums
      ) { convolution($0[0], $0[1], strides: [2], padding: .same, groups: 3) },
      OperationCase(
        "convolution 1D grouped", [.floats([1, 7, 4]), .floats([2, 2, 6])], tolerance: sums
      ) { convolution($0[0], $0[1], padding: .causal, dilations: [2], groups: 2) },
      OperationCase(
        "convolution 2D pointwise", [.floats([2, 3, 3, 4]), .floats([1, 1, 4, 2])],
        tolerance: sums
      ) { convolution($0[0], $0[1]) },
      OperationCase(
        "convolution 2D explicitly padded", [.floats([1, 4, 5, 1]), .floats([2, 3, 1, 2])],
        tolerance: sums
      ) {
        convolution(
          $0[0], $0[1],
          Window(sizes: [2, 3], strides: [2, 1], dilations: [2, 1], low: [3, 0], high: [1, 2]))
      },
      OperationCase(
        "convolution 3D", [.floats([1, 3, 4, 3, 2]), .floats([2, 2, 2, 2, 2])], tolerance: sums
      ) { convolution($0[0], $0[1], strides: [1, 2, 1], padding: .same) },
      OperationCase(
        "transposed convolution 1D same", [.floats([2, 4, 2]), .floats([3, 3, 2])],
        tolerance: sums
      ) { transposedConvolution($0[0], $0[1], strides: [2], padding: .same) },
      OperationCase(
        "transposed convolution 2D valid", [.floats([1, 3, 2, 2]), .floats([2, 3, 3, 2])],
        tolerance: sums
      ) { transposedConvolution($0[0], $0[1], strides: [3, 1]) },
      OperationCase(
        "transposed convolution 2D with output padding",
        [.floats([1, 3, 3, 2]), .floats([3, 3, 1, 2])], tolerance: sums
      ) { transposedConvolution($0[0], $0[1], strides: [2, 2], outputPadding: [1, 0]) },
    ]
  }

  /// The parts of a convolution on their own, strided so that some input is not seen.
  private static var convolutionParts: [OperationCase] {
    let window = Window(sizes: [2, 3], strides: [2, 2], low: [0, 1], high: [0, 1])
    let (x, kernel, y): (Shape, Shape, Shape) = ([1, 5, 4, 4], [2, 3, 2, 2], [1, 2, 2, 2])
    return [
      OperationCase(
        "convolution input gradient", [.floats(y), .floats(kernel)], tolerance: sums
      ) {
        $0[0].trace.emit(Convolution(part: .inputGradient(x), window: window, groups: 2), $0)
      },
      OperationCase("convolution kernel gradient", [.floats(x), .floats(y)], tolerance: sums) {
        $0[0].trace.emit(Convolution(part: .kernelGradient(kernel), window: window, groups: 2), $0)
      },
    ]
  }

  private static var resizings: [OperationCase] {
    Interpolation.allCases.flatMap { interpolation in
      [(7, 5, false), (2, 3, false), (2, 3, true), (3, 9, true)].map { height, width, antialias in
        OperationCase(
          "resized to \(height)×\(width) \(interpolation)\(antialias ? " antialiased" : "")",
          [.floats([2, 3, 5, 2])], tolerance: sums
        ) {
          resized(
            $0[0], height: height, width: width, interpolation: interpolation,
            antialias: antialias)
        }
      }
    }
      + [
        OperationCase(
          "resized bytes", [.integers([1, 3, 4, 2], 0...255, dtype: .uint8)], tolerance: .exact,
          isDifferentiable: false
        ) { resized($0[0], height: 5, width: 9, interpolation: .lanczos3) }
      ]
  }

  private static var adaptivePoolings: [OperationCase] {
    [([2, 3], "apart"), ([5, 2], "of one axis"), ([7, 9], "more than elements")].flatMap {
      sizes, name in
      [
        OperationCase("adaptive max pooling \(name)", [.floats([2, 5, 8, 2])], tolerance: .exact) {
          adaptiveMaxPooling($0[0], outputSizes: sizes)
        },
        OperationCase("adaptive average pooling \(name)", [.floats([2, 5, 8, 2])], tolerance: sums)
        {
          adaptiveAveragePooling($0[0], outputSizes: sizes)
        },
      ]
    }
  }

  private static var poolings: [OperationCase] {
    let window = Window(sizes: [2, 3], strides: [1, 2], low: [1, 1], high: [0, 1])
    let (x, y): (Shape, Shape) = ([2, 3, 4, 2], [2, 3, 2, 2])
    let index = Operand.integers(y, 0...5)
    return [
      OperationCase("max pooling 1D", [.floats([2, 6, 3])], tolerance: .exact) {
        maxPooling($0[0], sizes: [2])
      },
      OperationCase("max pooling 2D same", [.floats([2, 5, 5, 2])], tolerance: .exact) {
        maxPooling($0[0], sizes: [3, 2], strides: [2, 2], padding: .same)
      },
      OperationCase(
        "max pooling 2D with indices", [.floats(x)], tolerance: .exact,
        results: {
          $0[0].trace.emit(MaxPooling(window: window), $0, results: 2)
        }),
      OperationCase("max pooling 3D", [.floats([1, 3, 4, 2, 2])], tolerance: .exact) {
        maxPooling($0[0], sizes: [2, 2, 2], strides: [1, 2, 2])
      },
      OperationCase(
        "max pooling of negative numbers", [.floats([1, 4, 4, 1], -3 ... -1)], tolerance: .exact
      ) {
        maxPooling($0[0], sizes: [3, 3], strides: [1, 1], padding: .same)
      },
      OperationCase(
        "max pooling of equal and NaN", [.numbers([1, 6, 1], [1, 1, 0, .nan, .nan, 2])],
        tolerance: .exact, isDifferentiable: false,
        results: {
          $0[0].trace.emit(MaxPooling(window: Window(sizes: [2])), $0, results: 2)
        }),
      OperationCase("max unpooling", [.floats(y), index], tolerance: .ulps(4)) {
        $0[0].trace.emit(MaxUnpooling(window: window, shape: x), $0)
      },
      OperationCase("max pooling gather", [.floats(x), index], tolerance: .exact) {
        $0[0].trace.emit(MaxPoolingGather(window: window), $0)
      },
      OperationCase("average pooling 1D", [.floats([2, 7, 3])], tolerance: sums) {
        averagePooling($0[0], sizes: [3], strides: [2], padding: .same)
      },
      OperationCase("average pooling 2D", [.floats(x)], tolerance: sums) {
        $0[0].trace.emit(AveragePooling(window: window), $0)
      },
      OperationCase("average pooling 3D", [.floats([1, 2, 3, 4, 2])], tolerance: sums) {
        averagePooling($0[0], sizes: [2, 2, 2], strides: [1, 1, 2])
      },
      OperationCase("average pooling gradient", [.floats(y)], tolerance: sums) {
        $0[0].trace.emit(AveragePoolingGradient(window: window, shape: x), $0)
      },
    ]
  }
}
