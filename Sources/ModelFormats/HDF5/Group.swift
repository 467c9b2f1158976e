import Glibc
import NeuralNetworks

extension HDF5 {
  /// What a name in a group leads to.
  enum Link {
    /// The object whose header is at this address.
    case object(Int)
    /// Another path, here or in another file.
    case elsewhere
  }

  /// A group: names of objects, either in a tree, as h5py writes them by default, or in messages.
  enum Group {
    case table(SymbolTable)
    case messages([(name: String, link: Link)])

    /// The group that `header` belongs to; nothing when it is none.
    init?(_ header: ObjectHeader, _ source: inout Source) throws(FormatError) {
      guard header.kind == .group else { return nil }
      if let message = header[.symbolTable] {
        self = .table(try SymbolTable(message.body, &source))
        return
      }
      if var info = header[.linkInfo]?.body {
        try Self.checkCompact(&info)
      }
      var links: [(name: String, link: Link)] = []
      for body in header.bodies(.link) { links.append(try Self.link(body)) }
      // In the order of their bytes, as in a tree.
      self = .messages(links.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    }

    /// The names in the group, in the order of their bytes, with what they lead to.
    func links(_ source: inout Source) throws(FormatError) -> [(name: String, link: Link)] {
      switch self {
      case .table(let table): try table.links(&source)
      case .messages(let links): links
      }
    }

    /// What `name` leads to; nothing when the group has no such name.
    func link(_ name: String, _ source: inout Source) throws(FormatError) -> Link? {
      switch self {
      case .table(let table): try table.link(name, &source)
      case .messages(let links): links.first { $0.name == name }?.link
      }
    }

    /// IV.A.2.c, "The Link Info Message".
    private static func checkCompact(_ info: inout Cursor) throws(FormatError) {
      guard try info.byte() == 0 else { throw HDF5.unsupported("a group of an unknown version") }
      if try info.byte() & 1 != 0 { try info.skip(8) }
      guard try info.address() == nil else {
        throw HDF5.unsupported("a group with its links in a fractal heap")
      }
    }

    /// IV.A.2.g, "The Link Message".
    private static func link(_ body: Cursor) throws(FormatError) -> (name: String, link: Link) {
      var body = body
      guard try body.byte() == 1 else { throw HDF5.unsupported("a link of an unknown version") }
      let flags = try body.byte()
      let type = flags & 8 == 0 ? 0 : try body.byte()
      if flags & 4 != 0 { try body.skip(8) }
      if flags & 16 != 0 { try body.skip(1) }
      let length = try body.length(ofSize: 1 << (flags & 3))
      let name = String(decoding: try body.take(length), as: UTF8.self)
      return (
        name, type == 0 ? .object(try body.definedAddress(of: "the object \(name)")) : .elsewhere
      )
    }
  }

  /// The names of a group in a tree: IV.A.2.r, "The Symbol Table Message".
  struct SymbolTable {
    private let tree: BTree
    private let heap: LocalHeap

    init(_ message: Cursor, _ source: inout Source) throws(FormatError) {
      var message = message
      let root = try message.definedAddress(of: "a group")
      tree = BTree(root: root, kind: .group, keySize: 8)
      heap = try LocalHeap(at: message.definedAddress(of: "a group"), &source)
    }

    func links(_ source: inout Source) throws(FormatError) -> [(name: String, link: Link)] {
      var links: [(name: String, link: Link)] = []
      for leaf in try tree.leaves(&source) {
        try entries(at: leaf.child, &source) { name, link in
          links.append((String(decoding: name, as: UTF8.self), link))
        }
      }
      return links
    }

    func link(_ name: String, _ source: inout Source) throws(FormatError) -> Link? {
      let name = Array(name.utf8)
      var (address, level): (Int, Int?) = (tree.root, nil)
      repeat {
        let node = try tree.node(at: address, level: level, &source)
        // The names under a child come after the key before it, and not after the next one.
        var child: Int?
        for (index, entry) in node.entries.enumerated() where child == nil {
          var key = node.keyAfter(index)
          let last = try heap.text(at: key.length(), &source)
          if !last.lexicographicallyPrecedes(name) { child = entry.child }
        }
        guard let child else { return nil }
        (address, level) = (child, node.level - 1)
      } while level != -1
      var found: Link?
      try entries(at: address, &source) { text, link in
        if text.elementsEqual(name) { found = link }
      }
      return found
    }

    /// III.B, "Group Symbol Table Nodes", and III.C, "Symbol Table Entry".
    private func entries(
      at address: Int, _ source: inout Source, _ body: (UnsafeRawBufferPointer, Link) -> Void
    ) throws(FormatError) {
      var node = try source.block(at: address, 8, of: "a group")
      try node.expect("SNOD")
      try node.skip(2)
      let count = try node.short()
      guard count <= BTree.Kind.group.nodeLimit else {
        throw HDF5.damaged("a group of too many parts")
      }
      var entries = try source.block(at: address + 8, count * 40, of: "a group")
      for _ in 0..<count {
        let name = try heap.text(at: entries.length(), &source)
        guard !name.isEmpty else { throw HDF5.damaged("an object without a name") }
        let object = try entries.address()
        let isSoft = try entries.word() == 2
        try entries.skip(20)
        if isSoft {
          body(name, .elsewhere)
        } else if let object {
          body(name, .object(object))
        } else {
          throw HDF5.damaged("a name without an object")
        }
      }
    }
  }

  /// The names of a group: III.D, "Local Heaps".
  struct LocalHeap {
    private let segment: UnsafeRawBufferPointer

    init(at address: Int, _ source: inout Source) throws(FormatError) {
      var header = try source.block(at: address, 32, of: "the names of a group")
      try header.expect("HEAP")
      try header.skip(4)
      let size = try header.length()
      _ = try header.integer(UInt64.self)  // free space
      segment = try source.data(
        at: header.definedAddress(of: "the names of a group"), size, of: "the names of a group")
    }

    /// The text from `offset` to the next zero.
    func text(
      at offset: Int, _ source: inout Source
    ) throws(FormatError) -> UnsafeRawBufferPointer {
      guard segment.indices ~= offset, let base = segment.baseAddress,
        let end = memchr(base + offset, 0, segment.count - offset)
      else { throw HDF5.damaged("a name without an end") }
      let start = base + offset
      let text = UnsafeRawBufferPointer(start: start, count: UnsafeRawPointer(end) - start)
      try source.spend(text.count)
      return text
    }
  }
}
