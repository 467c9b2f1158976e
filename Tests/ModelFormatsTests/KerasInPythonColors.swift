import NeuralNetworks
import Strata
import TensorGraph

extension KerasInPython {
  /// Models of one layer that changes colors or mixes images each.
  static func colors() throws -> [Written] {
    let layers: [any NamedLayer] = [
      AutoContrast(valueRange: [-1, 1]),
      ContrastLimitedAdaptiveHistogramEqualization(
        valueRange: [-1, 1], clipLimit: 3, tileGridSize: [2, 3]),
      CutMix([0.2, 0.7]), MixUp(alpha: 0.3),
      RandAugment(valueRange: [0, 1], numOps: 3, factor: [0.1, 0.4], interpolation: .nearest),
      AugMix(numChains: 2, chainDepth: 1, factor: 0.2, alpha: 0.5, allOps: false),
      RandomBrightness([-0.1, 0.2], options: [.seed(3)]), RandomColorDegeneration([0.1, 0.5]),
      RandomColorJitter(brightnessFactor: 0.2, saturationFactor: [0.3, 0.6]),
      RandomContrast(0.4, options: [.dataFormat(.channelsFirst)]), RandomGrayscale(0.3),
      RandomHue(0.2), RandomInvert([0.1, 0.2]), RandomPosterization([2, 6]),
      RandomSaturation([0.4, 0.6]), RandomSharpness(0.5, valueRange: [0, 1]),
      Solarization(additionFactor: 0.1, thresholdFactor: [0.2, 0.3]),
    ]
    // Keras's Equalization gives its symbolic input itself, which Keras then takes for a cycle,
    // unless another layer is around it.
    let equalization = try Model(input: [6, 6, 3], seed: 1) { Pipeline([Equalization(bins: 32)]) }
    let models = try layers.map { layer in
      (layer.className, try Model(input: [6, 6, 3], seed: 1) { layer })
    }
    return (models + [("Equalization", equalization)]).map { name, model in
      Written(name: name, model: model, inputs: [numbers([2, 6, 6, 3])])
    }
  }
}
