import TensorGraph

/// Texts as numbers of word pieces, as BERT reads them.
///
///     let tokenizer = try WordPieceTokenizer(
///       vocabulary: Files.lines(of: "vocab.txt"), sequenceLength: 128, lowercase: true,
///       stripAccents: true, startToken: "[CLS]", endToken: "[SEP]", padToken: "[PAD]")
///     tokenizer.tokens(for: "Embeddings!")       // [CLS] em ##bed ##ding ##s ! [SEP]
///     let x = tokenizer(["A text.", "Another"])  // int32[2, 128]
///
/// A text is split into words at whitespace, punctuation and ideographs. Of a word the longest
/// beginning that is in the vocabulary is its first piece, then comes the longest beginning of the
/// rest that is there with `suffixIndicator` before it, and so on. A word that cannot be
/// covered, or has more than 100 characters, is `oovToken`. Characters that stand for nothing,
/// control characters and those for private use among them, are left out.
///
/// The time grows with the length of the text alone, whatever is in it.
///
/// Reference: [Wu et al., 2016](https://arxiv.org/abs/1609.08144);
/// [Devlin et al., 2018](https://arxiv.org/abs/1810.04805)
public struct WordPieceTokenizer: Sendable {
  /// The pieces in order: their places are their numbers.
  public var vocabulary: [String] { pieces.vocabulary.tokens }
  /// The number of pieces of each text, where longer ones are cut; nothing for any.
  public let sequenceLength: Int?
  /// Whether texts have `sequenceLength` pieces though the longest of them has fewer.
  public let padToSequenceLength: Bool
  /// Whether letters become small, in all scripts.
  public let lowercase: Bool
  /// Whether letters lose their accents: nonspacing marks of the canonical decomposition.
  public let stripAccents: Bool
  /// Whether texts are split into words; else each is a word.
  public let split: Bool
  /// Whether ideographs are words, as Chinese has no spaces.
  public let splitOnCJK: Bool
  /// What the vocabulary has before a piece that does not begin a word.
  public let suffixIndicator: String
  /// The piece for words that have none.
  public let oovToken: String
  /// The piece before the first of each text, if there is one.
  public let startToken: String?
  /// The piece after the last of each text, if there is one. Texts that are cut have it, too.
  public let endToken: String?
  /// The piece that fills up short texts; that with the number 0 if nothing is said.
  public let padToken: String?
  /// The pieces that are also found in texts, as they are written, such as `[MASK]`. A text of
  /// somebody else can use them: leave out what it should not say.
  public let specialTokens: [String]

  private let words: BasicTokenizer
  private let pieces: WordPieces
  private let (start, end): ([Int32], [Int32])
  private let padding: Int32
  private let special: [(token: [UInt8], id: Int32)]

  /// Creates a tokenizer with the pieces in `vocabulary`.
  ///
  /// - Throws: when the vocabulary has a piece twice, or lacks one of those that are named, or
  ///   `sequenceLength` leaves no room for them.
  public init(
    vocabulary: [String], sequenceLength: Int? = nil, padToSequenceLength: Bool = true,
    lowercase: Bool = false, stripAccents: Bool = false, split: Bool = true,
    splitOnCJK: Bool = true,
    suffixIndicator: String = "##", oovToken: String = "[UNK]", startToken: String? = nil,
    endToken: String? = nil, padToken: String? = nil, specialTokens: [String] = []
  ) throws(GraphError) {
    let table = Vocabulary(vocabulary)
    if let repeated = table.repeated(after: 0) {
      throw GraphError("the vocabulary has \(repeated) more than once")
    }
    func id(_ token: String) throws(GraphError) -> Int32 {
      var token = token
      guard let id = token.withUTF8({ table.index(UnsafeRawBufferPointer($0)) }) else {
        throw GraphError(
          "\(token) is not among the \(vocabulary.count) pieces of the vocabulary",
          hint: "BERT's have [UNK], [CLS], [SEP], [PAD] and [MASK]")
      }
      return Int32(id)
    }
    pieces = WordPieces(table, suffixIndicator: suffixIndicator, unknown: try id(oovToken))
    start = try startToken.map { token throws(GraphError) in [try id(token)] } ?? []
    end = try endToken.map { token throws(GraphError) in [try id(token)] } ?? []
    padding = try padToken.map(id) ?? 0
    special = try specialTokens.map { token throws(GraphError) in
      guard !token.isEmpty else { throw GraphError("a special token has at least one character") }
      return (Array(token.utf8), try id(token))
    }.sorted { $0.0.count > $1.0.count }
    if let sequenceLength, !(start.count + end.count...1 << 28).contains(sequenceLength) {
      throw GraphError(
        "texts of \(sequenceLength) pieces are not possible",
        hint: "at least \(start.count + end.count), those before and after each text")
    }
    words = BasicTokenizer(
      lowercase: lowercase, stripAccents: stripAccents, split: split, splitOnCJK: splitOnCJK)
    self.sequenceLength = sequenceLength
    self.padToSequenceLength = padToSequenceLength
    self.lowercase = lowercase
    self.stripAccents = stripAccents
    self.split = split
    self.splitOnCJK = splitOnCJK
    self.suffixIndicator = suffixIndicator
    self.oovToken = oovToken
    self.startToken = startToken
    self.endToken = endToken
    self.padToken = padToken
    self.specialTokens = specialTokens
  }

