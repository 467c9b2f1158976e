import TensorGraph

/// A vector repeated `n` times: a sequence of equal steps.
///
/// - Input: `[batch, features]`
/// - Output: `[batch, n, features]`
public final class RepeatVector: NamedLayer {
  /// The number of steps.
  public let n: Int
  public let options: LayerOptions

  public static let example = RepeatVector(1)

  /// Creates a layer that repeats its input `n` times.
  public init(_ n: Int, name: String? = nil, options: LayerOptions = []) {
    self.n = n
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling {
    .refused(hint: "RepeatVector makes a new time axis; pool over the old one before it")
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank == 2, isSize(n) else {
      return context.fail("RepeatVector expects [batch, features] and n of at least 1", x)
    }
    return x.expandingDims(at: 1).broadcast(to: [x.shape[0], n, x.shape[1]])
  }
}
