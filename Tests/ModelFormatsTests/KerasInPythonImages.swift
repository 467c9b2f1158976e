import NeuralNetworks
import Strata
import TensorGraph

extension KerasInPython {
  /// Models of one layer that moves parts of images, or reads sound, each.
  static func images() throws -> [Written] {
    let layers: [any NamedLayer] = [
      CenterCrop(3, 4), RandomCrop(4, 3), RandomElasticTransform(0.5, scale: 0.3),
      RandomErasing(0.5, fillValue: 0.2), RandomFlip(.horizontal), RandomGaussianBlur(0.5),
      RandomPerspective(0.4, scale: 0.5), RandomRotation([-0.1, 0.2], fillMode: .constant),
      RandomShear(0.2, 0.1), RandomTranslation(0.1, [-0.2, 0.1]), RandomZoom(0.2),
      Resizing(4, 5, interpolation: .bicubic, padToAspectRatio: true),
    ]
    let sounds: [any NamedLayer] = [
      MelSpectrogram(fftLength: 16, sequenceStride: 4, samplingRate: 800, numMelBins: 4),
      STFTSpectrogram(.magnitude, frameLength: 8),
    ]
    return try layers.map { layer in
      Written(
        name: layer.className, model: try Model(input: [6, 6, 3], seed: 1) { layer },
        inputs: [numbers([2, 6, 6, 3])])
    }
      + sounds.map { layer in
        let shape = layer is MelSpectrogram ? [40] : [40, 1]
        var written = Written(
          name: layer.className, model: try Model(input: shape.map { $0 }, seed: 1) { layer },
          inputs: [numbers(Shape([2] + shape))])
        if layer is MelSpectrogram { written.tolerance = 1e-4 }  // tens of decibels
        return written
      }
  }

  /// Layers that Keras runs only outside of compiled steps, which `KerasVocabulariesTests` checks,
  /// and one that takes boxes alone here.
  static let elsewhere: Set<String> = [
    "CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "IntegerLookup",
    "MaxNumBoundingBoxes", "Normalization", "Pipeline", "StringLookup", "TextVectorization",
  ]
}
