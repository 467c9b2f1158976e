import ModelFormats
import Strata

/// Layers that are written as ONNX: each class, and samples of what the golden data has of it.
enum ExportLayers {
  /// The layers that ONNX has no operators for: they hash or cut up text.
  static let withoutOperators: Set<String> = ["HashedCrossing", "Hashing", "TextVectorization"]

  /// The golden families, and how many of their cases one is taken of.
  private static let families = [
    ("activations", 3), ("attention", 3), ("convolution", 4), ("core", 3), ("merging", 4),
    ("normalization", 4), ("pooling", 4), ("preprocessing_audio", 4),
    ("preprocessing_images", 4), ("preprocessing_tabular", 4), ("preprocessing_text", 6),
    ("recurrent", 5), ("regularization", 2), ("reshaping", 4), ("sequences", 1),
    ("sweep_core", 4), ("sweep_recurrent", 6),
  ]

  /// Tokens beyond the table, which give NaN here and are refused by onnxruntime.
  private static let outOfRange = "core reversible_embedding"

  /// Whether ONNX has operators for a layer: not for the hashes of several bins of unknown words.
  private static func hasOperators(_ layer: any Layer) -> Bool {
    switch layer {
    case let layer as StringLookup: layer.numOovIndices <= 1
    case let layer as IntegerLookup: layer.numOovIndices <= 1
    default: !withoutOperators.contains(layer.className)
    }
  }

  static func all() throws -> [ExportCase] {
    let written =
      try KerasInPython.layers() + KerasInPython.options() + KerasInPython.recurrentLayers()
      + KerasInPython.colors() + KerasInPython.images()
    let own = written.filter { $0.name != "stateful" }.map {
      ExportCase($0.name, $0.model, inputs: $0.inputs, tolerance: $0.tolerance)
    }
    return try own + tables()
      + families.flatMap { family, step in
        try ExportGolden.cases(family).enumerated().filter { $0.offset % step == 0 }
          .map(\.element)
          .filter { item in
            item.name != outOfRange
              && item.model.structure.layers.allSatisfy { hasOperators($0.layer) }
          }
      }
  }

  /// Tables of words and numbers, and the layers that golden data has none of.
  private static func tables() throws -> [ExportCase] {
    let words = Input([3], dtype: .string, name: "words")
    let found = StringLookup(maskToken: "", vocabulary: ["dog", "cat", "ünï"])
    let shown = StringLookup(maskToken: "", vocabulary: ["dog", "cat", "ünï"], invert: true)
    let text = Tensor([2, 3], ["cat", "", "wolf", "ünï", "dog", "[UNK]"])
    let indices = Input([3], dtype: .int64, name: "indices")
    let numbers = Input([3], dtype: .int64, name: "numbers")
    let places = IntegerLookup(maskToken: 0, vocabulary: [7, -3, 1 << 40])
    let boxes = Input([5, 4], name: "boxes")
    return [
      ExportCase(
        "boxes", try Model(inputs: boxes, outputs: MaxNumBoundingBoxes(3)(boxes), seed: 1),
        inputs: [KerasInPython.numbers([2, 5, 4])]),
      ExportCase(
        "words", try Model(inputs: words, outputs: found(words), name: "words", seed: 1),
        inputs: [text], has: ["LabelEncoder"]),
      ExportCase(
        "words of indices",
        try Model(inputs: indices, outputs: shown(indices), name: "names", seed: 1),
        inputs: [Tensor([2, 3], [0, 1, 2, 3, 4, 99] as [Int64])], has: ["LabelEncoder"]),
      ExportCase(
        "numbers", try Model(inputs: numbers, outputs: places(numbers), name: "numbers", seed: 1),
        inputs: [Tensor([2, 3], [0, 7, -3, 1 << 40, 5, -1] as [Int64])], has: ["LabelEncoder"]),
    ]
  }
}
