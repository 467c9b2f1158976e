import Foundation
import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

/// The layers that change the colors of images, and those that mix images.
enum ColorLayers {
  /// One of each that draws numbers for each image, with room for them.
  static let random: [any RandomAugmentation] = [
    RandomBrightness(0.5), RandomContrast([0.5, 0.9]), RandomColorDegeneration(0.9),
    RandomGrayscale(0.5), RandomHue(0.8), RandomSaturation([0.1, 0.7], valueRange: [0, 1]),
    RandomInvert([0.5, 0.5]), RandomPosterization([1, 6]), RandomSharpness([0, 1]),
    Solarization(additionFactor: 0.4, thresholdFactor: [0.2, 0.8]),
    RandomColorJitter(brightnessFactor: 0.3, contrastFactor: 0.3, hueFactor: 0.4),
  ]
  /// Those that draw for the whole batch, or nothing.
  static let others: [any RandomAugmentation] = [
    AutoContrast(), Equalization(), ContrastLimitedAdaptiveHistogramEqualization(tileGridSize: 2),
    RandAugment(numOps: 3), AugMix(),
  ]
  static let mixing: [any ImageMixing] = [MixUp(alpha: 1), CutMix()]
  static var all: [any NamedLayer] { random + others + mixing }

  /// Images of values from 0 to 255, no two images alike.
  static func images(_ shape: Shape, seed: UInt64 = 5) -> Tensor {
    var random = SeededGenerator(seed: seed)
    return Tensor(TensorType(.float32, shape), numbers: random.tensor(shape, in: 0...255).numbers)
  }

  static func run(
    _ layer: any Layer, _ inputs: Tensor..., isTraining: Bool = true, seed: UInt64 = 1,
    step: Int = 0
  ) throws -> [Tensor] {
    try layer.outputs(
      for: inputs, isTraining: isTraining, random: (seed, step), engine: CPUEngine())
  }
}

@Suite("Layers that change colors")
struct PreprocessingColorsTests {
  typealias Layers = ColorLayers

  @Test("Seed and step decide what is drawn")
  func seeds() throws {
    let x = Layers.images([6, 8, 7, 3])
    for layer in Layers.random + Layers.mixing + [RandAugment(numOps: 3), AugMix()]
      as [any NamedLayer]
    {
      let y = try Layers.run(layer, x)[0]
      #expect(try Layers.run(layer, x)[0].numbers == y.numbers, "\(layer.className)")
      #expect(try Layers.run(layer, x, step: 1)[0].numbers != y.numbers, "\(layer.className)")
      #expect(try Layers.run(layer, x, seed: 2)[0].numbers != y.numbers, "\(layer.className)")
      #expect(y.numbers != x.numbers, "\(layer.className)")
    }
  }

  @Test("Images of a batch are changed one by one")
  func independence() throws {
    let one = Layers.images([1, 6, 6, 3]).numbers
    let x = Tensor(
      TensorType(.float32, [16, 6, 6, 3]), numbers: (0..<16).flatMap { _ in one })
    for layer in Layers.random {
      let y = try Layers.run(layer, x)[0].numbers
      let images = stride(from: 0, to: y.count, by: one.count).map { Array(y[$0..<$0 + one.count]) }
      #expect(Set(images).count > 1, "\(layer.className)")
    }
  }

