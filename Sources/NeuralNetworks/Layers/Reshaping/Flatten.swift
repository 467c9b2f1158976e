import TensorGraph

/// All axes but the batch's as one.
///
/// - Input: `[batch, …]`
/// - Output: `[batch, features]`
public final class Flatten: NamedLayer {
  public let name: String?

  public static let example = Flatten()

  /// Creates a layer that flattens its input.
  public init(name: String? = nil) { self.name = name }

  public var masking: MaskHandling {
    .refused(hint: "pool over the time axis first: GlobalAveragePooling1D()")
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard let batch = x.shape.dims.first else {
      return context.fail("Flatten expects [batch, …]", x)
    }
    return x.reshaped([batch, x.shape.dims.dropFirst().reduce(1, *)])
  }
}
