import TensorGraph

/// How text becomes tokens: standardized, split, joined to n-grams.
struct TextTokenizer: Sendable, Hashable {
  let standardize: Standardization?
  let split: TextSplit?
  /// The lengths of n-grams in the order in which they follow each other; nothing for the tokens.
  let ngrams: [Int]?

  /// Appends the tokens of a row, which has one text, or tokens if nothing is split.
  func tokens(of row: Range<Int>, _ texts: StringElements, into tokens: inout TokenList) {
    guard let ngrams else {
      for index in row { add(texts[index], to: &tokens) }
      return
    }
    var words = TokenList()
    for index in row { add(texts[index], to: &words) }
    for length in ngrams where length <= words.count {
      for start in 0...words.count - length { tokens.append(words, start..<start + length) }
    }
  }

  private func add(_ text: UnsafeRawBufferPointer, to tokens: inout TokenList) {
    switch standardize {
    case nil: cut(text, into: &tokens)
    case .custom(let function):
      var result = function.body(String(decoding: text, as: UTF8.self))
      result.withUTF8 { cut(UnsafeRawBufferPointer($0), into: &tokens) }
    case .lower: cut(text.map(Self.lower), into: &tokens)
    case .stripPunctuation: cut(text.filter { !Self.isPunctuation($0) }, into: &tokens)
    case .lowerAndStripPunctuation:
      cut(text.lazy.filter { !Self.isPunctuation($0) }.map(Self.lower), into: &tokens)
    }
  }

  private func cut(_ bytes: [UInt8], into tokens: inout TokenList) {
    bytes.withUnsafeBytes { cut($0, into: &tokens) }
  }

  private func cut(_ text: UnsafeRawBufferPointer, into tokens: inout TokenList) {
    switch split {
    case nil: tokens.append(text)
    case .whitespace:
      var start: Int?
      for index in text.indices {
        if Self.isSpace(text[index]) {
          if let from = start {
            tokens.append(UnsafeRawBufferPointer(rebasing: text[from..<index]))
          }
          start = nil
        } else if start == nil {
          start = index
        }
      }
      if let from = start { tokens.append(UnsafeRawBufferPointer(rebasing: text[from...])) }
    case .character:
      for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
        var character = String(Character(scalar))
        character.withUTF8 { tokens.append(UnsafeRawBufferPointer($0)) }
      }
    case .custom(let function):
      for var token in function.body(String(decoding: text, as: UTF8.self)) {
        token.withUTF8 { tokens.append(UnsafeRawBufferPointer($0)) }
      }
    }
  }

  /// ASCII alone, as Keras does without an encoding.
  private static func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 32 : byte }

  private static func isPunctuation(_ byte: UInt8) -> Bool {
    switch byte {
    case 33...47, 58...64, 91...96, 123...126: true
    default: false
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}

/// Tokens one after another, as bytes.
struct TokenList {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  var count: Int { ends.count }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  mutating func append(_ token: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: token)
    ends.append(bytes.count)
  }

  /// Appends tokens of another list as one, with spaces between them.
  mutating func append(_ list: TokenList, _ range: Range<Int>) {
    for index in range {
      if index > range.lowerBound { bytes.append(32) }
      bytes.append(contentsOf: list.bytes[list.range(index)])
    }
    ends.append(bytes.count)
  }

  /// Calls `body` with each of the first `limit` tokens.
  func forEach(first limit: Int = .max, _ body: (Int, UnsafeRawBufferPointer) -> Void) {
    bytes.withUnsafeBytes { bytes in
      for index in 0..<min(limit, count) {
        body(index, UnsafeRawBufferPointer(rebasing: bytes[range(index)]))
      }
    }
  }

  private func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }
}

/// Texts as the indices of their tokens: so many from the front, or how often each occurs.
struct TextIndices: HostOperation {
  /// The form of a row of the result.
  enum Form: Sendable, Hashable {
    /// The indices of the first tokens, and then zeros.
    case indices(width: Int)
    /// The number of times each index occurs; or whether it does.
    case counts(depth: Int, isBinary: Bool)
  }

  let tokenizer: TextTokenizer
  let indexer: TokenIndexer<String>
  let form: Form

  var name: String { "vectorize text" }

  func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    let batch = Self.rows(of: x[0].shape, isSplit: tokenizer.split != nil).batch
    return switch form {
    case .indices(let width): TensorType(.int64, Shape(batch + [width]))
    case .counts(let depth, _): TensorType(.float32, Shape(batch + [depth]))
    }
  }

  /// The axes of texts, and the number of texts in a row: one if texts are split, or else all of
  /// the last axis.
  static func rows(of shape: Shape, isSplit: Bool) -> (batch: [Int], perRow: Int) {
    guard isSplit else { return (Array(shape.dims.dropLast()), shape.dims.last ?? 1) }
    return (shape.rank > 1 ? Array(shape.dims.dropLast()) : shape.dims, 1)
  }

  func rowCount(_ type: TensorType) -> Int { type.shape.dims.dropLast().reduce(1, *) }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    let perRow = Self.rows(of: x[0].type.shape, isSplit: tokenizer.split != nil).perRow
    let texts = x[0].strings
    var tokens = TokenList()
    for row in rows {
      tokens.removeAll()
      tokenizer.tokens(of: row * perRow..<(row + 1) * perRow, texts, into: &tokens)
      switch form {
      case .indices(let width):
        let out = result.assumingMemoryBound(to: Int64.self) + row * width
        out.update(repeating: 0, count: width)
        tokens.forEach(first: width) { out[$0] = indexer.index($1) }
      case .counts(let depth, let isBinary):
        let out = result.assumingMemoryBound(to: Float.self) + row * depth
        out.update(repeating: 0, count: depth)
        tokens.forEach { _, token in
          let index = indexer.index(token)
          guard index >= 0, index < depth else { return }
          out[Int(index)] = isBinary ? 1 : out[Int(index)] + 1
        }
      }
    }
  }
}
