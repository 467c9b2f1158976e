/// Patterns of paths whose weights training leaves alone: `*` stands for any letters of one name,
/// `**` for any names.
struct FrozenPatterns: Sendable, Hashable {
  var patterns: [String] = []

  /// Whether a pattern names the weight at `path`, or a layer it is in.
  func covers(_ path: String) -> Bool {
    patterns.contains { FrozenPatterns.matches(path, $0) }
  }

  /// Whether a pattern names the layer at `path` with all its weights.
  ///
  /// The path of the model itself is empty.
  func covers(layer path: String) -> Bool {
    patterns.contains {
      $0 == "**"
        || !path.isEmpty
          && (FrozenPatterns.matches(path, $0)
            || ($0.hasSuffix("/**") && FrozenPatterns.matches(path, String($0.dropLast(3)))))
    }
  }

  /// Whether `pattern` matches `path`, or the first names of it.
  static func matches(_ path: String, _ pattern: String) -> Bool {
    matches(
      path.split(separator: "/", omittingEmptySubsequences: false)[...],
      pattern.split(separator: "/", omittingEmptySubsequences: false)[...])
  }

  private static func matches(
    _ names: ArraySlice<Substring>, _ pattern: ArraySlice<Substring>
  ) -> Bool {
    guard let first = pattern.first else { return true }
    if first == "**" {
      return pattern.count == 1
        || names.indices.contains { matches(names[$0...], pattern.dropFirst()) }
    }
    guard let name = names.first, matches(name[...], first[...]) else { return false }
    return matches(names.dropFirst(), pattern.dropFirst())
  }

  /// Whether `name` fits `pattern`, with `*` for any letters.
  private static func matches(_ name: Substring, _ pattern: Substring) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return name == pattern }
    guard name.hasPrefix(parts[0]) else { return false }
    var rest = name.dropFirst(parts[0].count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return parts[parts.count - 1].isEmpty || rest.hasSuffix(parts[parts.count - 1])
  }
}
