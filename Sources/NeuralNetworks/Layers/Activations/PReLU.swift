import TensorGraph

/// A rectifier that learns its slope: `x` where `x ≥ 0`, else `alpha · x`.
///
/// - Input, output: `[batch, …]`
/// - Weights: `alpha`, the input's shape without batch, with 1 for each of `sharedAxes`
/// - Reference: [He et al., 2015](https://arxiv.org/abs/1502.01852)
public final class PReLU: NamedLayer {
  /// How `alpha` starts.
  public let alphaInitializer: Initializer
  /// The axes along which one slope serves all, from 1 on.
  public let sharedAxes: [Int]?
  public let options: LayerOptions

  public static let example = PReLU()

  /// Creates a rectifier that learns its slope.
  public init(
    alphaInitializer: Initializer = .zeros, sharedAxes: [Int]? = nil, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.alphaInitializer = alphaInitializer
    self.sharedAxes = sharedAxes
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank >= 2 else { return context.fail("PReLU expects [batch, …]", x) }
    var shape = Shape(Array(x.shape.dims.dropFirst()))
    for axis in sharedAxes ?? [] {
      guard let axis = x.shape.axis(axis), axis > 0 else {
        return context.fail(
          "PReLU cannot share its slope along axis \(axis)", x, hint: "0 is the batch")
      }
      shape[axis - 1] = 1
    }
    let alpha = context.weight("alpha", shape, alphaInitializer)
    return relu(x) - alpha * relu(-x)
  }
}
