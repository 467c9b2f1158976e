import TensorGraph

/// The prepared graphs that were used last, by purpose and by the types they are for.
package final class ExecutableCache {
  /// What a graph is for.
  package struct Key: Hashable, Sendable {
    /// Whether it predicts, evaluates or trains.
    package let mode: GraphMode
    /// The types of everything that is fed.
    package let types: [TensorType]

    /// Creates the key of a graph.
    package init(_ mode: GraphMode, _ types: [TensorType]) {
      self.mode = mode
      self.types = types
    }
  }

  private let limit: Int
  private var entries: [(key: Key, executable: any Executable)] = []  // the last used at the end

  /// Creates a cache of at most `limit` graphs.
  package init(limit: Int = 16) { self.limit = limit }

  /// The executable for `key`, made by `make` when there is none.
  package func executable(
    for key: Key, _ make: () throws -> any Executable
  ) rethrows -> any Executable {
    if let found = entries.lastIndex(where: { $0.key == key }) {
      let entry = entries.remove(at: found)
      entries.append(entry)
      return entry.executable
    }
    let executable = try make()
    if entries.count >= limit { entries.removeFirst() }
    entries.append((key, executable))
    return executable
  }

  /// Forgets all graphs, when what they compute has changed.
  package func removeAll() { entries = [] }
  /// The number of graphs kept.
  package var count: Int { entries.count }
}
