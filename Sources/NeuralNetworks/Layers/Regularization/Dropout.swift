import TensorGraph

/// Sets a random share `rate` of the inputs to 0 in training, and scales the rest by
/// `1 / (1 − rate)`; in inference it changes nothing.
///
///     let noisy = Dropout(0.5)
///
/// - Input, output: any shape
/// - Reference: [Srivastava et al., 2014](https://jmlr.org/papers/v15/srivastava14a.html)
public final class Dropout: NamedLayer, RandomLayer {
  /// The share of inputs that are dropped, from 0 to 1.
  public let rate: Double
  /// The shape of the random choices, which broadcast to the input; without one, the input's.
  /// A `nil` in it is the input's own size.
  public let noiseShape: [Int?]?
  public let options: LayerOptions

  public static let example = Dropout(0.5)

  /// Creates a dropout of the share `rate`.
  public init(
    _ rate: Double, noiseShape: [Int?]? = nil, name: String? = nil, options: LayerOptions = []
  ) {
    self.rate = rate
    self.noiseShape = noiseShape
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard (0...1).contains(rate) else {
      return context.fail("Dropout needs a rate from 0 to 1, not \(rate)")
    }
    guard let shape = context.noiseShape(noiseShape, for: x, of: self) else {
      return context.model.trace.invalid
    }
    return context.isTraining && rate > 0 ? context.dropout(x, rate, shape) : x
  }
}

extension LayerContext {
  /// `x` with the share `rate` of it set to 0 and the rest scaled to keep the mean; one choice for
  /// each element of `shape`, which broadcasts to `x`.
  func dropout(_ x: Symbol, _ rate: Double, _ shape: Shape) -> Symbol {
    x * dropoutMask(rate, shape, dtype: x.dtype)
  }

  /// `1 / (1 − rate)` with the chance `1 − rate`, else 0.
  func dropoutMask(_ rate: Double, _ shape: Shape, dtype: DType) -> Symbol {
    guard rate < 1 else { return model.trace.constant(0, shape, dtype: dtype) }
    return kept(rate, shape).cast(to: dtype) * (1 / (1 - rate))
  }

  /// `true` with the chance `1 − rate`, for each element of `shape`.
  func kept(_ rate: Double, _ shape: Shape) -> Symbol {
    let (key, stream) = random
    return randomUniform(key, stream: stream, shape) .>= rate
  }

  /// The shape of the random choices that `layer` makes for `x`: `given`, with the sizes of `x`
  /// where it has none. Reports a shape that does not broadcast to `x`, and returns nothing.
  ///
  /// A size of the batch only has to fit in training: elsewhere there is no noise.
  func noiseShape(_ given: [Int?]?, for x: Symbol, of layer: any Layer) -> Shape? {
    guard let given else { return x.shape }
    guard given.count == x.shape.rank else {
      _ = fail("\(layer.className) needs a noise shape with \(x.shape.rank) sizes", x)
      return nil
    }
    let shape = zip(given, x.shape.dims).map { $0 ?? $1 }
    for (axis, size) in shape.enumerated()
    where size != 1 && size != x.shape[axis] && (isTraining || axis > 0 || size < 1) {
      _ = fail(
        "\(layer.className) cannot broadcast its noise shape \(Shape(shape))", x,
        hint: "a size is 1, or that of the input, which nil stands for")
      return nil
    }
    return Shape(shape)
  }
}
