/// Something about a training that is allowed, and is probably not meant.
public struct Doubt: Sendable, Hashable, Codable, CustomStringConvertible {
  /// What is odd.
  public var message: String
  /// What to do about it.
  public var hint: String

  package init(_ message: String, hint: String) {
    self.message = message
    self.hint = hint
  }

  public var description: String { "warning: \(message)\n  help  \(hint)" }
}
