import TensorGraph

/// Shifts and scales features to mean 0 and variance 1.
///
///     y = (x − mean) / max(√variance, 10⁻⁷)
///
///     let normalize = try Normalization().adapted(to: features)
///
/// A layer that is neither given nor adapted to a mean keeps both as states, 0 and 1 at first,
/// which a file can fill.
///
/// - Input: any shape, integers too
/// - Output: floats of the shape of the input
/// - Weights, unless the mean is given: `mean` and `variance`, both of the sizes of `axis`, and
///   `count`, which nothing reads
public final class Normalization: NamedLayer, AdaptableLayer {
  /// The axes whose indices have a mean each; nothing for one mean of all elements.
  public let axis: OneOrMany<Int>?
  /// The mean, broadcast to the sizes of `axis`.
  public let mean: NumberArray?
  /// The variance, of the shape of `mean`.
  public let variance: NumberArray?
  /// Whether the layer does the opposite: features with their mean and variance.
  public let invert: Bool
  public let options: LayerOptions

  public static let example = Normalization()

  /// Creates a normalization, whose mean and variance are given together or found in data.
  public init(
    axis: OneOrMany<Int>? = -1, mean: NumberArray? = nil, variance: NumberArray? = nil,
    invert: Bool = false, name: String? = nil, options: LayerOptions = []
  ) {
    self.axis = axis
    self.mean = mean
    self.variance = variance
    self.invert = invert
    self.options = LayerOptions(name, options)
  }

  /// The smallest standard deviation that is divided by.
  private static let epsilon = 1e-7

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard let kept = keptAxes(of: x.shape) else {
      return context.fail("Normalization cannot keep axis \(axis?.values ?? []) of its input", x)
    }
    if let mistake = givenMistake(kept, x.shape) {
      return context.fail(mistake.0, x, hint: mistake.1)
    }
    let x = x.dtype.isFloatingPoint ? x : x.cast(to: context.policy.compute)
    let sizes = Shape(kept.map { x.shape[$0] })
    let spread = Shape(x.shape.dims.indices.map { kept.contains($0) ? x.shape[$0] : 1 })
    func constant(_ array: NumberArray) -> Symbol {
      let shape = Shape(
        x.shape.dims.indices.map { axis in
          guard let place = kept.firstIndex(of: axis) else { return 1 }
          let own = place - (kept.count - array.shape.rank)
          return own < 0 ? 1 : array.shape[own]
        })
      return x.trace.constant(Tensor(TensorType(x.dtype, shape), numbers: array.values))
    }
    let center: Symbol, square: Symbol
    if let mean, let variance {
      (center, square) = (constant(mean), constant(variance))
    } else {
      center = context.state("mean", sizes, .zeros).reshaped(spread)
      square = context.state("variance", sizes, .ones).reshaped(spread)
      _ = context.state("count", [], .zeros, dtype: .int32)
    }
    let deviation = maximum(sqrt(square), Self.epsilon)
    return invert ? center + x * deviation : (x - center) / deviation
  }

  /// The axes that are kept, from the front; nothing if one of them does not exist.
  private func keptAxes(of shape: Shape) -> [Int]? {
    let axes = (axis?.values ?? []).map { shape.axis($0) }
    let found = Set(axes.compactMap(\.self))
    return found.count == axes.count ? found.sorted() : nil
  }

  /// Why mean and variance cannot be those of inputs of `shape`.
  private func givenMistake(_ kept: [Int], _ shape: Shape) -> (String, hint: String?)? {
    guard let mean, let variance else {
      return mean == nil && variance == nil
        ? nil : ("Normalization needs mean and variance together", "give both, or adapt the layer")
    }
    guard mean.shape == variance.shape else {
      return (
        "Normalization has a mean of \(mean.shape) and a variance of \(variance.shape)",
        "they have one shape"
      )
    }
    guard mean.shape.rank <= kept.count else {
      return ("Normalization has a mean of \(mean.shape) for \(kept.count) axes", nil)
    }
    for (size, axis) in zip(mean.shape.dims.reversed(), kept.reversed())
    where size != 1 && size != shape[axis] {
      return ("Normalization has a mean of \(mean.shape) for \(shape[axis]) features", nil)
    }
    guard variance.values.allSatisfy({ $0 >= 0 && $0.isFinite }),
      mean.values.allSatisfy(\.isFinite)
    else { return ("Normalization needs finite numbers, and variances of at least 0", nil) }
    return nil
  }

  /// The layer with the mean and the (population) variance of all elements in `batches`.
  public func adapted(to batches: some Sequence<Tensor>) throws -> Normalization {
    guard mean == nil, variance == nil else {
      throw mistake("Normalization has a mean already", hint: "adapt one that was made without")
    }
    var moments: Moments?
    for batch in batches {
      try checkNumbers(batch)
      guard let kept = keptAxes(of: batch.shape) else {
        throw mistake("Normalization cannot keep axis \(axis?.values ?? []) of its data", batch)
      }
      let sizes = kept.map { batch.shape[$0] }
      guard moments?.sizes ?? sizes == sizes else {
        throw mistake("batches have different numbers of features", batch)
      }
      var merged = moments ?? Moments(sizes: sizes)
      merged.add(batch.numbers, entries(of: batch.shape, kept))
      moments = merged
    }
    guard let moments, moments.count > 0 else {
      throw mistake("there are no data to adapt Normalization to")
    }
    let shape = Shape(moments.sizes)
    return Normalization(
      axis: axis, mean: NumberArray(shape, moments.mean),
      variance: NumberArray(shape, moments.squares.map { $0 / moments.count }), invert: invert,
      options: options)
  }

  /// For each element of `shape`, the place of its feature among the indices of `kept`.
  private func entries(of shape: Shape, _ kept: [Int]) -> [Int32] {
    var strides = shape.dims.map { _ in 0 }, stride = 1
    for axis in kept.reversed() {
      strides[axis] = stride
      stride *= shape[axis]
    }
    var places: [Int32] = [0]
    for axis in shape.dims.indices {
      places = places.flatMap { place in
        (0..<shape[axis]).map { place + Int32(truncatingIfNeeded: $0 * strides[axis]) }
      }
    }
    return places
  }
}

/// Mean and sum of squared distances from it, feature by feature, of data that come in parts.
///
/// - Reference: [Chan, Golub and LeVeque, 1983](https://doi.org/10.1080/00031305.1983.10483115)
private struct Moments {
  let sizes: [Int]
  var mean: [Double]
  var squares: [Double]
  /// The number of elements of each feature.
  var count = 0.0

  init(sizes: [Int]) {
    self.sizes = sizes
    mean = [Double](repeating: 0, count: sizes.reduce(1, *))
    squares = mean
  }

  /// Adds `numbers`, each to the feature that `features` names.
  mutating func add(_ numbers: [Double], _ features: [Int32]) {
    guard !numbers.isEmpty else { return }
    let size = Double(numbers.count / mean.count), total = count + size
    var batchMean = mean.map { _ in 0.0 }, batchSquares = batchMean
    for (number, feature) in zip(numbers, features) { batchMean[Int(feature)] += number }
    for feature in batchMean.indices { batchMean[feature] /= size }
    for (number, feature) in zip(numbers, features) {
      let distance = number - batchMean[Int(feature)]
      batchSquares[Int(feature)] += distance * distance
    }
    for feature in mean.indices {
      let distance = batchMean[feature] - mean[feature]
      mean[feature] += distance * size / total
      squares[feature] += batchSquares[feature] + distance * distance * count * size / total
    }
    count = total
  }
}
