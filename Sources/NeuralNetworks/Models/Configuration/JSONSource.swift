import Foundation

/// What a decoder reads, by the path to each of its parts.
struct JSONSource {
  let root: JSONValue

  private static let key = CodingUserInfoKey(rawValue: "JSONSource")

  /// That of `decoder`, if it was given one.
  static func of(_ decoder: any Decoder) -> JSONSource? {
    key.flatMap { decoder.userInfo[$0] as? JSONSource }
  }

  /// Tells `decoder`, which reads `root`, what it reads.
  func use(in decoder: JSONDecoder) {
    if let key = Self.key { decoder.userInfo[key] = self }
  }

  /// The part at `path`.
  func value(at path: [any CodingKey]) -> JSONValue? {
    var value: JSONValue? = root
    for key in path {
      if let elements = value?.array {
        value = key.intValue.flatMap { elements.indices.contains($0) ? elements[$0] : nil }
      } else {
        value = value?[key.stringValue]
      }
    }
    return value
  }
}
