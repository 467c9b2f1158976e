import TensorGraph

/// Spreads the values of each channel so that all are about as frequent, in training.
///
///     y = round((c(x) − c₀) / (n − c₀) · 255)
///
/// Here c(x) is how many values of the channel, in all images of the batch, are in the bin of x or
/// a lower one, c₀ is how many are in the lowest bin in use, and n is how many there are. A channel
/// whose values share one bin stays as it is. Values are brought between 0 and 255 before, and
/// back afterwards.
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class Equalization: RandomAugmentation {
  /// The range of the values of images.
  public let valueRange: ValueRange
  /// The number of bins.
  public let bins: Int
  public let options: LayerOptions

  public static let example = Equalization()
  public var drawnCount: Int { 0 }

  /// Creates an equalization with `bins` bins.
  public init(
    valueRange: ValueRange = .bytes, bins: Int = 256, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.valueRange = valueRange
    self.bins = bins
    self.options = LayerOptions(name, options)
  }

  public var mistake: String? {
    guard (2...1 << 16).contains(bins) else { return "bins must be from 2 to 65536, not \(bins)" }
    return valueRange.mistake
  }

  /// Nothing is drawn.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] { [] }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    guard images.isValid else { return images }
    let scale = 255 / valueRange.length
    let offset = -valueRange.low * scale
    let shape = images.shape
    // A row for each channel, with the values of all images.
    let x = (images * scale + offset).transposed([3, 0, 1, 2]).reshaped([shape[3], -1])
    let last = Double(bins - 1)
    /// Keras counts and looks up with two formulas, which can differ by their rounding.
    func bin(_ place: Symbol) -> Symbol { clip(place, 0, last).cast(to: .int32) }

    let counts = histogram(bin(x.cast(to: .float32) * last / 255), bins: bins)
    let table = equalized(counts)
    let found = lookup(table, at: bin(x / 255 * last)).cast(to: x.dtype)
    let usesOneBin = (counts .> 0).cast(to: .float32).sum(axes: [1], keepDims: true) .<= 1
    let y = select(usesOneBin, x, found)
    return (y * (valueRange.length / 255) + valueRange.low).reshaped([
      shape[3], shape[0], shape[1], shape[2],
    ])
    .transposed([1, 2, 3, 0])
  }

  /// The new value, from 0 to 255, of each bin of `counts`, `[channels, bins]`.
  private func equalized(_ counts: Symbol) -> Symbol {
    let sums = counts.cumulativeSum(axis: 1)
    let all = sums.entry(-1, axis: 1).expandingDims(at: 1)
    let first = select(sums .> 0, sums, all).min(axes: [1], keepDims: true)
    let rest = select(all .== first, all.constant(1), all - first)
    return clip(round((sums - first) * 255 / rest), 0, 255)
  }
}
