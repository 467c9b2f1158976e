/// Why a check failed.
public struct Mismatch: Error, CustomStringConvertible {
  /// What was found, and what was expected.
  public var description: String

  /// Creates the reason `description`.
  public init(_ description: String) { self.description = description }
}
