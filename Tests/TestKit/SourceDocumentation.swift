import Foundation

/// What the comments of Swift files say of types and of their stored properties.
public struct SourceDocumentation: Sendable {
  /// A documented type.
  public struct Declaration: Sendable {
    /// The folder of its file.
    public var folder: String
    /// The lines of its comment, without the slashes.
    public var comment: [String]
    /// The type it is another name for, such as `Conv<2>`.
    public var target: String?
    /// The protocols that it conforms to.
    public var protocols: [String] = []
    /// Its public stored properties, or those a protocol asks for: name, type and comment.
    public var properties: [(name: String, type: String, comment: String)] = []
    /// The parameters of its initializers that have no default.
    public var required: Set<String> = []
  }

  /// The types by name.
  public private(set) var declarations: [String: Declaration] = [:]

  /// Reads all Swift files below `folder`.
  ///
  /// - Throws: when a file cannot be read.
  public init(folder: URL) throws {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      read(
        try String(contentsOf: file, encoding: .utf8),
        folder: file.deletingLastPathComponent().lastPathComponent)
    }
  }

  private mutating func read(_ text: String, folder: String) {
    var comment: [String] = []
    var current: String?
    var parameters: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      if trimmed.hasPrefix("///") {
        comment.append(String(trimmed.dropFirst(3)).replacing(#/^ /#, with: ""))
        continue
      }
      if trimmed.hasPrefix("@") { continue }
      defer { comment = [] }
      // Few lines declare something, and expressions take their time.
      let isDeclaration =
        trimmed.hasPrefix("public ") || line.hasPrefix("  var ")
        || !line.hasPrefix(" ") && !line.isEmpty
      guard isDeclaration || parameters != nil else { continue }
      if let match = line.firstMatch(of: /^public typealias (\w+) = (\w+<.*>)$/) {
        declarations[String(match.1)] = Declaration(
          folder: folder, comment: comment, target: String(match.2))
      } else if let match = line.firstMatch(
        of: /^(?:public )?(?:final )?(?:class|struct|protocol) (\w+)(?:<[^>]*>)?(?:: ([^{]*))?/)
      {
        current = String(match.1)
        var type = Declaration(folder: folder, comment: comment)
        type.protocols = (match.2 ?? "").split(whereSeparator: { ", ".contains($0) }).map(
          String.init)
        declarations[String(match.1)] = type
      } else if let current,
        let match = line.firstMatch(
          of: /^  (?:public )?(?:private\(set\) )?(?:let|var) (\w+): (.+?)(?: \{ get \})?$/),
        !match.2.hasSuffix("}"), !match.2.hasSuffix("{")
      {
        declarations[current]?.properties.append(
          (String(match.1), String(match.2), comment.joined(separator: " ")))
      }
      if line.firstMatch(of: /^  public (convenience )?init\(/) != nil { parameters = "" }
      if let current, parameters != nil {
        parameters? += " " + trimmed
        if trimmed.hasSuffix("{") {
          let required = Self.required(in: parameters ?? "")
          declarations[current]?.required.formUnion(required)
          parameters = nil
        }
      }
    }
  }

  /// The names of the parameters without a default in the head of an initializer.
  private static func required(in head: String) -> [String] {
    var depth = 0
    var parts = [""]
    for character in head {
      if "([<{".contains(character) { depth += 1 }
      if ")]>}".contains(character) { depth -= 1 }
      if character == ",", depth == 1 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts.compactMap { part in
      guard !part.contains(" = "), let match = part.firstMatch(of: /(\w+):/) else { return nil }
      return String(match.1)
    }
  }
}
