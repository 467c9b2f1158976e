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

/// A color by hue, saturation and value: each `[…, 1]`, from 0 to 1 for colors from 0 to 1.
///
/// - Reference: [Smith, 1978](https://doi.org/10.1145/965139.807361)
struct HSV {
  /// The angle around the circle of colors, as a share of it: red is 0, green 1/3, blue 2/3.
  var hue: Symbol
  /// How far the color is from a shade of gray: `(max − min) / max`.
  var saturation: Symbol
  /// The largest channel.
  var value: Symbol

  /// The colors of images `[…, red green blue]`.
  init(rgb images: Symbol) {
    let x = select(abs(images) .< images.dtype.unitRoundoff, images.constant(0), images)
    let (red, green, blue) = (x.channel(0), x.channel(1), x.channel(2))
    value = maximum(maximum(red, green), blue)
    let range = value - minimum(minimum(red, green), blue)
    saturation = select(value .> 0, range / select(value .> 0, value, 1), 0)
    let sixth = 1 / (6 * select(range .> 0, range, 1))
    let other = select(
      value .== green, sixth * (blue - red) + 2.0 / 6, sixth * (red - green) + 4.0 / 6)
    let angle = select(value .== red, sixth * (green - blue), other)
    hue = select(range .> 0, angle, 0) + (angle .< 0).cast(to: x.dtype)
  }

  /// The colors as images `[…, red green blue]`.
  var rgb: Symbol {
    let angle = hue % hue.constant(1) * 6
    let shares = [
      clip(abs(angle - 3) - 1, 0, 1), clip(2 - abs(angle - 2), 0, 1),
      clip(2 - abs(angle - 4), 0, 1),
    ]
    return concatenate(
      shares.map { value * ((1 - saturation) + saturation * $0) }, axis: -1)
  }
}

extension DType {
  /// The distance from 1 to the next number of the type.
  var unitRoundoff: Double {
    switch self {
    case .float64: 0x1p-52
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    default: 0x1p-23
    }
  }
}
