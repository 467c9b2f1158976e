import Foundation
import TensorGraph

/// What lookups of strings and of integers share: a vocabulary, the places before its tokens, and
/// the forms of the output.
protocol LookupLayer: AdaptableLayer, DataDependentLayer {
  associatedtype Token: VocabularyToken

  var maxTokens: Int? { get }
  var numOovIndices: Int { get }
  /// The token that stands for no data.
  var mask: Token? { get }
  /// The token that unknown ones become.
  var unknown: Token? { get }
  /// The tokens as they were given; nothing before the layer is adapted.
  var table: Vocabulary<Token>? { get }
  var idfWeights: [Double]? { get }
  var invert: Bool { get }
  var outputMode: OutputMode { get }
  var padToMaxTokens: Bool { get }
  /// The key of SipHash for unknown tokens.
  var salt: OneOrMany<Int>? { get }
  /// Whether unknown tokens are hashed, and not divided.
  var hashesUnknown: Bool { get }

  /// The layer with a vocabulary of `tokens`.
  func with(_ tokens: [Token], idfWeights: [Double]?) -> Self
  /// The indices of the elements of `input`.
  func indices(of input: Tensor, _ indexer: TokenIndexer<Token>) -> [Int64]
  /// The tokens of the rows of `batch`, each a document.
  func documents(in batch: Tensor) throws -> [[Token]]
}

extension LookupLayer {
  /// The number of indices before those of unknown tokens.
  var unknownStart: Int { mask != nil && outputMode == .int ? 1 : 0 }

  /// The index of the first token of the vocabulary.
  var tokenStart: Int { unknownStart + max(numOovIndices, 0) }

  /// How many tokens the given vocabulary begins with that have no meaning: those that
  /// `fullVocabulary` puts before it, or none.
  var specials: Int {
    guard let table else { return 0 }
    let special = specialTokens.map { $0?.identity }
    let first = table.tokens.prefix(tokenStart).map(\.identity)
    return zip(special, first).allSatisfy({ $0 == $1 }) && first.count == tokenStart
      ? tokenStart : 0
  }

  private var specialTokens: [Token?] {
    [Token?](repeating: mask, count: unknownStart)
      + [Token?](repeating: unknown, count: tokenStart - unknownStart)
  }

  /// The number of tokens with an index, those for no data and unknown tokens among them.
  var size: Int { tokenStart + (table?.tokens.count ?? 0) - specials }

  /// The number of places of a row in the output.
  var depth: Int { padToMaxTokens ? maxTokens ?? size : size }

  /// All tokens by index.
  var fullVocabulary: [Token] {
    specialTokens.compactMap(\.self) + (table?.tokens.dropFirst(specials) ?? [])
  }

  /// What is wrong with the hyperparameters, but for the vocabulary.
  private var settingsMistake: (String, hint: String?)? {
    if let maxTokens, maxTokens <= 1 || maxTokens < tokenStart {
      return (
        "\(className) needs maxTokens above 1 and at least \(tokenStart), not \(maxTokens)",
        "\(tokenStart) are for no data and unknown tokens"
      )
    }
    if !(0...1 << 28).contains(numOovIndices) {
      return ("\(className) needs numOovIndices of at least 0, not \(numOovIndices)", nil)
    }
    if padToMaxTokens, maxTokens == nil {
      return ("\(className) cannot pad to maxTokens without any", "give maxTokens")
    }
    if padToMaxTokens, let maxTokens, !isSize(maxTokens) {
      return ("\(className) cannot pad to \(maxTokens) tokens", nil)
    }
    if invert, outputMode != .int {
      return (
        "\(className) gives tokens if it is inverted, and not \(outputMode.rawValue)",
        "leave outputMode at int"
      )
    }
    if invert, unknown == nil {
      return ("\(className) needs an oovToken if it is inverted", nil)
    }
    if let salt, StringHash.key(salt) == nil {
      return ("\(className) needs a salt of 1 or 2 numbers, not \(salt.values.count)", nil)
    }
    if salt != nil, !hashesUnknown {
      return ("\(className) has a salt and no hash", "oovMethod: .farmhash")
    }
    return nil
  }

  /// What is wrong with the hyperparameters.
  private var setupMistake: (String, hint: String?)? {
    if let mistake = settingsMistake { return mistake }
    guard let table else {
      return (
        "\(className) has no vocabulary yet", "give a vocabulary, or adapt the layer to data"
      )
    }
    let specials = specials, tokens = table.tokens.dropFirst(specials)
    if table.tokens.isEmpty { return ("\(className) has an empty vocabulary", nil) }
    if let token = table.repeated(after: specials) {
      return ("\(className) has \(token) in its vocabulary more than once", nil)
    }
    let position = "leave it out, or begin the vocabulary with all special tokens"
    if let mask, tokens.contains(where: { $0.identity == mask.identity }) {
      return ("\(className) has its mask token \(mask) among the tokens", position)
    }
    if invert, let unknown, tokens.contains(where: { $0.identity == unknown.identity }) {
      return ("\(className) has its OOV token \(unknown) among the tokens", position)
    }
    if let maxTokens, size > maxTokens {
      return ("\(className) has \(size) tokens, more than maxTokens \(maxTokens)", nil)
    }
    guard outputMode == .tfIdf else {
      return idfWeights == nil ? nil : ("\(className) has idfWeights without tf_idf", nil)
    }
    guard let idfWeights else {
      return ("\(className) needs idfWeights for tf_idf", "one for each token, or adapt the layer")
    }
    if idfWeights.count != table.tokens.count {
      return ("\(className) has \(idfWeights.count) weights for \(table.tokens.count) tokens", nil)
    }
    return nil
  }

