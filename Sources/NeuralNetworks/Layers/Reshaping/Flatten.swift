import TensorGraph

/// All axes but the batch's as one.
///
/// A mask is kept where each step has one feature alone.
///
/// - Input: `[batch, …]`
/// - Output: `[batch, features]`
public final class Flatten: NamedLayer, DataFormatLayer {
  public let options: LayerOptions

  public static let example = Flatten()
  public var spatialAxisCount: Int? { nil }

  /// Creates a layer that flattens its input.
  public init(name: String? = nil, options: LayerOptions = []) {
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { .explicit }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard let batch = x.shape.dims.first else {
      return context.fail("Flatten expects [batch, …]", x)
    }
    let y = x.reshaped([batch, x.shape.dims.dropFirst().reduce(1, *)])
    guard let mask = x.mask, y.shape != mask.shape else { return y.masked(by: x.mask) }
    return context.fail(
      "Flatten mixes the steps of a masked input", x,
      hint: "pool over the time axis first: GlobalAveragePooling1D()")
  }
}
