import TensorGraph

/// Masks the steps of a sequence whose features all equal `maskValue`, and sets them to 0.
///
///     let padded = Masking(maskValue: -1)
///
/// - Input, output: `[batch, time, features]`
public final class Masking: NamedLayer {
  /// The value that stands for no data.
  public let maskValue: Double
  public let options: LayerOptions

  public static let example = Masking()

  /// Creates a layer that masks the steps filled with `maskValue`.
  public init(maskValue: Double = 0, name: String? = nil, options: LayerOptions = []) {
    self.maskValue = maskValue
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { .explicit }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank >= 3 else {
      return context.fail("Masking expects [batch, time, features]", x)
    }
    let hasData = (x .!= maskValue).cast(to: .int32).max(axes: [-1], keepDims: true) .> 0
    var mask = hasData.squeezed(-1)
    if let given = x.mask { mask = mask .& given }
    return select(hasData, x, 0).masked(by: mask)
  }
}
