import TensorGraph

/// A densely connected layer: `activation(x · kernel + bias)`.
///
///     let hidden = Dense(128, activation: .relu)
///
/// - Input: `[batch, …, features]`
/// - Output: `[batch, …, units]`
/// - Weights: `kernel` `[features, units]`, `bias` `[units]`
public final class Dense: NamedLayer {
  /// The size of the output's last axis.
  public let units: Int
  /// What is applied to the sum.
  public let activation: Activation
  /// Whether there is a bias.
  public let useBias: Bool
  /// How `kernel` starts.
  public let kernelInitializer: Initializer
  /// How `bias` starts.
  public let biasInitializer: Initializer
  public let options: LayerOptions

  public static let example = Dense(1)

  /// Creates a dense layer with `units` outputs.
  public init(
    _ units: Int, activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.units = units
    self.activation = activation
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank >= 2 else {
      return context.fail(
        "Dense expects [batch, …, features]", x, hint: "add an axis of features")
    }
    guard isSize(units) else { return context.fail("Dense needs at least 1 unit, not \(units)") }
    let kernel = context.weight("kernel", [x.shape[-1], units], kernelInitializer)
    var y = matmul(x, kernel)
    if useBias { y = y + context.weight("bias", [units], biasInitializer) }
    return activation(y)
  }
}
