import TensorGraph

/// The index that a lookup gives a token.
struct TokenIndexer<Token: VocabularyToken>: Sendable, Hashable {
  let vocabulary: Vocabulary<Token>
  /// How many tokens the vocabulary begins with that stand for no data or for unknown tokens.
  let specials: Int
  /// The index of the first token after those.
  let start: Int64
  /// The token that stands for no data, and its index.
  let mask: Token.Identity?
  let maskIndex: Int64
  /// The index of the first bin of unknown tokens, and the number of bins.
  let unknownStart: Int64
  let unknownBins: Int64
  /// What puts unknown tokens into bins; without it the remainder of a division does.
  let hash: StringHash?

  /// The index of a token of the vocabulary, or nothing.
  func known(_ key: Token.Key) -> Int64? {
    guard let place = vocabulary.index(key), place >= specials else { return nil }
    return Int64(place - specials) + start
  }
}

extension TokenIndexer<String> {
  /// The index of the word `bytes`; −1 if it is unknown and there is no bin for such.
  func index(_ bytes: UnsafeRawBufferPointer) -> Int64 {
    if let mask, bytes.elementsEqual(mask) { return maskIndex }
    if let known = known(bytes) { return known }
    return unknownBins == 0 ? -1 : unknownStart + (hash?.bin(of: bytes) ?? 0)
  }
}

extension TokenIndexer<Int64> {
  /// The index of `number`; −1 if it is unknown and there is no bin for such.
  func index(_ number: Int64) -> Int64 {
    if let mask, number == mask { return maskIndex }
    if let known = known(number) { return known }
    guard unknownBins > 0 else { return -1 }
    let remainder = number % unknownBins
    return unknownStart
      + (hash?.bin(of: number) ?? (remainder < 0 ? remainder + unknownBins : remainder))
  }
}

/// The index of each element in a vocabulary.
struct TokenIndices<Token: VocabularyToken>: HostOperation {
  let indexer: TokenIndexer<Token>

  var name: String { "look up \(indexer.vocabulary.tokens.count) tokens" }

  func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    TensorType(.int64, x[0].shape)
  }

  func rowCount(_ type: TensorType) -> Int { type.shape.count }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    let out = result.assumingMemoryBound(to: Int64.self)
    if let indexer = indexer as? TokenIndexer<String> {
      let strings = x[0].strings
      for row in rows { out[row] = indexer.index(strings[row]) }
    } else if let indexer = indexer as? TokenIndexer<Int64> {
      for row in rows { out[row] = indexer.index(x[0].integer(row)) }
    }
  }
}

/// The token of each index.
struct IndexTokens<Token: VocabularyToken>: Sendable, Hashable {
  let vocabulary: Vocabulary<Token>
  let specials: Int
  let start: Int64
  /// The token of index 0, if that stands for no data.
  let mask: Token.Identity?
  /// The token of an index that is none.
  let unknown: Token.Identity

  /// The place of the token of `index` in the vocabulary.
  func place(_ index: Int64) -> Int? {
    let place = index.subtractingReportingOverflow(start)
    guard !place.overflow, place.partialValue >= 0,
      place.partialValue < vocabulary.tokens.count - specials
    else { return nil }
    return Int(place.partialValue) + specials
  }
}

/// The word of each index: strings, which can only be returned.
struct IndexWords: StringResultOperation {
  let words: IndexTokens<String>

  var name: String { "words" }

  func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    TensorType(.string, x[0].shape)
  }

  func strings(for x: HostOperand) -> [String] {
    let unknown = String(decoding: words.unknown, as: UTF8.self)
    let mask = words.mask.map { String(decoding: $0, as: UTF8.self) }
    return (0..<x.count).map { position in
      let index = x.integer(position)
      if index == 0, let mask { return mask }
      return words.place(index).map { words.vocabulary.tokens[$0] } ?? unknown
    }
  }
}

/// The number of each index.
struct IndexNumbers: HostOperation {
  let numbers: IndexTokens<Int64>

  var name: String { "numbers of indices" }

  func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    TensorType(.int64, x[0].shape)
  }

  func rowCount(_ type: TensorType) -> Int { type.shape.count }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    let out = result.assumingMemoryBound(to: Int64.self)
    for row in rows {
      let index = x[0].integer(row)
      out[row] =
        index == 0 && numbers.mask != nil
        ? numbers.mask ?? 0
        : numbers.place(index).map { numbers.vocabulary.tokens[$0] } ?? numbers.unknown
    }
  }
}
