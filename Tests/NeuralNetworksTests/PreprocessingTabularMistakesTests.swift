import Strata
import TestKit
import Testing

@Suite("Mistakes in layers that prepare data are errors")
struct PreprocessingTabularMistakesTests {
  static let floats = TensorType(.float32, [2, 3]), integers = TensorType(.int32, [2, 3])
  static let strings = TensorType(.string, [2, 3])

  /// A layer, the types of its inputs, and what the message has to say.
  static let mistakes: [(layer: any NamedLayer, inputs: [TensorType], says: String)] = [
    (Normalization(axis: 2), [floats], "cannot keep axis"),
    (Normalization(axis: [1, -1]), [floats], "cannot keep axis"),
    (Normalization(axis: [.max]), [floats], "cannot keep axis"),
    (Normalization(mean: 1), [floats], "together"),
    (Normalization(mean: [1, 2, 3], variance: 1), [floats], "a mean of [3] and a variance of []"),
    (Normalization(mean: [1, 2], variance: [1, 2]), [floats], "for 3 features"),
    (Normalization(axis: nil, mean: [1], variance: [1]), [floats], "for 0 axes"),
    (Normalization(mean: 0, variance: -1), [floats], "at least 0"),
    (Normalization(mean: NumberArray(.nan), variance: 1), [floats], "finite"),
    (Normalization(), [strings], "strings"),
    (Discretization(numBins: 3), [floats], "no boundaries yet"),
    (Discretization(binBoundaries: [2, 1]), [floats], "ascending"),
    (Discretization(binBoundaries: [.nan]), [floats], "ascending"),
    (Discretization(binBoundaries: [1], outputMode: .tfIdf), [floats], "tf_idf"),
    (CategoryEncoding(numTokens: 0), [integers], "at least 1 token"),
    (CategoryEncoding(numTokens: .max), [integers], "token"),
    (CategoryEncoding(numTokens: 3, outputMode: .int), [integers], "no output_mode int"),
    (CategoryEncoding(numTokens: 3), [strings], "expects integers"),
    (CategoryEncoding(numTokens: 3), [integers, floats], "to count"),
    (
      CategoryEncoding(numTokens: 3, outputMode: .count), [integers, TensorType(.float32, [2])],
      "weights of the shape"
    ),
    (Hashing(0), [strings], "at least 1 bin"), (Hashing(.max), [strings], "bin"),
    (Hashing(3, salt: [1, 2, 3]), [strings], "salt of 1 or 2"),
    (Hashing(3, salt: []), [strings], "salt of 1 or 2"),
    (Hashing(3, maskValue: 1), [strings], "mask value"),
    (Hashing(3, maskValue: "a"), [integers], "mask value"),
    (Hashing(3, outputMode: .tfIdf), [strings], "tf_idf"),
    (Hashing(3, dtype: .float32), [strings], "int32 or int64"),
    (HashedCrossing(0), [integers, integers], "at least 1 bin"),
    (HashedCrossing(3), [TensorType(.int32, [2])], "at least 2 inputs"),
    (HashedCrossing(3), [integers, integers], "[batch] or [batch, 1]"),
    (HashedCrossing(3), [TensorType(.int32, [2]), TensorType(.int32, [3])], "of one shape"),
    (
      HashedCrossing(3), [TensorType(.int32, [2]), TensorType(.float32, [2])], "strings or integers"
    ),
    (HashedCrossing(3, outputMode: .count), [integers, integers], "no output_mode count"),
    (StringLookup(), [strings], "no vocabulary yet"),
    (StringLookup(vocabulary: []), [strings], "empty vocabulary"),
    (StringLookup(vocabulary: ["a", "b", "a"]), [strings], "a in its vocabulary more than once"),
    (StringLookup(maskToken: "a", vocabulary: ["b", "a"]), [strings], "mask token a"),
    (StringLookup(vocabulary: ["b", "[UNK]"], invert: true), [integers], "OOV token"),
    (StringLookup(maxTokens: 2, vocabulary: ["a", "b"]), [strings], "more than maxTokens 2"),
    (StringLookup(maxTokens: 1, vocabulary: ["a"]), [strings], "maxTokens above 1"),
    (StringLookup(numOovIndices: -1, vocabulary: ["a"]), [strings], "numOovIndices"),
    (StringLookup(numOovIndices: .max, vocabulary: ["a"]), [strings], "numOovIndices"),
    (StringLookup(vocabulary: ["a"], invert: true, outputMode: .oneHot), [integers], "one_hot"),
    (StringLookup(oovToken: nil, vocabulary: ["a"], invert: true), [integers], "oovToken"),
    (StringLookup(vocabulary: ["a"], outputMode: .tfIdf), [strings], "needs idfWeights"),
    (
      StringLookup(vocabulary: ["a"], idfWeights: [1, 2], outputMode: .tfIdf), [strings],
      "2 weights for 1"
    ),
    (StringLookup(vocabulary: ["a"], idfWeights: [1]), [strings], "without tf_idf"),
    (StringLookup(vocabulary: ["a"], padToMaxTokens: true), [strings], "cannot pad"),
    (
      StringLookup(maxTokens: .max, vocabulary: ["a"], outputMode: .count, padToMaxTokens: true),
      [strings], "cannot pad to"
    ),
    (StringLookup(vocabulary: ["a"], salt: []), [strings], "salt of 1 or 2"),
    (StringLookup(vocabulary: ["a"]), [integers], "expects strings"),
    (StringLookup(vocabulary: ["a"], invert: true), [strings], "expects indices"),
    (IntegerLookup(vocabulary: [1]), [strings], "expects integers"),
    (IntegerLookup(vocabulary: [1], vocabularyDtype: .float32), [integers], "int32 or int64"),
    (IntegerLookup(vocabulary: [1], salt: 3), [integers], "no hash"),
    (TextVectorization(vocabulary: ["a"]), [strings], "[batch] or [batch, 1]"),
    (TextVectorization(vocabulary: ["a"]), [integers], "expects strings"),
    (
      TextVectorization(vocabulary: ["a"]), [TensorType(.string, [2])],
      "needs an outputSequenceLength"
    ),
    (
      TextVectorization(outputMode: .oneHot, vocabulary: ["a"]), [TensorType(.string, [2])],
      "one_hot"
    ),
    (TextVectorization(ngrams: 0, vocabulary: ["a"]), [TensorType(.string, [2])], "n-grams"),
    (TextVectorization(ngrams: [], vocabulary: ["a"]), [TensorType(.string, [2])], "n-grams"),
    (
      TextVectorization(ngrams: .upTo(.max), vocabulary: ["a"]), [TensorType(.string, [2])],
      "n-grams"
    ),
    (
      TextVectorization(outputSequenceLength: -1, vocabulary: ["a"]), [TensorType(.string, [2])],
      "cannot give -1"
    ),
    (
      TextVectorization(outputMode: .count, outputSequenceLength: 3, vocabulary: ["a"]),
      [TensorType(.string, [2])], "an outputSequenceLength for count"
    ),
    (TextVectorization(outputSequenceLength: 3), [TensorType(.string, [2])], "no vocabulary yet"),
    (Rescaling([1, 2]), [floats], "2 numbers"),
  ]

