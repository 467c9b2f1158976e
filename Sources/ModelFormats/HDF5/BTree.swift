import NeuralNetworks

extension HDF5 {
  /// A tree of the links of a group or the chunks of an array: III.A.1, "Version 1 B-trees".
  struct BTree {
    /// What a tree is of, by its number in the file.
    enum Kind: Int {
      case group = 0
      case chunks = 1

      /// The most children of a node. Every path leads through those of its groups again.
      var nodeLimit: Int { self == .group ? 1 << 12 : 1 << 16 }
    }

    /// A child, and the key before it.
    struct Entry {
      let key: Cursor
      let child: Int
    }

    /// A node: a list of children, each between two keys.
    struct Node {
      let level: Int
      let entries: [Entry]
      let lastKey: Cursor

      /// The key after the child at `index`.
      func keyAfter(_ index: Int) -> Cursor {
        index + 1 < entries.count ? entries[index + 1].key : lastKey
      }
    }

    let root: Int
    let kind: Kind
    let keySize: Int

    /// Reads a node, which must be of `level` unless it is the root.
    func node(
      at address: Int, level expected: Int? = nil, _ source: inout Source
    ) throws(FormatError) -> Node {
      var header = try source.block(at: address, 24, of: "a tree")
      try header.expect("TREE")
      guard try header.byte() == kind.rawValue else {
        throw HDF5.damaged("a tree of something else")
      }
      // That levels go down is also why a walk down a tree ends.
      let level = try header.byte()
      guard expected == nil || level == expected else {
        throw HDF5.damaged("a tree of uneven height")
      }
      let count = try header.short()
      guard count <= kind.nodeLimit else { throw HDF5.damaged("a tree of too many branches") }
      var fields = try source.block(
        at: address + 24, count * (keySize + 8) + keySize, of: "a tree")
      var entries: [Entry] = []
      for _ in 0..<count {
        let key = Cursor(try fields.take(keySize))
        entries.append(Entry(key: key, child: try fields.definedAddress(of: "a part of a tree")))
      }
      return Node(level: level, entries: entries, lastKey: Cursor(try fields.take(keySize)))
    }

    /// The entries of the nodes of level 0, in order.
    func leaves(_ source: inout Source) throws(FormatError) -> [Entry] {
      var leaves: [Entry] = []
      var waiting: [(address: Int, level: Int?)] = [(root, nil)]
      while let next = waiting.popLast() {
        let node = try node(at: next.address, level: next.level, &source)
        if node.level == 0 {
          leaves += node.entries
        } else {
          waiting += node.entries.reversed().map { ($0.child, node.level - 1) }
        }
      }
      return leaves
    }
  }
}
