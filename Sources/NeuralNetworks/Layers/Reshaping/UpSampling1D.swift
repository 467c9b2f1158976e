import TensorGraph

/// Sequences made longer by repeating each step.
///
///     let twice = UpSampling1D(2)
///
/// A mask is repeated as well.
///
/// - Input: `[batch, time, channels]`
/// - Output: `[batch, time · size, channels]`
public final class UpSampling1D: NamedLayer {
  /// How often a step is repeated.
  public let size: Int
  public let options: LayerOptions

  public static let example = UpSampling1D()
  public var masking: MaskHandling { .explicit }

  /// Creates a layer that makes sequences `size` times as long.
  public init(_ size: Int = 2, name: String? = nil, options: LayerOptions = []) {
    self.size = size
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    if let mistake = context.mistake(of: self, on: x, ["size": WindowSize<1>(size)]) {
      return mistake
    }
    return x.repeated(size, axis: 1).masked(by: x.mask.map { $0.repeated(size, axis: 1) })
  }
}
