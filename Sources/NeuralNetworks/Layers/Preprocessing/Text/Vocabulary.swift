import TensorGraph

/// Words or numbers in order, each once, and the place of each.
///
/// A reference type, so that layers and graphs share one table.
final class Vocabulary<Token: VocabularyToken>: Sendable {
  /// The tokens in order.
  let tokens: [Token]
  private let table: Token.Table

  /// Creates the vocabulary of `tokens`; of equal ones the first counts.
  init(_ tokens: [Token]) {
    self.tokens = tokens
    table = Token.Table(tokens)
  }

  /// The place of `token`, or nothing.
  func index(_ key: Token.Key) -> Int? { table.index(key) }

  /// The first token after `start` that was there before.
  func repeated(after start: Int) -> Token? {
    var seen: Set<Token.Identity> = []
    return tokens.dropFirst(start).first { !seen.insert($0.identity).inserted }
  }
}

/// In files a list; two vocabularies are equal when they are one.
extension Vocabulary: Codable, Hashable {
  convenience init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([Token].self))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(tokens)
  }

  static func == (a: Vocabulary, b: Vocabulary) -> Bool { a === b }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// What a vocabulary is of: strings or integers.
protocol VocabularyToken: Sendable, Codable, CustomStringConvertible {
  /// What a table is asked with.
  associatedtype Key
  /// What makes two tokens the same.
  associatedtype Identity: Hashable & Sendable
  associatedtype Table: VocabularyTable where Table.Token == Self

  var identity: Identity { get }
  /// Whether `a` stands before `b` in the order that breaks ties.
  static func isLess(_ a: Self, _ b: Self) -> Bool
}

/// Finds the places of tokens.
protocol VocabularyTable: Sendable {
  associatedtype Token: VocabularyToken
  init(_ tokens: [Token])
  func index(_ key: Token.Key) -> Int?
}

/// Strings are told apart by their bytes: Swift's equality would take different spellings of an
/// accent for the same.
extension String: VocabularyToken {
  typealias Key = UnsafeRawBufferPointer
  typealias Identity = [UInt8]
  typealias Table = StringTable
  var identity: [UInt8] { Array(utf8) }
  static func isLess(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
  }
}

extension Int64: VocabularyToken {
  typealias Key = Int64
  typealias Identity = Int64
  typealias Table = IntegerTable
  var identity: Int64 { self }
  static func isLess(_ a: Int64, _ b: Int64) -> Bool { a < b }
}

/// Places of integers.
struct IntegerTable: VocabularyTable {
  private let places: [Int64: Int]

  init(_ tokens: [Int64]) {
    places = Dictionary(
      tokens.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func index(_ key: Int64) -> Int? { places[key] }
}

/// Places of strings by their bytes, so that no string is made of what is looked up.
///
/// Open addressing: a string stands in the first free slot after the one its hash names.
struct StringTable: VocabularyTable {
  private let strings: Tensor
  /// The place in each slot; −1 for none.
  private let slots: [Int32]

  init(_ tokens: [String]) {
    strings = Tensor(tokens)
    var size = 16
    while size < tokens.count * 2 { size *= 2 }
    var slots = [Int32](repeating: -1, count: size)
    strings.withStrings { strings in
      for index in 0..<strings.count {
        let slot = Self.slot(of: strings[index], strings, slots)
        if slots[slot] < 0 { slots[slot] = Int32(truncatingIfNeeded: index) }
      }
    }
    self.slots = slots
  }

  func index(_ key: UnsafeRawBufferPointer) -> Int? {
    let place = strings.withStrings { slots[Self.slot(of: key, $0, slots)] }
    return place < 0 ? nil : Int(place)
  }

  /// The slot of `key`: the one it stands in, or a free one.
  private static func slot(
    of key: UnsafeRawBufferPointer, _ strings: StringElements, _ slots: [Int32]
  ) -> Int {
    var slot = Int(truncatingIfNeeded: FarmHash64.fingerprint(key)) & (slots.count - 1)
    while slots[slot] >= 0, !strings[Int(slots[slot])].elementsEqual(key) {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}
