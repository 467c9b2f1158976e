import TensorGraph

/// Spreads the values of each channel within tiles of each image so that all are about as
/// frequent, with limits, in training and in inference.
///
///     y = (c(x) − c₀) / (n − c₀) · 255
///
/// Here n is the number of pixels of a tile, c(x) how many of them have the value x or a lower
/// one, and c₀ how many the lowest. No value counts as more than `clipLimit · n / 256`: what is
/// above is spread over all values, so that noise in even regions is not blown up. Between the
/// centers of tiles the results of four of them are interpolated. Values are brought between 0 and
/// 255 and become whole numbers before, and are brought back afterwards.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
/// - Reference: [Zuiderveld, 1994](https://doi.org/10.1016/B978-0-12-336156-1.50061-6)
public final class ContrastLimitedAdaptiveHistogramEqualization: RandomAugmentation {
  /// The range of the values of images.
  public let valueRange: ValueRange
  /// How often a value can count, relative to values all as frequent; 0 or less for no limit.
  public let clipLimit: Double
  /// The number of tiles along height and width.
  public let tileGridSize: WindowSize<2>
  public let options: LayerOptions

  public static let example = ContrastLimitedAdaptiveHistogramEqualization()
  public var isActiveInInference: Bool { true }

  /// Creates an equalization within tiles.
  public init(
    valueRange: ValueRange = .bytes, clipLimit: Double = 4, tileGridSize: WindowSize<2> = 8,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.valueRange = valueRange
    self.clipLimit = clipLimit
    self.tileGridSize = tileGridSize
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    guard clipLimit.isFinite else { return "clip_limit must be a number, not \(clipLimit)" }
    return tileGridSize.mistake("tile_grid_size") ?? valueRange.mistake
  }

  /// Nothing is drawn.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] { [] }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    guard images.isValid else { return images }
    let x = valueRange.converted(images.cast(to: .float32), to: .bytes)
    let tiles = Tiles(of: images.shape, grid: tileGridSize.sizes)
    guard tiles.tableSize < 1 << 31 else {
      return images.trace.fail(
        "\(className) would need \(tiles.tableSize) numbers for its tables",
        operands: [images.type], hint: "use fewer tiles, or smaller batches")
    }
    let levels = clip(tiles.padded(x), 0, 255).cast(to: .int32)
    let table = equalized(tiles, levels)
    let y = tiles.interpolated(table, at: levels)
      .sliced(axis: 1, 0..<images.shape[1]).sliced(axis: 2, 0..<images.shape[2])
    return ValueRange.bytes.converted(y, to: valueRange).cast(to: images.dtype)
  }

  /// The new value of each of the 256 levels in each tile: `[batch, rows, columns, channels, 256]`.
  private func equalized(_ tiles: Tiles, _ levels: Symbol) -> Symbol {
    let pixels = Double(tiles.pixels)
    var counts = histogram(tiles.cut(levels), bins: 256)
    if clipLimit > 0 {
      let clipped = clip(counts, 0, clipLimit * pixels / 256)
      counts = clipped + (counts - clipped).sum(axes: [1], keepDims: true) / 256
    }
    let sums = counts.cumulativeSum(axis: 1)
    let first = sums.sliced(axis: 1, 0..<1)  // no count is negative: the least of the sums
    let rest = pixels - first
    let y = clip((sums - first) * 255 / select(rest .== 0, rest.constant(1), rest), 0, 255)
    return y.reshaped(Shape(tiles.grid.dims + [256]))
  }
}
