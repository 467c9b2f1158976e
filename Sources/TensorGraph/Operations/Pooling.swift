/// The largest element of each window, channel by channel, and which tap of the window it is.
///
/// Padding never wins, the first of equal elements does, and so does the first NaN. A window
/// that lies on padding alone gives −∞.
///
/// - Input: `[batch, spatial…, channels]`
/// - Results: the values, and the flat index of the tap (`int32`), `[batch, places…, channels]`
public struct MaxPooling: Operation {
  /// The window that moves over the images.
  public let window: Window

  /// Creates the operation.
  public init(window: Window) { self.window = window }

  public var name: String { "maxPooling \(window.sizes)" }
  public func resultTypes(_ x: [TensorType]) throws(ShapeError) -> [TensorType] {
    let shape = try window.pooledShape(x[0].shape)
    return [TensorType(x[0].dtype, shape), TensorType(.int32, shape)]
  }
  public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
    [dy[0].map { $0.trace.emit(MaxUnpooling(window: window, shape: x[0].shape), [$0, y[1]]) }]
  }
  public func evaluate(_ x: [ReferenceTensor], _ types: [TensorType]) -> [ReferenceTensor] {
    var y = ReferenceTensor(types[0].shape, repeating: -.infinity)
    var index = ReferenceTensor(types[1].shape, repeating: 0)
    var isEmpty = [Bool](repeating: true, count: y.numbers.count)
    window.forEachElement(of: x[0].shape) { place, tap, pixel in
      let (candidate, current) = (x[0].numbers[pixel], y.numbers[place])
      let wins = candidate > current || (candidate.isNaN && !current.isNaN)
      guard isEmpty[place] || wins else { return }
      (y.numbers[place], index.numbers[place], isEmpty[place]) = (candidate, Double(tap), false)
    }
    return [y, index]
  }
}

/// Zeros of `shape`, with each element of the first operand added at the tap of its window that
/// the second operand names: the adjoint of `MaxPoolingGather`.
public struct MaxUnpooling: SingleResultOperation {
  /// The window that moves over the result.
  public let window: Window
  /// The shape of the result.
  public let shape: Shape

  /// Creates the operation.
  public init(window: Window, shape: Shape) {
    self.window = window
    self.shape = shape
  }

  public var name: String { "maxUnpooling \(window.sizes)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    try window.checkPooled(x[0].shape, shape, index: x[1])
    return TensorType(x[0].dtype, shape)
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [y.trace.emit(MaxPoolingGather(window: window), [dy, x[1]]), nil]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    var y = ReferenceTensor(shape, repeating: 0)
    window.forEachElement(of: shape) { place, tap, pixel in
      if x[1].numbers[place] == Double(tap) { y.numbers[pixel] += x[0].numbers[place] }
    }
    return y
  }
}

/// The element of each window of the first operand at the tap that the second operand names, and
/// 0 where that tap is padding.
public struct MaxPoolingGather: SingleResultOperation {
  /// The window that moves over the images.
  public let window: Window

  /// Creates the operation.
  public init(window: Window) { self.window = window }

  public var name: String { "maxPoolingGather \(window.sizes)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    try window.checkPooled(x[1].shape, x[0].shape, index: x[1])
    return TensorType(x[0].dtype, x[1].shape)
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [y.trace.emit(MaxUnpooling(window: window, shape: x[0].shape), [dy, x[1]]), nil]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    var y = ReferenceTensor(type.shape, repeating: 0)
    window.forEachElement(of: x[0].shape) { place, tap, pixel in
      if x[1].numbers[place] == Double(tap) { y.numbers[place] = x[0].numbers[pixel] }
    }
    return y
  }
}

/// The mean of each window, channel by channel. Padding does not count, neither as an element
/// nor in their number; a window that lies on padding alone gives 0.
///
/// - Input: `[batch, spatial…, channels]`
/// - Result: `[batch, places…, channels]`
public struct AveragePooling: SingleResultOperation {
  /// The window that moves over the images.
  public let window: Window

