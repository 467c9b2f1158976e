import TensorGraph

/// Zeros around images.
///
///     let framed = ZeroPadding2D([[1, 0], [2, 1]])
///
/// - Input: `[batch, height, width, channels]`
/// - Output: `[batch, top + height + bottom, left + width + right, channels]`
public final class ZeroPadding2D: NamedLayer {
  /// How many zeros stand before and after the height, and before and after the width.
  public let padding: [[Int]]
  public let name: String?

  public static let example = ZeroPadding2D()

  /// Creates a frame of `padding`: `[[top, bottom], [left, right]]`.
  public init(_ padding: [[Int]], name: String? = nil) {
    self.padding = padding
    self.name = name
  }

  /// Creates a frame of equal width on all sides.
  public convenience init(_ padding: Int = 1, name: String? = nil) {
    self.init([[padding, padding], [padding, padding]], name: name)
  }

  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank == 4 else {
      return context.fail("ZeroPadding2D expects \(spatialLayout(2))", x)
    }
    guard padding.map(\.count) == [2, 2],
      padding.joined().allSatisfy({ (0..<1 << 28).contains($0) })
    else {
      return context.fail(
        "ZeroPadding2D needs [[top, bottom], [left, right]] of at least 0, not \(padding)")
    }
    return x.padded(
      low: [0, padding[0][0], padding[1][0], 0], high: [0, padding[0][1], padding[1][1], 0])
  }
}
