import TensorGraph

/// The input times `scale` plus `offset`, as floats.
///
///     let pixels = Rescaling(1 / 255.0)
///
/// - Input, output: any shape
public final class Rescaling: NamedLayer {
  /// The factor, or one for each channel.
  public let scale: OneOrMany<Double>
  /// What is added, or one for each channel.
  public let offset: OneOrMany<Double>
  public let options: LayerOptions

  public static let example = Rescaling(1)

  /// Creates a rescaling by `scale`.
  public init(_ scale: Double, offset: Double = 0, name: String? = nil, options: LayerOptions = [])
  {
    self.scale = OneOrMany(scale)
    self.offset = OneOrMany(offset)
    self.options = LayerOptions(name, options)
  }

  /// Creates a rescaling with a factor for each channel.
  public init(
    _ scale: [Double], offset: [Double] = [0], name: String? = nil, options: LayerOptions = []
  ) {
    self.scale = OneOrMany(scale)
    self.offset = OneOrMany(offset)
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    for numbers in [scale.values, offset.values] where numbers.count != 1 {
      guard x.shape.rank > 0, numbers.count == x.shape[-1] else {
        return context.fail("Rescaling has \(numbers.count) numbers for the channels", x)
      }
    }
    let x = x.dtype.isFloatingPoint ? x : x.cast(to: context.policy.compute)
    func symbol(_ numbers: [Double]) -> Symbol {
      numbers.count == 1
        ? x.constant(numbers[0])
        : x.trace.constant(Tensor(TensorType(x.dtype, [numbers.count]), numbers: numbers))
    }
    return x * symbol(scale.values) + symbol(offset.values)
  }
}
