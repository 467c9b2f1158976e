import TensorGraph

/// A dense layer whose product is any sum of Einstein's: `activation(einsum(x, kernel) + bias)`.
///
///     let heads = EinsumDense("abc,cde->abde", outputShape: [nil, 8, 64], biasAxes: "de")
///     let last = EinsumDense("...x,xy->...y", outputShape: [10], biasAxes: "y")
///
/// The equation is `input,kernel->output`, a letter for each axis. `...` stands for any axes, at
/// the beginning of input and output or at their end.
///
/// The mask of the steps is passed on where the axes that it has are the output's first ones too.
///
/// - Input: `[batch, …]`, as the equation says
/// - Output: as the equation says
/// - Weights: `kernel`, as the equation says; `bias`, the sizes of `biasAxes` among axes of size 1
public final class EinsumDense: NamedLayer {
  /// The sum, such as `"ab,bc->ac"`.
  public let equation: String
  /// The axes of the output but the batch and those of the ellipsis; `nil` for a size that the
  /// input has.
  public let outputShape: OneOrMany<Int?>
  /// What is applied to the sum.
  public let activation: Activation
  /// The letters of the output's axes along which the bias differs; without any there is none.
  public let biasAxes: String?
  /// How `kernel` starts.
  public let kernelInitializer: Initializer
  /// How `bias` starts.
  public let biasInitializer: Initializer
  public let options: LayerOptions

  public static let example = EinsumDense("ab,bc->ac", outputShape: [1])

  /// Creates a layer that computes `equation`.
  public init(
    _ equation: String, outputShape: OneOrMany<Int?>, activation: Activation = .linear,
    biasAxes: String? = nil, kernelInitializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros, name: String? = nil, options: LayerOptions = []
  ) {
    self.equation = equation
    self.outputShape = outputShape
    self.activation = activation
    self.biasAxes = biasAxes
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { .explicit }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let parsed: EinsumEquation
    do throws(EinsumEquation.Mistake) {
      parsed = try EinsumEquation(
        equation, input: x.shape, output: outputShape.values, biasAxes: biasAxes)
    } catch {
      return context.fail(
        "EinsumDense cannot use \"\(equation)\": \(error.reason)", x, hint: error.hint)
    }
    let kernel = context.weight(
      "kernel", parsed.kernelShape,
      kernelInitializer.scaled(fanIn: parsed.fanIn, fanOut: parsed.fanOut))
    var y = einsum(equation, x, kernel)
    if let shape = parsed.biasShape { y = y + context.weight("bias", shape, biasInitializer) }
    y = activation(y)
    guard y.isValid, let mask = x.mask else { return y }
    guard parsed.keepsFirstAxes(mask.shape.rank) else {
      return context.fail(
        "EinsumDense moves or sums the masked axes of its input", x,
        hint: "drop the mask before it: x.masked(by: nil)")
    }
    return y.masked(by: mask)
  }
}
