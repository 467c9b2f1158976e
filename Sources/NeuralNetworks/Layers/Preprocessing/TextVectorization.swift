import TensorGraph

/// Texts as the indices of their words in a vocabulary, or as counts of words.
///
///     let vectorize = try TextVectorization(maxTokens: 20_000, outputSequenceLength: 200)
///       .adapted(to: texts)
///     let model = try Model(input: [], dtype: .string) {
///       vectorize
///       Embedding(20_000, 64, maskZero: true)
///       …
///     }
///
/// A text is standardized, split into tokens, these are joined to n-grams, and looked up as by
/// `StringLookup` with the mask token `""`: index 0 fills up short texts, 1 stands for unknown
/// words.
///
/// - Input: strings, `[batch]` or `[batch, 1]`; with no `split`, tokens `[batch, tokens]`
/// - Output: `int64[batch, outputSequenceLength]`, or a row for each text as `outputMode` has it
public final class TextVectorization: NamedLayer, AdaptableLayer, DataDependentLayer {
  /// The largest number of indices, all of them counted.
  public let maxTokens: Int?
  /// What is done to texts first.
  public let standardize: Standardization?
  /// Where texts are split; nothing if the input is of tokens.
  public let split: TextSplit?
  /// The n-grams that tokens are joined to.
  public let ngrams: NGrams?
  /// How tokens are given.
  public let outputMode: OutputMode
  /// The number of indices of each text, if `outputMode` is `int`. Without it a batch is as wide as
  /// its longest text, which only a call on a tensor can know.
  public let outputSequenceLength: Int?
  /// Whether rows have `maxTokens` places though there are fewer words.
  public let padToMaxTokens: Bool
  /// The words in order, with or without those that stand before them.
  let vocabulary: Vocabulary<String>?
  /// The weight of each word, if `outputMode` is `tfIdf`.
  public let idfWeights: [Double]?
  /// The encoding of the texts: UTF-8.
  public let encoding: TextEncoding
  public let options: LayerOptions

  public static let example = TextVectorization()

  /// Creates a vectorization, whose vocabulary is given or found in data.
  public convenience init(
    maxTokens: Int? = nil, standardize: Standardization? = .lowerAndStripPunctuation,
    split: TextSplit? = .whitespace, ngrams: NGrams? = nil, outputMode: OutputMode = .int,
    outputSequenceLength: Int? = nil, padToMaxTokens: Bool = false, vocabulary: [String]? = nil,
    idfWeights: [Double]? = nil, encoding: TextEncoding = .utf8, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.init(
      maxTokens: maxTokens, standardize: standardize, split: split, ngrams: ngrams,
      outputMode: outputMode, outputSequenceLength: outputSequenceLength,
      padToMaxTokens: padToMaxTokens, table: vocabulary.map { Vocabulary($0) },
      idfWeights: idfWeights, encoding: encoding, options: LayerOptions(name, options))
  }

  private init(
    maxTokens: Int?, standardize: Standardization?, split: TextSplit?, ngrams: NGrams?,
    outputMode: OutputMode, outputSequenceLength: Int?, padToMaxTokens: Bool,
    table: Vocabulary<String>?, idfWeights: [Double]?, encoding: TextEncoding,
    options: LayerOptions
  ) {
    self.maxTokens = maxTokens
    self.standardize = standardize
    self.split = split
    self.ngrams = ngrams
    self.outputMode = outputMode
    self.outputSequenceLength = outputSequenceLength
    self.padToMaxTokens = padToMaxTokens
    vocabulary = table
    self.idfWeights = idfWeights
    self.encoding = encoding
    self.options = options
  }

  /// All words by index: that for no data and that for unknown words, then the vocabulary.
  public var words: [String] { lookup.fullVocabulary }
  /// The number of indices.
  public var vocabularySize: Int { lookup.size }

  /// What tokens are looked up with.
  var lookup: StringLookup {
    StringLookup(
      maxTokens: maxTokens, numOovIndices: 1, maskToken: "", oovToken: "[UNK]",
      table: vocabulary, idfWeights: idfWeights, invert: false, outputMode: outputMode,
      padToMaxTokens: padToMaxTokens, encoding: encoding, salt: nil, options: options)
  }

  private var tokenizer: TextTokenizer {
    TextTokenizer(standardize: standardize, split: split, ngrams: ngrams?.lengths)
  }

  public var masking: MaskHandling { .consumed }
  public var castsInputs: Bool { false }
  public var takesStrings: Bool { true }

