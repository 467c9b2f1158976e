import TensorGraph

extension Symbol {
  /// The images `[…, red green blue]` in shades of gray `[…, 1]`; those of one channel stay.
  ///
  ///     gray = 0.2989 red + 0.5870 green + 0.1140 blue
  ///
  /// - Reference: [ITU-R BT.601](https://www.itu.int/rec/R-REC-BT.601)
  func grayscale() -> Symbol {
    guard isValid, shape[-1] != 1 else { return self }
    let weights = [0.2989, 0.5870, 0.1140]
    let terms = weights.indices.map { channel($0).floatingPoint * weights[$0] }
    return (terms[0] + terms[1] + terms[2]).cast(to: dtype)
  }

  /// One channel of images, `[…, 1]`.
  func channel(_ index: Int) -> Symbol { sliced(axis: -1, index..<index + 1) }
}

/// The channels of images in red, green and blue, each `[…, 1]`, and what colors are made of.
///
/// In hue, saturation and value a color has the value `v`, its largest channel, the saturation
/// `s = r / v`, where `r` is how far its largest and smallest channels are apart, and a hue around
/// the circle, of which red, green and blue are 0, 1/3 and 2/3. The way back gives
///
///     channel = v − v · s · (1 − share of the channel at the hue)
///
/// No step depends on the scale of the values, as long as black is 0.
///
/// - Reference: [Smith, 1978](https://doi.org/10.1145/965139.807361)
struct Colors {
  let red: Symbol, green: Symbol, blue: Symbol
  /// The largest channel.
  let value: Symbol
  /// How far the largest and the smallest channel are apart.
  let range: Symbol
  /// 1 / range, and 1 where that is 0.
  let inverseRange: Symbol

  /// The colors of `images`, `[…, red green blue]`.
  init(_ images: Symbol) {
    (red, green, blue) = (images.channel(0), images.channel(1), images.channel(2))
    value = maximum(maximum(red, green), blue)
    range = value - minimum(minimum(red, green), blue)
    inverseRange = 1 / select(range .> 0, range, 1)
  }

  /// The images with each hue turned by `turn`, a share of the circle.
  func turned(by turn: Symbol) -> Symbol {
    let fromGreen = select(
      value .== green, (blue - red) * inverseRange + 2, (red - green) * inverseRange + 4)
    let angle = select(value .== red, (green - blue) * inverseRange, fromGreen) + 6 * turn
    let hue = angle - 6 * floor(angle * (1.0 / 6))  // from 0 to 6
    let missing = [
      clip(2 - abs(hue - 3), 0, 1), clip(abs(hue - 2) - 1, 0, 1), clip(abs(hue - 4) - 1, 0, 1),
    ]
    // Colors below black have no saturation.
    let product = select(value .> 0, range, 0)
    return concatenate(missing.map { value - product * $0 }, axis: -1)
  }

  /// The images with each saturation multiplied by `factor`, and held to `bounds`.
  func saturated(by factor: Symbol, heldTo bounds: ValueRange) -> Symbol {
    let isColored = value .> 0
    let saturation = select(isColored, range / select(isColored, value, 1), 0)
    // The hue stays, so that each channel is as far from the largest as before, but scaled.
    let scale = value * bounds.clipped(saturation * factor) * inverseRange
    return concatenate([red, green, blue].map { value - (value - $0) * scale }, axis: -1)
  }
}