  @Test("Hyperparameters and inputs that do not fit", arguments: mistakes.indices)
  func traced(_ index: Int) throws {
    let mistake = Self.mistakes[index]
    let error = #expect(throws: GraphError.self) { try LayerTrace(mistake.layer, mistake.inputs) }
    #expect(
      error?.message.contains(mistake.says) == true,
      "\(mistake.layer.className): \(error?.message ?? "no error"), expected \(mistake.says)")
  }

  @Test("Data that layers cannot be adapted to")
  func adapted() throws {
    let words = Tensor(["a", "b"]), numbers = Tensor([2, 1], [Float(1), 2])
    func check(_ says: String, _ body: () throws -> any Layer) {
      let error = #expect(throws: GraphError.self) { _ = try body() }
      #expect(error?.message.contains(says) == true, "\(error?.message ?? ""), expected \(says)")
    }
    check("a mean already") { try Normalization(mean: 1, variance: 1).adapted(to: numbers) }
    check("no data") { try Normalization().adapted(to: [Tensor]()) }
    check("no data") { try Normalization().adapted(to: Tensor([0, 2], [Float]())) }
    check("a NaN") { try Normalization().adapted(to: Tensor([1, 1], [Float.nan])) }
    check("infinite") { try Discretization(numBins: 2).adapted(to: Tensor([1], [Float.infinity])) }
    check("strings") { try Normalization().adapted(to: words) }
    check("cannot keep axis") { try Normalization(axis: 3).adapted(to: numbers) }
    check("different numbers of features") {
      try Normalization().adapted(to: [numbers, Tensor([1, 2], [Float(1), 2])])
    }
    check("boundaries already") { try Discretization(binBoundaries: [1]).adapted(to: numbers) }
    check("at least 1 bin") { try Discretization(numBins: 0).adapted(to: numbers) }
    check("at least 1 bin") { try Discretization(numBins: .max).adapted(to: numbers) }
    for epsilon in [0, 1, -1, .nan, .infinity] {
      check("epsilon between") {
        try Discretization(numBins: 2, epsilon: epsilon).adapted(to: numbers)
      }
    }
    let tiny = try Discretization(numBins: 2, epsilon: .leastNonzeroMagnitude).adapted(to: numbers)
    #expect(tiny.binBoundaries == [1])
    check("no data") { try Discretization(numBins: 2).adapted(to: Tensor([0], [Float]())) }
    check("vocabulary already") { try StringLookup(vocabulary: ["a"]).adapted(to: words) }
    check("adapts to strings") { try StringLookup().adapted(to: numbers) }
    check("strings") { try IntegerLookup().adapted(to: words) }
    check("no tokens") { try StringLookup().adapted(to: Tensor(["[UNK]"])) }
    check("no tokens") { try TextVectorization().adapted(to: Tensor(["", "  "])) }
    check("no place for tokens") {
      try StringLookup(maxTokens: 2, numOovIndices: 2).adapted(to: words)
    }
    check("maxTokens above 1") {
      try StringLookup(maxTokens: 2, numOovIndices: 3).adapted(to: words)
    }
    check("[batch] or [batch, 1]") {
      try TextVectorization().adapted(to: Tensor([1, 2], ["a", "b"]))
    }
  }

  @Test("Calls on tensors that cannot be right")
  func eager() throws {
    let lookup = StringLookup(numOovIndices: 0, vocabulary: ["a"])
    let unknown = #expect(throws: GraphError.self) { try lookup(Tensor(["a", "zz"])) }
    #expect(unknown?.message.contains("no index for zz") == true)
    #expect(try lookup(Tensor(["a", "a"])).numbers == [0, 0])
    let weights = #expect(throws: GraphError.self) {
      try Normalization()(Tensor([1, 1], [Float(1)]))
    }
    #expect(weights?.hint?.contains("adapt") == true)
  }

  @Test("Files with what is not supported")
  func files() throws {
    let configs: [(String, JSONValue, String)] = [
      ("StringLookup", ["sparse": true], "dense"),
      ("TextVectorization", ["ragged": true], "dense"),
      ("StringLookup", ["output_mode": "multihot"], "did you mean multi_hot"),
      ("TextVectorization", ["standardize": "upper"], "known are lower_and_strip_punctuation"),
      (
        "TextVectorization", ["split": ["class_name": "function", "config": "f"]], "cannot be read"
      ),
      ("TextVectorization", ["encoding": "latin-1"], "cannot be read"),
      ("StringLookup", ["vocabulary": "words.txt"], "cannot be read"),
      ("IntegerLookup", ["vocabulary": ["a"]], "cannot be read"),
      ("Normalization", ["mean": [[1], [1, 2]]], "different lengths"),
      ("Normalization", ["mean": "a"], "expected numbers"),
      ("Hashing", ["num_bins": 1.5], "cannot be read"),
      ("Hashing", ["salt": "x"], "cannot be read"),
      ("Pipeline", ["layers": [["class_name": "Nothing", "config": [:]]]], "no layer Nothing"),
    ]
    for (name, config, says) in configs {
      let error = #expect(throws: ConfigurationError.self) {
        try LayerRegistry.standard.layer(className: name, config: config)
      }
      #expect(
        error?.description.contains(says) == true, "\(error?.description ?? ""), expected \(says)")
    }
    let old = try LayerRegistry.standard.layer(
      className: "StringLookup",
      config: ["output_mode": "binary", "vocabulary": ["a"], "vocabulary_size": 2, "sparse": false])
    #expect((old as? StringLookup)?.outputMode == .multiHot)
  }
}
