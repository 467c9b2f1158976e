/// The different strings of a column, numbered as they appear: a hash table over plain bytes.
///
/// A dictionary of `String` would take ten times as long, for each key must be made first.
struct CategoryTable {
  private(set) var names: [String] = []
  /// The bytes of all names, one after the other, and where each ends.
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  /// Numbers of names by hash, at most half of them in use; -1 is none. Columns of numbers need
  /// none.
  private var slots: [Int32] = []

  /// The number of the string `text`; nothing when it would be one more than `limit`.
  mutating func number(of text: UnsafeBufferPointer<UInt8>, limit: Int) -> Int32? {
    if slots.isEmpty { slots = [Int32](repeating: -1, count: 64) }
    var slot = Self.hash(text) & (slots.count - 1)
    while slots[slot] >= 0 {
      if isEqual(Int(slots[slot]), text) { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    guard names.count < limit else { return nil }
    slots[slot] = Int32(names.count)
    names.append(String(decoding: text, as: UTF8.self))
    bytes += text
    ends.append(bytes.count)
    if names.count * 2 > slots.count { grow() }
    return Int32(names.count - 1)
  }

  private func isEqual(_ number: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = number == 0 ? 0 : ends[number - 1]
    guard ends[number] - start == text.count else { return false }
    for index in text.indices where bytes[start + index] != text[index] { return false }
    return true
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    bytes.withUnsafeBufferPointer { bytes in
      for number in names.indices {
        let start = number == 0 ? 0 : ends[number - 1]
        let text = UnsafeBufferPointer(rebasing: bytes[start..<ends[number]])
        var slot = Self.hash(text) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(number)
      }
    }
  }

  // Another seed in every process, so that no file can be made whose strings all collide.
  private static let seed = UInt64.random(in: .min ... .max)

  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    var hash = seed
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: (hash ^ hash >> 32) >> 1)
  }
}