  /// Creates the operation.
  public init(window: Window) { self.window = window }

  public var name: String { "averagePooling \(window.sizes)" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    try window.checkMeans(x[0].dtype)
    return TensorType(x[0].dtype, try window.pooledShape(x[0].shape))
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [y.trace.emit(AveragePoolingGradient(window: window, shape: x[0].shape), [dy])]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let counts = window.tapCounts(x[0].shape)
    var y = ReferenceTensor(type.shape, repeating: 0)
    window.forEachElement(of: x[0].shape) { place, _, pixel in
      y.numbers[place] += x[0].numbers[pixel] / counts[place]
    }
    return y
  }
}

/// Each element spread evenly over its window: the adjoint of `AveragePooling`.
public struct AveragePoolingGradient: SingleResultOperation {
  /// The window that moves over the result.
  public let window: Window
  /// The shape of the result.
  public let shape: Shape

  /// Creates the operation.
  public init(window: Window, shape: Shape) {
    self.window = window
    self.shape = shape
  }

  public var name: String { "averagePooling \(window.sizes) gradient" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    try window.checkMeans(x[0].dtype)
    try window.checkPooled(x[0].shape, shape)
    return TensorType(x[0].dtype, shape)
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [y.trace.emit(AveragePooling(window: window), [dy])]
  }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let counts = window.tapCounts(shape)
    var y = ReferenceTensor(shape, repeating: 0)
    window.forEachElement(of: shape) { place, _, pixel in
      y.numbers[pixel] += x[0].numbers[place] / counts[place]
    }
    return y
  }
}

extension Window {
  /// The shape of the result of pooling images of `shape`.
  fileprivate func pooledShape(_ shape: Shape) throws(ShapeError) -> Shape {
    guard (3...5).contains(shape.rank) else {
      throw ShapeError(
        "pooling expects [batch, spatial…, channels] with 1 to 3 spatial axes, got \(shape)")
    }
    return try outputShape(shape, noun: "window")
  }

  /// Throws unless `pooled` is the shape of the result of pooling images of `shape`.
  fileprivate func checkPooled(
    _ pooled: Shape, _ shape: Shape, index: TensorType? = nil
  ) throws(ShapeError) {
    let expected = try pooledShape(shape)
    guard pooled == expected, index == nil || index == TensorType(.int32, expected) else {
      throw ShapeError("pooling \(shape) gives \(expected), not \(pooled)")
    }
  }

  fileprivate func checkMeans(_ dtype: DType) throws(ShapeError) {
    guard dtype.isFloatingPoint else {
      throw ShapeError(
        "averagePooling expects floating-point numbers", hint: "cast them: x.cast(to: .float32)")
    }
  }

  /// Calls `body` for each tap on the images, image by image and channel by channel, with flat
  /// indices of the pooled element, of the tap, and of the element.
  fileprivate func forEachElement(
    of shape: Shape, _ body: (_ place: Int, _ tap: Int, _ pixel: Int) -> Void
  ) {
    let (pixels, places) = (shape.spatial.reduce(1, *), outputSizes(shape.spatial).reduce(1, *))
    let channels = shape[-1]
    for image in 0..<shape[0] {
      forEachTap(on: shape.spatial) { place, tap, pixel in
        for channel in 0..<channels {
          body(
            (image * places + place) * channels + channel, tap,
            (image * pixels + pixel) * channels + channel)
        }
      }
    }
  }

  /// How many taps of the window of each pooled element lie on the image.
  fileprivate func tapCounts(_ shape: Shape) -> [Double] {
    var counts = [Double](
      repeating: 0, count: shape[0] * outputSizes(shape.spatial).reduce(1, *) * shape[-1])
    forEachElement(of: shape) { place, _, _ in counts[place] += 1 }
    return counts
  }
}
