import TensorGraph

/// Words as their places in a vocabulary, or the other way around.
///
///     let index = StringLookup(vocabulary: ["cat", "dog"])   // 0 for others, 1, 2
///     let words = try StringLookup(maxTokens: 10_000).adapted(to: text)
///
/// Index 0 is that of the mask token, if there is one and `outputMode` is `int`; then come
/// `numOovIndices` for words that are not in the vocabulary, then its words. Unknown words get one
/// of several such indices by their FarmHash64, or by their SipHash64 if there is a `salt`. Without
/// any they are −1, and left out of rows.
///
/// - Input: strings of any shape; indices if `invert`
/// - Output: `int64` of the shape of the input, what `outputMode` makes of it, or strings if
///   `invert`, which a model can only return
public final class StringLookup: NamedLayer, LookupLayer {
  /// The largest number of indices, all of them counted.
  public let maxTokens: Int?
  /// The number of indices for words that are not in the vocabulary.
  public let numOovIndices: Int
  /// The word that stands for no data.
  public let maskToken: String?
  /// The word that unknown indices become.
  public let oovToken: String?
  /// The words in order, with or without those that stand before them.
  let vocabulary: Vocabulary<String>?
  /// The weight of each word, if `outputMode` is `tfIdf`.
  public let idfWeights: [Double]?
  /// Whether indices become words.
  public let invert: Bool
  /// How words are given.
  public let outputMode: OutputMode
  /// Whether rows have `maxTokens` places though there are fewer words.
  public let padToMaxTokens: Bool
  /// The encoding of the words: UTF-8.
  public let encoding: TextEncoding
  /// The key of SipHash64 for unknown words: two numbers, or one for both.
  public let salt: OneOrMany<Int>?
  /// How integers that are unknown get their index, which Keras writes for words too.
  let oovMethod: OOVMethod
  public let options: LayerOptions

  public static let example = StringLookup()

  /// Creates a lookup, whose vocabulary is given or found in data.
  public convenience init(
    maxTokens: Int? = nil, numOovIndices: Int = 1, maskToken: String? = nil,
    oovToken: String? = "[UNK]", vocabulary: [String]? = nil, idfWeights: [Double]? = nil,
    invert: Bool = false, outputMode: OutputMode = .int, padToMaxTokens: Bool = false,
    encoding: TextEncoding = .utf8, salt: OneOrMany<Int>? = nil, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.init(
      maxTokens: maxTokens, numOovIndices: numOovIndices, maskToken: maskToken,
      oovToken: oovToken, table: vocabulary.map { Vocabulary($0) }, idfWeights: idfWeights,
      invert: invert, outputMode: outputMode, padToMaxTokens: padToMaxTokens, encoding: encoding,
      salt: salt, options: LayerOptions(name, options))
  }

  init(
    maxTokens: Int?, numOovIndices: Int, maskToken: String?, oovToken: String?,
    table: Vocabulary<String>?, idfWeights: [Double]?, invert: Bool, outputMode: OutputMode,
    padToMaxTokens: Bool, encoding: TextEncoding, salt: OneOrMany<Int>?, options: LayerOptions
  ) {
    self.maxTokens = maxTokens
    self.numOovIndices = numOovIndices
    self.maskToken = maskToken
    self.oovToken = oovToken
    vocabulary = table
    self.idfWeights = idfWeights
    self.invert = invert
    self.outputMode = outputMode
    self.padToMaxTokens = padToMaxTokens
    self.encoding = encoding
    self.salt = salt
    oovMethod = .floormod
    self.options = options
  }

  /// All words by index: those for no data and for unknown words, then the vocabulary.
  public var words: [String] { fullVocabulary }
  /// The number of indices.
  public var vocabularySize: Int { size }

  var mask: String? { maskToken }
  var unknown: String? { oovToken }
  var table: Vocabulary<String>? { vocabulary }
  var hashesUnknown: Bool { true }

  public var masking: MaskHandling { outputMode == .int ? .passed : .consumed }
  public var castsInputs: Bool { false }
  public var takesStrings: Bool { true }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    if let mistake = setupMistake(context) { return mistake }
    guard (x.dtype == .string) != invert else {
      return context.fail(
        invert ? "StringLookup expects indices if inverted" : "StringLookup expects strings", x,
        hint: invert ? nil : "IntegerLookup takes integers")
    }
    if invert, let words = tokensOfIndices {
      return x.trace.emit(IndexWords(words: words), [x.cast(to: .int64)])
    }
    guard let indexer else { return x.trace.invalid }
    return encoded(x.trace.emit(TokenIndices(indexer: indexer), [x]), context)
  }

  /// The layer with the words of `batches` as its vocabulary.
  ///
  /// The most frequent are first, and of equally frequent ones those last in order of their bytes;
  /// a row of a batch is a document, and so is a batch with one axis. The weights of words are
  /// `log(1 + documents / (1 + documents with the word))`.
  public func adapted(to batches: some Sequence<Tensor>) throws -> StringLookup {
    try adaptedToTokens(of: batches)
  }

  /// The layer with the words of `data` as its vocabulary; an entry of the first axis is a document.
  public func adapted(to data: Tensor) throws -> StringLookup {
    try adaptedToTokens(of: CollectionOfOne(data.asDocuments))
  }

  func indices(of input: Tensor, _ indexer: TokenIndexer<String>) -> [Int64] {
    guard input.dtype == .string else { return [] }
    return input.withStrings { strings in (0..<strings.count).map { indexer.index(strings[$0]) } }
  }

  func documents(in batch: Tensor) throws -> [[String]] {
    guard batch.dtype == .string else {
      throw mistake("StringLookup adapts to strings", batch, hint: "IntegerLookup takes integers")
    }
    return batch.rowsOfDocuments(batch.strings)
  }

  func with(_ tokens: [String], idfWeights: [Double]?) -> StringLookup {
    StringLookup(
      maxTokens: maxTokens, numOovIndices: numOovIndices, maskToken: maskToken,
      oovToken: oovToken, table: Vocabulary(tokens), idfWeights: idfWeights, invert: invert,
      outputMode: outputMode, padToMaxTokens: padToMaxTokens, encoding: encoding, salt: salt,
      options: options)
  }
}

/// How text is encoded in bytes.
public enum TextEncoding: String, Sendable, Hashable, Codable {
  case utf8 = "utf-8"
}

extension Tensor {
  /// A list of tokens as documents of one token each.
  var asDocuments: Tensor { shape.rank == 1 ? reshaped([count, 1]) : self }

  /// `tokens`, the elements, by row; a tensor with at most one axis is one row.
  func rowsOfDocuments<Token>(_ tokens: [Token]) -> [[Token]] {
    guard shape.rank > 1 else { return [tokens] }
    guard shape[0] > 0 else { return [] }
    let size = count / shape[0]
    return (0..<shape[0]).map { Array(tokens[$0 * size..<($0 + 1) * size]) }
  }
}