  /// The pieces of `text`, with those before and after it, cut at `sequenceLength`.
  public func tokens(for text: String) -> [String] { ids(for: text).map { vocabulary[$0] } }

  /// The numbers of the pieces of `text`, with those before and after it, cut at `sequenceLength`.
  public func ids(for text: String) -> [Int] {
    var memory = BasicTokenizer.Memory()
    return ids(for: text, &memory).map(Int.init)
  }

  /// The numbers of the pieces of each text, filled up to one length: `int32[texts, length]`.
  public func callAsFunction(_ texts: [String]) -> Tensor { ids(for: texts, [texts.count]) }

  /// The numbers of the pieces of each text, filled up to one length, `int32[…, length]`, for
  /// strings of any shape.
  ///
  /// - Throws: when `texts` are no strings.
  public func callAsFunction(_ texts: Tensor) throws(GraphError) -> Tensor {
    guard texts.dtype == .string else {
      throw GraphError("WordPieceTokenizer takes strings", operands: [texts.type])
    }
    return ids(for: texts.strings, texts.shape.dims)
  }

  private func ids(for texts: [String], _ shape: [Int]) -> Tensor {
    var memory = BasicTokenizer.Memory()
    let rows = texts.map { ids(for: $0, &memory) }
    let longest = rows.map(\.count).max() ?? 0
    let length = padToSequenceLength ? sequenceLength ?? longest : longest
    var numbers: [Int32] = []
    numbers.reserveCapacity(rows.count * length)
    for row in rows { numbers += row + repeatElement(padding, count: length - row.count) }
    return Tensor(Shape(shape + [length]), numbers)
  }

  private func ids(for text: String, _ memory: inout BasicTokenizer.Memory) -> [Int32] {
    var ids = start, found = TokenList()
    for part in parts(of: text) {
      switch part {
      case .special(let id): ids.append(id)
      case .text(let text):
        found.removeAll()
        words.words(of: text, into: &found, &memory)
        found.forEach { pieces.append($1, to: &ids) }
      }
    }
    if let sequenceLength { ids = Array(ids.prefix(sequenceLength - end.count)) }
    return ids + end
  }

  private enum Part {
    case text(String)
    case special(Int32)
  }

  /// `text` with the special tokens in it; of two that begin at one place it is the longer.
  private func parts(of text: String) -> [Part] {
    guard !special.isEmpty else { return [.text(text)] }
    let bytes = Array(text.utf8)
    var parts: [Part] = [], start = 0, place = 0
    while place < bytes.count {
      guard let (token, id) = special.first(where: { bytes[place...].starts(with: $0.token) })
      else {
        place += 1
        continue
      }
      parts += [.text(String(decoding: bytes[start..<place], as: UTF8.self)), .special(id)]
      place += token.count
      start = place
    }
    return parts + [.text(String(decoding: bytes[start...], as: UTF8.self))]
  }
}