  @Test("In inference images stay as they are, as floats")
  func inference() throws {
    let bytes = Tensor([2, 4, 4, 3], (0..<96).map { UInt8(($0 * 37) % 256) })
    let floats = Tensor([2, 4, 4, 3], bytes.numbers.map { Float($0) })
    for layer in Layers.all {
      let active = (layer as? any ImageAugmentation)?.isActiveInInference ?? false
      #expect(
        active
          == ["AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization"]
          .contains(layer.className), "\(layer.className)")
      for isTraining in [false, true] {
        let y = try Layers.run(layer, bytes, isTraining: isTraining)[0]
        #expect(y.type == TensorType(.float32, bytes.shape), "\(layer.className)")
        #expect(
          try Layers.run(layer, floats, isTraining: isTraining)[0].numbers == y.numbers,
          "\(layer.className)")
        if !isTraining, !active { #expect(y.numbers == bytes.numbers, "\(layer.className)") }
      }
    }
  }

  @Test(
    "Values stay within their range", arguments: [[0, 255], [0, 1], [-1, 1]] as [ValueRange])
  func ranges(_ range: ValueRange) throws {
    let (low, high) = (range.values[0], range.values[1])
    let bytes = Layers.images([3, 9, 8, 3])
    let x = Tensor(bytes.type, numbers: bytes.numbers.map { low + $0 / 255 * (high - low) })
    let layers: [any NamedLayer] = [
      RandomBrightness(1, valueRange: range), RandomContrast(1, valueRange: range),
      RandomColorDegeneration(1, valueRange: range), RandomHue(1, valueRange: range),
      RandomPosterization(5, valueRange: range), RandomSharpness(1, valueRange: range),
      Solarization(additionFactor: 1, thresholdFactor: 1, valueRange: range),
      AutoContrast(valueRange: range), Equalization(valueRange: range),
      ContrastLimitedAdaptiveHistogramEqualization(valueRange: range),
      RandAugment(valueRange: range, numOps: 4, factor: 1), AugMix(valueRange: range, factor: 1),
    ]
    for layer in layers {
      for step in 0..<4 {
        let y = try Layers.run(layer, x, step: step)[0].numbers
        let slack = (high - low) * 1e-5
        #expect(
          y.allSatisfy { $0 >= low - slack && $0 <= high + slack }, "\(layer.className)")
      }
    }
  }

  @Test("Channels may come first, and one image may come alone")
  func layouts() throws {
    let shape: Shape = [3, 5, 6, 3]
    let x = Layers.images(shape)
    for layer in Layers.all {
      let y = try Layers.run(layer, x)[0]
      let config = try LayerRegistry.config(of: layer).setting("data_format", "channels_first")
      let first = try LayerRegistry.standard.layer(className: layer.className, config: config)
      let transposed = try Layers.run(first, x.channelsFirst())[0]
      #expect(transposed.shape == [3, 3, 5, 6])
      #expect(transposed.numbers == y.channelsFirst().numbers, "\(layer.className)")

      let image = Tensor(TensorType(.float32, [5, 6, 3]), numbers: Array(x.numbers.prefix(90)))
      let batch = Tensor(TensorType(.float32, [1, 5, 6, 3]), numbers: image.numbers)
      let alone = try Layers.run(layer, image)[0]
      #expect(alone.shape == image.shape)
      if layer is any ImageMixing {
        #expect(alone.numbers == image.numbers)
      } else {
        #expect(try Layers.run(layer, batch)[0].numbers == alone.numbers, "\(layer.className)")
      }
    }
  }

  @Test("The configuration is read as it is written")
  func configurations() throws {
    let own: [any NamedLayer] = [
      RandomColorJitter(
        valueRange: [0, 1], brightnessFactor: [-0.2, 0.4], contrastFactor: 0.3,
        saturationFactor: [0.2, 0.3], hueFactor: 0.1, options: [.seed(4)]),
      AugMix(
        valueRange: [0, 1], numChains: 2, chainDepth: 5, factor: [0.1, 0.2], alpha: 0.4,
        allOps: false, interpolation: .nearest),
      RandAugment(numOps: 4, factor: 0.2, interpolation: .nearest),
      ContrastLimitedAdaptiveHistogramEqualization(clipLimit: 2, tileGridSize: [3, 4]),
      Solarization(additionFactor: [0.1, 0.2], thresholdFactor: 0.6), MixUp(alpha: 0.7),
      CutMix([0.3, 0.4]), Equalization(bins: 17),
    ]
    for layer in own + Layers.all {
      let config = try LayerRegistry.config(of: layer)
      let again = try LayerRegistry.standard.layer(className: layer.className, config: config)
      #expect(try LayerRegistry.config(of: again) == config, "\(layer.className)")
      #expect(LayerRegistry.all.contains { $0.className == layer.className })
    }
  }

  @Test("They have gradients where they are smooth")
  func gradients() throws {
    let shape: Shape = [2, 4, 5, 3]
    let smooth: [any NamedLayer] = [
      RandomBrightness(0.001), RandomContrast(0.2), RandomColorDegeneration(0.4),
      RandomGrayscale(), RandomHue(0.3), RandomSaturation([0.2, 0.4]), RandomInvert([0.5, 0.5]),
      RandomSharpness([0.3, 0.7], valueRange: [-99, 99]), AutoContrast(valueRange: [0, 2]),
      RandomColorJitter(contrastFactor: 0.2, hueFactor: 0.2), MixUp(), CutMix(),
    ]
    for layer in smooth {
      do {
        try checkLayer(layer, input: shape, output: shape, mask: .refused)
      } catch {
        Issue.record("\(layer.className): \(error)")
      }
    }
  }
}

extension JSONValue {
  fileprivate func setting(_ key: String, _ value: JSONValue) -> JSONValue {
    var members = object ?? [:]
    members[key] = value
    return .object(members)
  }
}

extension Tensor {
  /// The images `[batch, height, width, channels]` with the channels before height and width.
  fileprivate func channelsFirst() -> Tensor {
    let (b, h, w, c) = (shape[0], shape[1], shape[2], shape[3])
    let x = numbers
    var y: [Double] = []
    for n in 0..<b {
      for k in 0..<c {
        for place in 0..<h * w { y.append(x[(n * h * w + place) * c + k]) }
      }
    }
    return Tensor(TensorType(dtype, [b, c, h, w]), numbers: y)
  }
}
