import TensorGraph

/// Sequences without their borders.
///
///     let inner = Cropping1D([2, 1])
///
/// A mask is cut in the same way.
///
/// - Input: `[batch, time, channels]`
/// - Output: `[batch, time − before − after, channels]`
public final class Cropping1D: NamedLayer {
  /// How many steps are cut off before and after the sequence.
  public let cropping: BorderSize<1>
  public let options: LayerOptions

  public static let example = Cropping1D()
  public var masking: MaskHandling { windowMasking(1) }

  /// Creates a layer that cuts off borders of `cropping`.
  public init(
    _ cropping: BorderSize<1> = 1, name: String? = nil, options: LayerOptions = []
  ) {
    self.cropping = cropping
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    cropping.cropped(x, by: self, context)
  }
}