  /// What is wrong with the hyperparameters, or with texts of `type`.
  private func mistake(_ type: TensorType) -> (String, hint: String?)? {
    guard type.dtype == .string else { return ("TextVectorization expects strings", nil) }
    if let mistake = ngrams?.mistake { return (mistake, nil) }
    if split != nil, type.shape.rank > 1, type.shape[-1] != 1 {
      return ("TextVectorization expects [batch] or [batch, 1]", "to read tokens set split: nil")
    }
    if let outputSequenceLength {
      if outputMode != .int {
        return ("TextVectorization has an outputSequenceLength for \(outputMode.rawValue)", nil)
      }
      if !(0...1 << 28).contains(outputSequenceLength) {
        return ("TextVectorization cannot give \(outputSequenceLength) indices", nil)
      }
    }
    return nil
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    if let (message, hint) = mistake(x.type) { return context.fail(message, x, hint: hint) }
    let lookup = lookup
    if let mistake = lookup.setupMistake(context) { return mistake }
    guard let indexer = lookup.indexer else { return x.trace.invalid }
    func emit(_ form: TextIndices.Form) -> Symbol {
      x.trace.emit(TextIndices(tokenizer: tokenizer, indexer: indexer, form: form), [x])
    }
    guard outputMode == .int || outputMode == .oneHot else {
      guard isSize(lookup.depth) else {
        return context.fail("TextVectorization has too many tokens: \(lookup.depth)")
      }
      let counts = emit(.counts(depth: lookup.depth, isBinary: outputMode == .multiHot))
      return lookup.weighted(counts.cast(to: context.policy.compute))
    }
    guard let width = outputSequenceLength ?? tokenCount(x.shape) ?? context.width else {
      return context.fail(
        outputMode == .int
          ? "TextVectorization needs an outputSequenceLength in a model"
          : "TextVectorization cannot give one_hot rows of texts of any length", x,
        hint: outputMode == .int ? "set it: longer texts are cut" : "use multi_hot or int")
    }
    return lookup.encoded(emit(.indices(width: width)), context)
  }

  /// The number of tokens in a row, if nothing is split.
  private func tokenCount(_ shape: Shape) -> Int? {
    guard split == nil else { return nil }
    let tokens = shape.dims.last ?? 1
    return tokenizer.ngrams.map { $0.reduce(0) { $0 + max(tokens - $1 + 1, 0) } } ?? tokens
  }

  func arguments(for inputs: [Tensor]) throws -> [String: CallArgument] {
    guard outputMode == .int, outputSequenceLength == nil, split != nil, let x = inputs.first,
      mistake(x.type) == nil
    else { return [:] }
    return ["width": .number(Double(rows(of: x).map(\.count).max() ?? 0))]
  }

  /// The tokens of each row of `texts`.
  private func rows(of texts: Tensor) -> [TokenList] {
    let (batch, perRow) = TextIndices.rows(of: texts.shape, isSplit: split != nil)
    return texts.withStrings { strings in
      (0..<batch.reduce(1, *)).map { row in
        var tokens = TokenList()
        tokenizer.tokens(of: row * perRow..<(row + 1) * perRow, strings, into: &tokens)
        return tokens
      }
    }
  }

  /// The layer with the words of the texts in `batches` as its vocabulary, as `StringLookup` has
  /// them; every text is a document.
  public func adapted(to batches: some Sequence<Tensor>) throws -> TextVectorization {
    var documents: [Tensor] = []
    for batch in batches {
      if let (message, hint) = mistake(batch.type) { throw mistake(message, batch, hint: hint) }
      let texts = split == nil ? batch.asDocuments : batch
      for tokens in rows(of: texts) {
        var words: [String] = []
        tokens.forEach { words.append(String(decoding: $1, as: UTF8.self)) }
        documents.append(Tensor(words))
      }
    }
    let found = try lookup.adaptedToTokens(of: documents)
    return TextVectorization(
      maxTokens: maxTokens, standardize: standardize, split: split, ngrams: ngrams,
      outputMode: outputMode, outputSequenceLength: outputSequenceLength,
      padToMaxTokens: padToMaxTokens, table: found.table, idfWeights: found.idfWeights,
      encoding: encoding, options: options)
  }
}

extension LayerContext {
  /// The width that a call on a tensor found.
  fileprivate var width: Int? {
    guard case .number(let width)? = arguments["width"] else { return nil }
    return Int(exactly: width)
  }
}
