import TensorGraph

/// The augmentations among which `RandAugment` and `AugMix` choose, all of one strength.
struct AugmentationPolicy {
  /// The augmentations, by the number that stands for each.
  let steps: [any RandomAugmentation]

  /// The augmentations of places, in Keras's order.
  static func places(
    _ factor: Factor, _ interpolation: SamplingInterpolation
  ) -> [any RandomAugmentation] {
    [
      RandomShear(factor, factor, interpolation: interpolation),
      RandomTranslation(factor, factor, interpolation: interpolation),
      RandomRotation(factor, interpolation: interpolation),
    ]
  }

  /// The augmentations of colors that keep the kind of values, in Keras's order.
  static func lighting(_ factor: Factor, _ range: ValueRange) -> [any RandomAugmentation] {
    [
      RandomBrightness(factor, valueRange: range),
      RandomColorDegeneration(factor, valueRange: range),
      RandomContrast(factor, valueRange: range), RandomSharpness(factor, valueRange: range),
    ]
  }

  /// The augmentations that regroup values, in Keras's order.
  static func grading(_ factor: Factor, _ range: ValueRange) -> [any RandomAugmentation] {
    let bits = Swift.max(1, (8 * (factor.values.max() ?? 0)).rounded(.down))
    return [
      RandomPosterization(OneOrMany(bits), valueRange: range),
      Solarization(additionFactor: factor, thresholdFactor: factor, valueRange: range),
      AutoContrast(valueRange: range), Equalization(valueRange: range),
    ]
  }

  /// What each augmentation draws for images of `shape`.
  func drawn(for shape: Shape, _ context: LayerContext) -> [[Symbol]] {
    steps.map { $0.drawn(for: shape, context) }
  }

  /// The numbers drawn for all augmentations, one list, as a list for each.
  func separated(_ drawn: ArraySlice<Symbol>) -> [[Symbol]] {
    var rest = drawn
    return steps.map { step in
      defer { rest = rest.dropFirst(step.drawnCount) }
      return Array(rest.prefix(step.drawnCount))
    }
  }

  /// `images` changed by the augmentation number `index`, a scalar; only that one is computed.
  /// A number without an augmentation leaves them as they are.
  func applied(_ index: Symbol, _ images: Symbol, by drawn: [[Symbol]]) -> Symbol {
    func choose(_ range: Range<Int>, _ images: Symbol) -> Symbol {
      guard range.count > 1 else {
        guard range.lowerBound < steps.count else { return images }
        return steps[range.lowerBound].transformed(images, by: drawn[range.lowerBound])
          .cast(to: images.dtype)
      }
      let middle = (range.lowerBound + range.upperBound) / 2
      return cond(
        index .< Double(middle), [images],
        then: { [choose(range.lowerBound..<middle, $0[0])] },
        else: { [choose(middle..<range.upperBound, $0[0])] })[0]
    }
    return choose(0..<steps.count + 1, images)
  }
}