  /// The mistake in the hyperparameters, if there is one.
  func setupMistake(_ context: LayerContext) -> Symbol? {
    setupMistake.map { context.fail($0.0, hint: $0.hint) }
  }

  /// What gives tokens their indices.
  var indexer: TokenIndexer<Token>? {
    guard let table else { return nil }
    let hash =
      numOovIndices > 1 && hashesUnknown
      ? StringHash(bins: numOovIndices, salt: salt.flatMap(StringHash.key)) : nil
    return TokenIndexer(
      vocabulary: table, specials: specials, start: Int64(tokenStart), mask: mask?.identity,
      maskIndex: outputMode == .int ? 0 : .max,  // beyond every row
      unknownStart: Int64(unknownStart), unknownBins: Int64(numOovIndices), hash: hash)
  }

  /// Nothing; throws when a token is unknown and there is no index for such.
  func arguments(for inputs: [Tensor]) throws -> [String: CallArgument] {
    guard numOovIndices == 0, !invert, let indexer, let input = inputs.first,
      let place = indices(of: input, indexer).firstIndex(of: -1)
    else { return [:] }
    let token =
      input.dtype == .string ? input.strings[place] : "\(input.scalars(as: Int64.self)[place])"
    throw mistake(
      "\(className) has no index for \(token)", input,
      hint: "numOovIndices: 1 gives unknown tokens one")
  }

  /// What gives indices their tokens.
  var tokensOfIndices: IndexTokens<Token>? {
    guard let table, let unknown else { return nil }
    return IndexTokens(
      vocabulary: table, specials: specials, start: Int64(tokenStart), mask: mask?.identity,
      unknown: unknown.identity)
  }

  /// `indices` in the form that `outputMode` asks for.
  func encoded(_ indices: Symbol, _ context: LayerContext) -> Symbol {
    guard outputMode != .int else { return indices }
    guard isSize(depth) else { return context.fail("\(className) has too many tokens: \(depth)") }
    let counts = context.encoded(
      indices, as: outputMode, depth: depth, dtype: context.policy.compute)
    return weighted(counts)
  }

  /// `counts` times the weights of the tokens, if there are any.
  func weighted(_ counts: Symbol) -> Symbol {
    guard outputMode == .tfIdf, counts.isValid else { return counts }
    return counts
      * counts.trace.constant(
        Tensor(TensorType(counts.dtype, [depth]), numbers: storedWeights ?? []))
  }

  /// The weight of each index: unknown tokens have the mean of all, and padding has none.
  var storedWeights: [Double]? {
    guard outputMode == .tfIdf, let idfWeights, !idfWeights.isEmpty else { return nil }
    let mean = idfWeights.reduce(0, +) / Double(idfWeights.count)
    let front = [Double](repeating: mean, count: specials == 0 ? tokenStart : 0)
    let weights = front + idfWeights
    return weights + [Double](repeating: 0, count: max(depth - weights.count, 0))
  }

  /// The layer with the tokens of `batches`: the most frequent first, and of equally frequent ones
  /// those last in order of bytes or numbers.
  func adaptedToTokens(of batches: some Sequence<Tensor>) throws -> Self {
    if let (message, hint) = settingsMistake { throw mistake(message, hint: hint) }
    guard table == nil else {
      throw mistake(
        "\(className) has a vocabulary already", hint: "adapt one that was made without")
    }
    var counts: [Token.Identity: (token: Token, count: Int, documents: Int)] = [:]
    var documentCount = 0
    for batch in batches {
      let documents = try documents(in: batch)
      documentCount += documents.count
      for document in documents {
        var seen: Set<Token.Identity> = []
        for token in document {
          let id = token.identity
          let isNew = outputMode == .tfIdf && seen.insert(id).inserted
          counts[id, default: (token, 0, 0)].count += 1
          if isNew { counts[id]?.documents += 1 }
        }
      }
    }
    for special in [mask, unknown].compactMap(\.self) { counts[special.identity] = nil }
    guard !counts.isEmpty else { throw mistake("there are no tokens to adapt \(className) to") }
    let sorted = counts.values.sorted { a, b in
      a.count != b.count ? a.count > b.count : Token.isLess(b.token, a.token)
    }.prefix(maxTokens.map { $0 - tokenStart } ?? .max)
    guard !sorted.isEmpty else {
      throw mistake("maxTokens leave no place for tokens beside the \(tokenStart) special ones")
    }
    let weights = sorted.map { log(1 + Double(documentCount) / Double(1 + $0.documents)) }
    return with(sorted.map(\.token), idfWeights: outputMode == .tfIdf ? weights : nil)
  }
}
