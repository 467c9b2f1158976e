import Strata
import TestKit
import Testing

@Suite("Layers that read text")
struct PreprocessingTextTests {
  static let texts = [
    "the cat sat on the mat", "a dog ate the dinner", "the dog", "cats and dogs", "", "mat mat mat",
  ]

  @Test("A text goes through an embedding, and training lowers the loss")
  func embedding() throws {
    let vectorize = try TextVectorization(maxTokens: 12, outputSequenceLength: 6)
      .adapted(to: Tensor(Self.texts))
    #expect(vectorize.words.prefix(4) == ["", "[UNK]", "the", "mat"])
    let model = try Model(input: [], dtype: .string, seed: 2) {
      vectorize
      Embedding(12, 4, maskZero: true)
      LSTM(5)
      Dense(1)
    }
    try model.compile(optimizer: .init(Adam(learningRate: 0.05)), loss: "mse")
    let x = Tensor((0..<60).map { Self.texts[$0 % 6] })
    let y = Tensor([60, 1], (0..<60).map { Float($0 % 6 % 2) })
    let history = try model.fit(x, y, batchSize: 8, epochs: 8, verbose: .silent)
    #expect(history["loss"][7] < history["loss"][0] / 2)
    let all = try model.predict(x)
    #expect(try model.predict(x, batchSize: 7).shape == all.shape)
    let short = try model.predict(Tensor(["the dog"]))
    #expect(abs(short.numbers[0] - all.numbers[2]) < 1e-6)
  }

  @Test("A predictor reads text from many threads")
  func predictor() async throws {
    let model = try Model(input: [1], dtype: .string, seed: 2) {
      TextVectorization(outputMode: .count, vocabulary: ["the", "cat", "dog"])
      Dense(3)
    }
    let x = Tensor([6, 1], Self.texts)
    let expected = try model.predict(x)
    let predictor = model.predictor()
    try await withThrowingTaskGroup(of: Tensor.self) { group in
      for index in 0..<32 {
        group.addTask { try predictor.predict(x.rows(index % 6..<index % 6 + 1)) }
      }
      for try await y in group { #expect((0..<6).contains { expected.rows($0..<$0 + 1) == y }) }
    }
  }

  @Test("Indices become words again, in and outside of a model")
  func inverted() throws {
    let words = ["fire", "wind", "Äther"]
    let lookup = StringLookup(maskToken: "", vocabulary: words)
    let inverse = StringLookup(maskToken: "", vocabulary: words, invert: true)
    let x = Tensor([2, 2], ["wind", "Äther", "", "water"])
    #expect(try inverse(lookup(x)).strings == ["wind", "Äther", "", "[UNK]"])
    let input = Input([2], dtype: .string), indices = lookup(input)
    let model = try Model(inputs: [input], outputs: [inverse(indices), indices, input])
    let y = try model.predict([x], batchSize: 1)
    #expect(y[0].strings == ["wind", "Äther", "", "[UNK]"])
    #expect(y[1].numbers == [3, 4, 0, 1])
    #expect(y[2] == x)
    for engine: any Engine in [ReferenceEngine(), CPUEngine()] {
      #expect(try inverse.outputs(for: [lookup(x)], engine: engine)[0].strings == y[0].strings)
    }
    let mistake = #expect(throws: GraphError.self) {
      try Model(inputs: [input], outputs: [lookup(inverse(indices))])
    }
    #expect(mistake?.description.contains("can only be returned") == true)
  }

