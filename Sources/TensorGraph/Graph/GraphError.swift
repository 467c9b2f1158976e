/// A place in the user's source, as `#fileID` and `#line` give it.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  /// The file, as module and name.
  public var file: String
  /// The line, from 1.
  public var line: Int

  /// Creates the place `line` of `file`.
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }
  public var description: String { "\(file):\(line)" }
}

/// A mistake in a model, found while it was traced: what, got, where and help.
public struct GraphError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong.
  public var message: String
  /// The operands it is wrong with.
  public var operands: [TensorType]
  /// The enclosing layers, outermost first.
  public var path: [String]
  /// The innermost layer as code, such as `Dense(10)`.
  public var layer: String?
  /// Where the innermost layer was written.
  public var location: SourceLocation?
  /// What to do about it.
  public var hint: String?

  /// Creates the report of a mistake.
  public init(
    _ message: String, operands: [TensorType] = [], path: [String] = [], layer: String? = nil,
    location: SourceLocation? = nil, hint: String? = nil
  ) {
    self.message = message
    self.operands = operands
    self.path = path
    self.layer = layer
    self.location = location
    self.hint = hint
  }

  public var description: String {
    var lines = ["error: \(message)"]
    if !operands.isEmpty {
      lines.append("  got   " + operands.map(\.description).joined(separator: ", "))
    }
    if !path.isEmpty {
      let place = path.joined(separator: " › ") + (layer.map { " = \($0)" } ?? "")
      lines.append("  in    " + place + (location.map { "   \($0)" } ?? ""))
    }
    if let hint { lines.append("  help  \(hint)") }
    return lines.joined(separator: "\n")
  }
}

/// Why operands do not fit an operation. The trace adds where, and makes a `GraphError` of it.
public struct ShapeError: Error, Hashable {
  /// What is wrong.
  public var message: String
  /// What to do about it.
  public var hint: String?

  /// Creates the reason `message`.
  public init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }
}
