import TensorGraph

/// How integers that are not in a vocabulary get one of several indices.
public enum OOVMethod: String, Sendable, Hashable, Codable {
  /// By the remainder of a division by the number of indices.
  case floormod
  /// By a hash of the number in decimals.
  case farmhash
}

/// Integers as their places in a vocabulary, or the other way around.
///
///     let index = IntegerLookup(vocabulary: [12, 36, 1138])
///
/// Indices are as in `StringLookup`.
///
/// - Input: integers of any shape; of floats the whole part counts; indices if `invert`
/// - Output: `int64` of the shape of the input, or what `outputMode` makes of it
public final class IntegerLookup: NamedLayer, LookupLayer {
  /// The largest number of indices, all of them counted.
  public let maxTokens: Int?
  /// The number of indices for integers that are not in the vocabulary.
  public let numOovIndices: Int
  /// The integer that stands for no data.
  public let maskToken: Int64?
  /// The integer that unknown indices become.
  public let oovToken: Int64?
  /// The integers in order, with or without those that stand before them.
  let vocabulary: Vocabulary<Int64>?
  /// The type of the integers.
  public let vocabularyDtype: DType
  /// The weight of each integer, if `outputMode` is `tfIdf`.
  public let idfWeights: [Double]?
  /// Whether indices become integers of the vocabulary.
  public let invert: Bool
  /// How integers are given.
  public let outputMode: OutputMode
  /// Whether rows have `maxTokens` places though there are fewer integers.
  public let padToMaxTokens: Bool
  /// How unknown integers get one of several indices.
  public let oovMethod: OOVMethod
  /// The key of SipHash64 for unknown integers: two numbers, or one for both.
  public let salt: OneOrMany<Int>?
  public let options: LayerOptions

  public static let example = IntegerLookup()

  /// Creates a lookup, whose vocabulary is given or found in data.
  public init(
    maxTokens: Int? = nil, numOovIndices: Int = 1, maskToken: Int64? = nil,
    oovToken: Int64? = -1, vocabulary: [Int64]? = nil, vocabularyDtype: DType = .int64,
    idfWeights: [Double]? = nil, invert: Bool = false, outputMode: OutputMode = .int,
    padToMaxTokens: Bool = false, oovMethod: OOVMethod = .floormod,
    salt: OneOrMany<Int>? = nil, name: String? = nil, options: LayerOptions = []
  ) {
    self.maxTokens = maxTokens
    self.numOovIndices = numOovIndices
    self.maskToken = maskToken
    self.oovToken = oovToken
    self.vocabulary = vocabulary.map { Vocabulary($0) }
    self.vocabularyDtype = vocabularyDtype
    self.idfWeights = idfWeights
    self.invert = invert
    self.outputMode = outputMode
    self.padToMaxTokens = padToMaxTokens
    self.oovMethod = oovMethod
    self.salt = salt
    self.options = LayerOptions(name, options)
  }

  /// All integers by index: those for no data and for unknown ones, then the vocabulary.
  public var tokens: [Int64] { fullVocabulary }
  /// The number of indices.
  public var vocabularySize: Int { size }

  var mask: Int64? { maskToken }
  var unknown: Int64? { oovToken }
  var table: Vocabulary<Int64>? { vocabulary }
  var hashesUnknown: Bool { oovMethod == .farmhash }

  public var masking: MaskHandling { outputMode == .int ? .passed : .consumed }
  public var castsInputs: Bool { false }
  public var takesStrings: Bool { true }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard [.int32, .int64].contains(vocabularyDtype) else {
      return context.fail(
        "IntegerLookup has a vocabulary of int32 or int64, not "
          + vocabularyDtype.rawValue)
    }
    if let mistake = setupMistake(context) { return mistake }
    guard x.dtype != .string else {
      return context.fail("IntegerLookup expects integers", x, hint: "StringLookup takes strings")
    }
    if invert, let numbers = tokensOfIndices {
      return x.trace.emit(IndexNumbers(numbers: numbers), [x])
    }
    guard let indexer else { return x.trace.invalid }
    return encoded(x.trace.emit(TokenIndices(indexer: indexer), [x]), context)
  }

  /// The layer with the integers of `batches` as its vocabulary, as `StringLookup` has words.
  public func adapted(to batches: some Sequence<Tensor>) throws -> IntegerLookup {
    try adaptedToTokens(of: batches)
  }

  /// The layer with the integers of `data` as its vocabulary; an entry of the first axis is a
  /// document.
  public func adapted(to data: Tensor) throws -> IntegerLookup {
    try adaptedToTokens(of: CollectionOfOne(data.asDocuments))
  }

  func indices(of input: Tensor, _ indexer: TokenIndexer<Int64>) -> [Int64] {
    input.dtype == .string ? [] : input.scalars(as: Int64.self).map(indexer.index)
  }

  func documents(in batch: Tensor) throws -> [[Int64]] {
    try checkNumbers(batch)
    return batch.rowsOfDocuments(batch.scalars(as: Int64.self))
  }

  func with(_ tokens: [Int64], idfWeights: [Double]?) -> IntegerLookup {
    IntegerLookup(
      maxTokens: maxTokens, numOovIndices: numOovIndices, maskToken: maskToken,
      oovToken: oovToken, vocabulary: tokens, vocabularyDtype: vocabularyDtype,
      idfWeights: idfWeights, invert: invert, outputMode: outputMode,
      padToMaxTokens: padToMaxTokens, oovMethod: oovMethod, salt: salt, options: options)
  }
}
