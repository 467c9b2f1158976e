/// A mistake in data or in a file: what, got, where and help.
public struct FormatError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A place inside a file.
  public enum Position: Sendable, Hashable, CustomStringConvertible {
    /// The byte at this offset, from 0.
    case byte(Int)
    /// A line, from 1, and a column of the table, from 1.
    case line(Int, column: Int? = nil)
    /// A named part, such as an entry of an archive.
    case part(String)

    public var description: String {
      switch self {
      case .byte(let offset): "byte \(offset)"
      case .line(let line, column: nil): "line \(line)"
      case .line(let line, column: let column?): "line \(line) column \(column)"
      case .part(let name): name
      }
    }
  }

  /// What is wrong.
  public var message: String
  /// What was found instead of what was expected.
  public var got: String?
  /// The file it is wrong in.
  public var file: String?
  /// The place in the file.
  public var position: Position?
  /// What to do about it.
  public var hint: String?

  /// Creates the report of a mistake.
  public init(
    _ message: String, got: String? = nil, file: String? = nil, at position: Position? = nil,
    hint: String? = nil
  ) {
    self.message = message
    self.got = got
    self.file = file
    self.position = position
    self.hint = hint
  }

  /// The same report, naming `file` unless it names one.
  public func naming(_ file: String?) -> FormatError {
    var error = self
    if error.file == nil { error.file = file }
    return error
  }

  public var description: String {
    var lines = ["error: \(message)"]
    if let got { lines.append("  got   \(got)") }
    let place = [file, position?.description].compactMap { $0 }.joined(separator: " ")
    if !place.isEmpty { lines.append("  in    \(place)") }
    if let hint { lines.append("  help  \(hint)") }
    return lines.joined(separator: "\n")
  }
}
