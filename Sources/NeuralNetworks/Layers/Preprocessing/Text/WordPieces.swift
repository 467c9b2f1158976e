import TensorGraph

/// The pieces of a word: again and again the longest that a vocabulary has.
struct WordPieces: Sendable {
  let vocabulary: Vocabulary<String>
  /// What stands before a piece that does not begin a word.
  let suffixIndicator: [UInt8]
  /// The index of a word that has no pieces.
  let unknown: Int32
  /// The length of the longest piece in bytes.
  private let longest: Int
  /// A longer word has no pieces, so that the time for a text grows with its length alone.
  private static let characterLimit = 100

  init(_ vocabulary: Vocabulary<String>, suffixIndicator: String, unknown: Int32) {
    self.vocabulary = vocabulary
    self.suffixIndicator = Array(suffixIndicator.utf8)
    self.unknown = unknown
    longest = vocabulary.tokens.map(\.utf8.count).max() ?? 0
  }

  /// Appends the indices of the pieces of `word`, which is UTF-8.
  func append(_ word: UnsafeRawBufferPointer, to ids: inout [Int32]) {
    guard word.count(where: Self.beginsCharacter) <= Self.characterLimit else {
      return ids.append(unknown)
    }
    let count = ids.count
    // What has been read makes room for the indicator before the next piece.
    var bytes = suffixIndicator + word
    var start = suffixIndicator.count
    while start < bytes.count {
      var from = start
      if start > suffixIndicator.count {
        from -= suffixIndicator.count
        bytes.replaceSubrange(from..<start, with: suffixIndicator)
      }
      guard let piece = longestPiece(bytes, from, after: start) else {
        ids.replaceSubrange(count..., with: CollectionOfOne(unknown))
        return
      }
      ids.append(piece.id)
      start = piece.end
    }
  }

  /// The longest piece in `bytes` that begins at `from` and ends after `start`.
  private func longestPiece(
    _ bytes: [UInt8], _ from: Int, after start: Int
  ) -> (id: Int32, end: Int)? {
    bytes.withUnsafeBytes { bytes in
      var end = min(bytes.count, from + longest)
      while end > start {
        if end == bytes.count || Self.beginsCharacter(bytes[end]),
          let id = vocabulary.index(UnsafeRawBufferPointer(rebasing: bytes[from..<end]))
        {
          return (Int32(id), end)
        }
        end -= 1
      }
      return nil
    }
  }

  private static func beginsCharacter(_ byte: UInt8) -> Bool { byte & 0xc0 != 0x80 }
}
