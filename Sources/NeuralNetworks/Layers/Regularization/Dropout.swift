import TensorGraph

/// Sets a random share `rate` of the inputs to 0 in training, and scales the rest by
/// `1 / (1 − rate)`; in inference it changes nothing.
///
///     let noisy = Dropout(0.5)
///
/// - Input, output: any shape
/// - Reference: [Srivastava et al., 2014](https://jmlr.org/papers/v15/srivastava14a.html)
public final class Dropout: NamedLayer {
  /// The share of inputs that are dropped, from 0 to 1.
  public let rate: Double
  /// The shape of the random choices, which broadcast to the input; without one, the input's.
  /// A `nil` in it is the input's own size.
  public let noiseShape: [Int?]?
  public let name: String?

  public static let example = Dropout(0.5)

  /// Creates a dropout of the share `rate`.
  public init(_ rate: Double, noiseShape: [Int?]? = nil, name: String? = nil) {
    self.rate = rate
    self.noiseShape = noiseShape
    self.name = name
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard (0...1).contains(rate) else {
      return context.fail("Dropout needs a rate from 0 to 1, not \(rate)")
    }
    var shape = x.shape
    if let noiseShape {
      guard noiseShape.count == x.shape.rank else {
        return context.fail("Dropout needs a noise shape with \(x.shape.rank) sizes", x)
      }
      shape = Shape(zip(noiseShape, x.shape.dims).map { $0 ?? $1 })
      guard shape.broadcast(with: x.shape) == x.shape else {
        return context.fail("Dropout cannot broadcast its noise shape \(shape)", x)
      }
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
    let (key, stream) = random
    let kept = randomUniform(key, stream: stream, shape) .>= rate
    return kept.cast(to: dtype) * (1 / (1 - rate))
  }
}
