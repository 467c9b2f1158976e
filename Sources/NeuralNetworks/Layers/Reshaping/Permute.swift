import TensorGraph

/// The axes in another order.
///
///     let swapped = Permute([2, 1])
///
/// - Input: `[batch, …]`
/// - Output: `[batch]` and the other axes in the order `dims`
public final class Permute: NamedLayer {
  /// Which axis of the input each axis of the output is, counted from 1, without batch.
  public let dims: [Int]
  public let options: LayerOptions

  public static let example = Permute([1])

  /// Creates a layer that puts the axes in the order `dims`.
  public init(_ dims: [Int], name: String? = nil, options: LayerOptions = []) {
    self.dims = dims
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling {
    dims.first == 1
      ? .passed
      : .refused(hint: "keep the time axis first, or pool over time before Permute")
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard dims.count + 1 == x.shape.rank, dims.sorted() == Array(1..<x.shape.rank) else {
      return context.fail("Permute\(dims) is no order of the axes of its input, batch aside", x)
    }
    return x.transposed([0] + dims)
  }
}