  @Test("A call on a tensor is as wide as its longest text")
  func width() throws {
    let vectorize = TextVectorization(vocabulary: ["the", "cat"])
    #expect(try vectorize(Tensor(["the cat the", "cat"])).numbers == [2, 3, 2, 3, 0, 0])
    #expect(try vectorize(Tensor(["cat"])).shape == [1, 1])
    #expect(try vectorize(Tensor([String]())).shape == [0, 0])
    #expect(try vectorize(Tensor("the cat")).numbers == [2, 3])
    let mistake = #expect(throws: GraphError.self) {
      try Model(input: [], dtype: .string) { vectorize }
    }
    #expect(mistake?.description.contains("outputSequenceLength in a model") == true)
  }

  @Test("Functions of one's own standardize and split, and are not written to files")
  func functions() throws {
    let vectorize = TextVectorization(
      standardize: .custom { $0.uppercased() },
      split: .custom { $0.split(separator: "-").map(String.init) },
      vocabulary: ["ÄPFEL", "B"])
    #expect(try vectorize(Tensor(["äpfel-b-c", "b"])).numbers == [2, 3, 1, 3, 0, 0])
    let mistake = #expect(throws: ConfigurationError.self) {
      try LayerRegistry.object(of: vectorize)
    }
    #expect(mistake?.description.contains("which files cannot hold") == true)
  }

  @Test("Bytes that are no UTF-8, and very long texts, are read")
  func strange() throws {
    let broken = Tensor([3], utf8: [[0xff, 0x20, 0xc3], [0xe2, 0x82, 0x62], [0xed, 0xa0, 0x80]])
    let words = TextVectorization(standardize: nil, vocabulary: ["b"])
    #expect(try words(broken).numbers == [1, 1, 1, 0, 1, 0])
    let characters = TextVectorization(
      standardize: nil, split: .character, vocabulary: ["b", "\u{fffd}"])
    // As many replacements as TensorFlow makes.
    #expect(try characters(broken).numbers == [3, 1, 3, 3, 2, 0, 3, 3, 3])
    let long = Tensor([String(repeating: "ab ", count: 200_000)])
    #expect(
      try TextVectorization(outputMode: .count, vocabulary: ["ab"])(long).numbers == [0, 200_000])
    #expect(try Hashing(10)(long).shape == [1])
  }

  @Test("Large batches are split among threads, with one result")
  func threads() throws {
    let texts = Tensor((0..<5000).map { "w\($0 % 91) w\($0 % 17) and w\($0 % 5)" })
    let layer = try TextVectorization(outputSequenceLength: 4).adapted(to: texts)
    let many = try layer.outputs(for: [texts], engine: CPUEngine())
    let one = try layer.outputs(for: [texts], engine: CPUEngine(threads: 1))
    let reference = try layer.outputs(for: [texts], engine: ReferenceEngine())
    #expect(many == one && many == reference)
  }

  @Test("Words are told apart by their bytes")
  func bytes() throws {
    let composed = "\u{e9}", decomposed = "e\u{301}"
    let lookup = StringLookup(vocabulary: [composed, decomposed])
    #expect(try lookup(Tensor([decomposed, composed])).numbers == [2, 1])
    let adapted = try StringLookup().adapted(to: Tensor([composed, decomposed, decomposed]))
    #expect(adapted.words.count == 3)
  }

  @Test("An adapted layer is read as it is written")
  func files() throws {
    let data = Tensor([3, 2], ["b", "a", "b", "é", "c\nd", "b"])
    let numbers = Tensor([3, 2], [Int64(7), 7, -1, 7, 9, 1])
    let layers: [(any NamedLayer, Tensor)] = [
      (try StringLookup(maskToken: "").adapted(to: data), data),
      (try StringLookup(outputMode: .tfIdf).adapted(to: data), data),
      (StringLookup(numOovIndices: 3, vocabulary: ["b"], salt: [1, 2]), data),
      (try IntegerLookup(outputMode: .count).adapted(to: numbers), numbers),
      (IntegerLookup(numOovIndices: 2, vocabulary: [7], oovMethod: .farmhash), numbers),
      (
        try TextVectorization(ngrams: [2]).adapted(to: data.rows(0..<3).reshaped([6])),
        data.reshaped([6, 1])
      ),
      (Hashing(7, maskValue: "a", salt: 3), data), (Hashing(7, outputMode: .count), numbers),
      (Hashing(9, dtype: .int32), data),
    ]
    for (layer, x) in layers {
      let object = try LayerRegistry.object(of: layer)
      let read = try LayerRegistry.standard.layer(
        className: layer.className, config: #require(object["config"]))
      #expect(try LayerRegistry.object(of: read) == object)
      let (a, b) = (try layer(x), try read(x))
      #expect(a == b, "\(layer.className)")
    }
  }
}
