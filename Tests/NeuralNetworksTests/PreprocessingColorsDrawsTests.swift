import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

/// What a layer draws for images of the shape of the input.
private final class Draws: MultiInputLayer {
  let body: @Sendable (Shape, LayerContext) -> [Symbol]

  init(_ body: @escaping @Sendable (Shape, LayerContext) -> [Symbol]) { self.body = body }

  /// The numbers drawn for images of `shape`.
  static func of(_ layer: any NamedLayer, _ shape: Shape = [2000, 1, 1, 3]) throws -> [[Double]] {
    let draws = Draws { shape, context in
      (layer as? any RandomAugmentation)?.drawn(for: shape, context)
        ?? (layer as? any ImageMixing)?.drawn(for: shape, context) ?? []
    }
    return try draws.outputs(
      for: [Tensor(zeros: TensorType(.float32, shape))], isTraining: true, random: (3, 4),
      engine: CPUEngine()
    ).map(\.numbers)
  }

  func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    body(inputs[0].shape, context)
  }
}

@Suite("What layers that change colors draw")
struct PreprocessingColorsDrawsTests {
  /// A layer, and the ends of each of the numbers it draws for an image.
  typealias Ends = (layer: any NamedLayer, ends: [ClosedRange<Double>])

  @Test("Numbers fill the range of the factor")
  func ranges() throws {
    let table: [Ends] = [
      (RandomBrightness(0.5), [-127.5...127.5]),
      (RandomBrightness([-0.1, 0.3], valueRange: [-1, 1]), [-0.2...0.6]),
      (RandomContrast(0.5), [1...1.5]), (RandomContrast([0.25, 0.5]), [0.75...1.5]),
      (RandomColorDegeneration(0.5), [-0.5...0.5]),
      (RandomColorDegeneration([0.25, 0.5]), [0.25...0.5]),
      (RandomHue(0.5), [-0.25...0.25]), (RandomSaturation([0.25, 0.75]), [1.0 / 3...3]),
      (RandomSaturation(0.5), [-1.0 / 3...1]), (RandomSharpness(0.5), [0...0.5]),
      (Solarization(additionFactor: 0.5, thresholdFactor: [0.2, 0.4]), [0...127.5, 0.2...102]),
      (RandomPosterization(5), [4...7]), (RandomPosterization([2, 5]), [4...6]),
      (RandomPosterization([4, 4]), [4...4]), (RandomGrayscale(0.3), [0...1]),
      (
        RandomColorJitter(
          brightnessFactor: 0.1, contrastFactor: 0.1, saturationFactor: [0, 0.5], hueFactor: 0.1),
        [-25.5...25.5, 1...1.1, 0...1, -0.05...0.05]
      ),
    ]
    for (layer, ends) in table {
      let drawn = try Draws.of(layer)
      #expect(drawn.count == ends.count)
      for (numbers, range) in zip(drawn, ends) {
        let length = range.upperBound - range.lowerBound, slack = 0.01 * length
        let low = numbers.min() ?? .nan, high = numbers.max() ?? .nan
        #expect(numbers.count == 2000)
        #expect(
          low >= range.lowerBound - 1e-5 && low <= range.lowerBound + slack, "\(layer.className)")
        #expect(
          high <= range.upperBound + 1e-5 && high >= range.upperBound - slack, "\(layer.className)")
      }
    }
  }

  @Test("Choices have their probability")
  func probabilities() throws {
    func share(_ layer: any NamedLayer) throws -> Double {
      try Draws.of(layer)[0].reduce(0, +) / 2000
    }
    #expect(try (share(RandomGrayscale(0.3)) - 0.3).magnitude < 0.04)
    #expect(try share(RandomGrayscale(1)) == 1)
    #expect(try share(RandomGrayscale(0)) == 0)
    #expect(try (share(RandomInvert(1)) - 0.5).magnitude < 0.04)  // uniform, then a chance
    #expect(try (share(RandomInvert([0.9, 0.9])) - 0.9).magnitude < 0.04)
  }

  @Test("Shares of MixUp have the beta distribution", arguments: [1e-4, 0.2, 1, 3, 40])
  func beta(_ alpha: Double) throws {
    let drawn = try Draws.of(MixUp(alpha: alpha), [8000, 1, 1, 1])
    #expect(drawn[0].sorted() == (0..<8000).map(Double.init))
    #expect(drawn[0] != (0..<8000).map(Double.init))
    let shares = drawn[1]
    #expect(shares.allSatisfy { (0...1).contains($0) })
    let mean = shares.reduce(0, +) / 8000
    let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8000
    let expected = 1 / (4 * (2 * alpha + 1))
    #expect((mean - 0.5).magnitude < 5 * (expected / 8000).squareRoot())
    #expect((variance / expected - 1).magnitude < 0.06)
    // The fourth moment tells apart distributions of one variance.
    let kurtosis = shares.reduce(0) { $0 + pow4($1 - mean) } / 8000 / (variance * variance)
    #expect((kurtosis - (3 - 6 / (2 * alpha + 3))).magnitude < 0.2)
  }

  private func pow4(_ x: Double) -> Double { x * x * x * x }

  @Test("Boxes of CutMix lie in the image and have its proportions")
  func boxes() throws {
    let drawn = try Draws.of(CutMix(), [2000, 10, 20, 3])
    #expect(drawn[0].sorted() == (0..<2000).map(Double.init))
    for image in 0..<2000 {
      let (left, right) = (drawn[1][image], drawn[2][image])
      let (top, bottom) = (drawn[3][image], drawn[4][image])
      #expect(left >= 0 && right <= 20.0001 && top >= 0 && bottom <= 10.0001)
      #expect(((right - left) - 2 * (bottom - top)).magnitude < 1e-4)
    }
    let lengths = Set(zip(drawn[1], drawn[2]).map { (($1 - $0) * 100).rounded() })
    #expect(lengths.count > 500)
  }

  @Test("RandAugment and AugMix choose among all of their augmentations")
  func policies() throws {
    let choices = try Draws.of(RandAugment(numOps: 100), [1, 4, 4, 3])[0]
    #expect(Set(choices) == Set((0..<11).map(Double.init)))
    let some = try Draws.of(AugMix(numChains: 20, chainDepth: 10, allOps: false), [2, 4, 4, 3])
    #expect(Set(some[2]) == Set((0...7).map(Double.init)))
    #expect((some[1].reduce(0, +) - 1).magnitude < 1e-5)
    let all = try Draws.of(AugMix(numChains: 20, chainDepth: 10), [2, 4, 4, 3])
    #expect(Set(all[2]) == Set((0...11).map(Double.init)))
    #expect(all[3].count == 20 * 10 * 2)
  }

  @Test("Labels are mixed as their images")
  func labels() throws {
    let x = ColorLayers.images([8, 6, 6, 3])
    let labels = Tensor([8, 8], (0..<64).map { Float($0 % 9 == 0 ? 1 : 0) })
    for layer in [MixUp(alpha: 1), CutMix()] as [any NamedLayer] {
      let y = try ColorLayers.run(layer, x, labels)
      #expect(y.map(\.shape) == [[8, 6, 6, 3], [8, 8]])
      for row in 0..<8 {
        #expect((y[1].numbers[row * 8..<row * 8 + 8].reduce(0, +) - 1).magnitude < 1e-5)
      }
      #expect(y[1].numbers != labels.numbers)
      let still = try ColorLayers.run(layer, x, labels, isTraining: false)
      #expect(still[0].numbers == x.numbers && still[1].numbers == labels.numbers)
      #expect(try ColorLayers.run(layer, x)[0].numbers == y[0].numbers)
    }
  }

  @Test("Mistakes are errors that say what is wrong")
  func mistakes() throws {
    typealias Mistake = (layer: any NamedLayer, input: Shape, says: String)
    let images: Shape = [2, 5, 5, 3]
    let table: [Mistake] = [
      (RandomBrightness(1.5), images, "between -1.0 and 1.0"),
      (RandomBrightness([0.1, 0.2, 0.3]), images, "one number or two"),
      (RandomBrightness(.init(.nan)), images, "factor"),
      (RandomBrightness(0.1, valueRange: [1, 1]), images, "value_range"),
      (RandomBrightness(0.1, valueRange: [0]), images, "value_range"),
      (RandomBrightness(0.1, valueRange: [0, .infinity]), images, "value_range"),
      (RandomBrightness(0.1), [2, 5], "[batch, height, width, channels]"),
      (RandomContrast(-0.1), images, "between 0.0 and 1.0"),
      (RandomColorDegeneration(2), images, "between -1.0 and 1.0"),
      (RandomColorDegeneration(0.1), [2, 5, 5, 4], "3 channels or 1"),
      (RandomGrayscale(1.1), images, "probability"),
      (RandomGrayscale(.nan), images, "probability"),
      (RandomGrayscale(0.5), [2, 5, 5, 2], "3 channels or 1"),
      (RandomHue(1.5), images, "factor"), (RandomHue(0.5), [2, 5, 5, 1], "3 channels, not 1"),
      (RandomSaturation(1.5), images, "factor"),
      (RandomSaturation(0.5), [2, 5, 5, 1], "3 channels, not 1"),
      (RandomInvert(-1), images, "factor"), (RandomSharpness(7), images, "factor"),
      (RandomPosterization(0), images, "between 1.0 and 8.0"),
      (RandomPosterization(2.5), images, "whole number of bits"),
      (Solarization(additionFactor: 2), images, "addition_factor"),
      (Solarization(thresholdFactor: -1), images, "threshold_factor"),
      (Equalization(bins: 1), images, "bins"), (Equalization(bins: .max), images, "bins"),
      (ContrastLimitedAdaptiveHistogramEqualization(tileGridSize: 0), images, "tile_grid_size"),
      (
        ContrastLimitedAdaptiveHistogramEqualization(tileGridSize: WindowSize(.max)), images,
        "tile_grid_size"
      ),
      (
        ContrastLimitedAdaptiveHistogramEqualization(tileGridSize: WindowSize(1 << 16)), images,
        "fewer tiles"
      ),
      (ContrastLimitedAdaptiveHistogramEqualization(clipLimit: .nan), images, "clip_limit"),
      (RandomColorJitter(brightnessFactor: 2), images, "brightness_factor"),
      (RandomColorJitter(contrastFactor: 2), images, "contrast_factor"),
      (RandomColorJitter(saturationFactor: 2), images, "saturation_factor"),
      (RandomColorJitter(hueFactor: 2), images, "hue_factor"),
      (RandAugment(numOps: -1), images, "num_ops"), (RandAugment(numOps: .max), images, "num_ops"),
      (RandAugment(factor: 2), images, "factor"), (RandAugment(), [2, 5, 5, 2], "channels"),
      (AugMix(numChains: 0), images, "num_chains"), (AugMix(chainDepth: .max), images, "depth"),
      (AugMix(alpha: 0), images, "alpha"), (AugMix(factor: -1), images, "factor"),
      (MixUp(alpha: 0), images, "alpha"), (MixUp(alpha: .nan), images, "alpha"),
      (MixUp(), [2, 5], "images [batch"), (CutMix(2), images, "factor"),
    ]
    for mistake in table {
      let error = #expect(throws: GraphError.self) {
        try LayerTrace(
          mistake.layer, [TensorType(.float32, mistake.input)], isTraining: true)
      }
      let text = "\(error?.message ?? "no error") \(error?.hint ?? "")"
      #expect(text.contains(mistake.says), "\(mistake.layer.className): \(text)")
    }
    let classes = TensorType(.int32, [2])
    let error = #expect(throws: GraphError.self) {
      try LayerTrace(MixUp(), [TensorType(.float32, images), classes], isTraining: true)
    }
    #expect(error?.message == "MixUp expects labels [batch, classes]")
    #expect(error?.hint?.contains("one-hot") == true)
  }
}
