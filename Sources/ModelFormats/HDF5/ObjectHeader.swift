import NeuralNetworks

extension HDF5 {
  /// What a group or an array begins with, a list of messages: IV.A.1, "Data Object Headers".
  struct ObjectHeader {
    /// The types of the messages that matter here: IV.A.2.
    enum MessageType: UInt16 {
      case dataspace = 0x01
      case linkInfo = 0x02
      case datatype = 0x03
      case oldFillValue = 0x04
      case fillValue = 0x05
      case link = 0x06
      case externalFiles = 0x07
      case layout = 0x08
      case filterPipeline = 0x0b
      case attribute = 0x0c
      case continuation = 0x10
      case symbolTable = 0x11
      case attributeInfo = 0x15
    }

    /// A message; that it is shared says that its body is only a reference to the real one.
    struct Message {
      let type: MessageType
      let isShared: Bool
      let body: Cursor
    }

    private(set) var messages: [Message] = []

    /// Reads the header at `address` with all its continuations.
    init(at address: Int, _ source: inout Source) throws(FormatError) {
      var start = try source.block(at: address, 4, of: "an object")
      if start.rest.elementsEqual("OHDR".utf8) {
        try readVersion2(at: address + 4, &source)
      } else if try start.byte() == 1 {
        try readVersion1(at: address, &source)
      } else {
        throw HDF5.damaged("no object where one should be")
      }
    }

    /// The bodies of the messages of a type.
    func bodies(_ type: MessageType) -> some Sequence<Cursor> {
      messages.lazy.filter { $0.type == type }.map(\.body)
    }

    /// The message of a type that an object has one of.
    subscript(type: MessageType) -> Message? { messages.first { $0.type == type } }

    /// What the object is; nothing for a type that has a name of its own.
    var kind: HDF5File.Kind? {
      if messages.contains(where: { [.symbolTable, .linkInfo, .link].contains($0.type) }) {
        return .group
      }
      return self[.dataspace] != nil && self[.datatype] != nil ? .dataset : nil
    }

    /// IV.A.1.a, "Version 1 Data Object Header Prefix".
    private mutating func readVersion1(
      at address: Int, _ source: inout Source
    ) throws(FormatError) {
      var prefix = try source.block(at: address, 16, of: "an object")
      try prefix.skip(8)
      var blocks = [(address + 16, try prefix.word())]
      var seen: Set<Int> = []
      while let (address, count) = blocks.popLast() {
        guard seen.insert(address).inserted else { throw HDF5.damaged("an object without an end") }
        var block = try source.block(at: address, count, of: "an object")
        while block.rest.count >= 8 {
          let type = try block.short()
          let size = try block.short()
          let flags = try block.byte()
          try block.skip(3)
          try add(type, flags, Cursor(block.take(size)), &blocks)
        }
      }
    }

    /// IV.A.1.b, "Version 2 Data Object Header Prefix". The checksums are not compared.
    private mutating func readVersion2(
      at address: Int, _ source: inout Source
    ) throws(FormatError) {
      var prefix = try source.block(
        at: address, min(32, source.bytes.count - address), of: "an object")
      let prefixSize = prefix.rest.count
      guard try prefix.byte() == 2 else { throw HDF5.damaged("an object of an unknown version") }
      let flags = try prefix.byte()
      if flags & 0x20 != 0 { try prefix.skip(16) }  // times
      if flags & 0x10 != 0 { try prefix.skip(4) }  // when attributes are stored elsewhere
      let count = try prefix.length(ofSize: 1 << (flags & 3))
      var blocks = [(address + prefixSize - prefix.rest.count, count)]
      var seen: Set<Int> = []
      while let (address, count) = blocks.popLast() {
        guard seen.insert(address).inserted else { throw HDF5.damaged("an object without an end") }
        var block = try source.block(at: address, count, of: "an object")
        if seen.count > 1 {
          try block.expect("OCHK")
          block = Cursor(try block.take(max(block.rest.count - 4, 0)))
        }
        let headerSize = flags & 4 == 0 ? 4 : 6
        while block.rest.count >= headerSize {
          let type = try block.byte()
          let size = try block.short()
          let messageFlags = try block.byte()
          try block.skip(headerSize - 4)  // the order of creation
          try add(type, messageFlags, Cursor(block.take(size)), &blocks)
        }
      }
    }

    /// Keeps a message, or the place where more of them are: IV.A.2.q.
    private mutating func add(
      _ type: Int, _ flags: Int, _ body: Cursor, _ blocks: inout [(Int, Int)]
    ) throws(FormatError) {
      guard let type = UInt16(exactly: type).flatMap(MessageType.init) else {
        guard flags & 0x80 == 0 else { throw HDF5.unsupported("a message of type \(type)") }
        return
      }
      guard type != .continuation else {
        var body = body
        let address = try body.definedAddress(of: "a part of an object")
        return blocks.append((address, try body.length()))
      }
      // Every path leads through the headers of its groups again.
      guard messages.count < 1 << 14 else { throw HDF5.damaged("an object of too many parts") }
      messages.append(Message(type: type, isShared: flags & 2 != 0, body: body))
    }
  }
}
