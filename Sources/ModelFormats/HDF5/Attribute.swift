import NeuralNetworks
import TensorGraph

extension HDF5 {
  /// A value that an object has beside its content: IV.A.2.m, "The Attribute Message".
  struct Attribute {
    let name: String
    private let type: Datatype
    private let space: Dataspace
    private let data: Cursor

    /// The attributes of the object with `header`, in the order of their names' bytes.
    static func all(of header: ObjectHeader) throws(FormatError) -> [Attribute] {
      if var info = header[.attributeInfo]?.body {
        try checkCompact(&info)
      }
      var attributes: [Attribute] = []
      for message in header.messages where message.type == .attribute {
        guard !message.isShared else { throw HDF5.unsupported("attributes shared by objects") }
        attributes.append(try Attribute(message.body))
      }
      return attributes.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// IV.A.2.v, "The Attribute Info Message".
    private static func checkCompact(_ info: inout Cursor) throws(FormatError) {
      guard try info.byte() == 0 else {
        throw HDF5.unsupported("attributes of an unknown version")
      }
      if try info.byte() & 1 != 0 { try info.skip(2) }
      guard try info.address() == nil else {
        throw HDF5.unsupported("attributes in a fractal heap")
      }
    }

    /// Reads versions 1 to 3.
    private init(_ message: Cursor) throws(FormatError) {
      var message = message
      let version = try message.byte()
      guard 1...3 ~= version else {
        throw HDF5.unsupported("an attribute of version \(version)")
      }
      let flags = version == 1 ? 0 : try message.byte()
      if version == 1 { try message.skip(1) }
      let sizes = try [message.short(), message.short(), message.short()]
      if version == 3 { try message.skip(1) }  // the character set
      var parts: [UnsafeRawBufferPointer] = []
      for size in sizes {
        parts.append(version == 1 ? try message.takePadded(size) : try message.take(size))
      }
      name = String(decoding: parts[0].prefix { $0 != 0 }, as: UTF8.self)
      guard flags & 2 == 0 else { throw HDF5.unsupported("an attribute with a shared shape") }
      // A type with a name of its own is none of Keras's.
      type = flags & 1 != 0 ? .other : try Datatype(Cursor(parts[1]))
      space = try Dataspace(Cursor(parts[2]))
      data = message
    }

    /// The strings of the attribute.
    func strings(
      _ heap: inout GlobalHeap, _ source: inout Source
    ) throws(FormatError) -> [String] {
      // An empty list has numbers for its type.
      guard let dims = space.dims, !dims.contains(0) else { return [] }
      let size: Int
      switch type {
      case .string(let length, _): size = length
      case .variableString: size = 16
      default: throw FormatError("the attribute \(name) is not a string")
      }
      guard size > 0, let count = elementCount(dims, itemSize: size),
        count <= data.rest.count / size
      else { throw FormatError("the attribute \(name) is larger than the file") }
      var (data, strings) = (data, [String]())
      for _ in 0..<count {
        if case .string(_, let isPaddedByBlanks) = type {
          var text = try data.take(size).prefix { $0 != 0 }
          while isPaddedByBlanks, text.last == UInt8(ascii: " ") { text.removeLast() }
          strings.append(String(decoding: text, as: UTF8.self))
        } else {
          strings.append(try heap.string(&data, &source))
        }
      }
      return strings
    }

    /// The numbers of the attribute.
    func numbers() throws(FormatError) -> Tensor {
      let dims = space.dims ?? [0]
      guard case .number(let type, let isBigEndian) = type,
        let count = elementCount(dims, itemSize: type.byteCount),
        count <= data.rest.count / type.byteCount
      else { throw FormatError("the attribute \(name) holds no numbers") }
      return try type.tensor(Shape(dims)) { out throws(FormatError) in
        var data = data
        out.copyMemory(from: try data.take(out.count))
        if isBigEndian { swapByteOrder(out, itemSize: type.byteCount) }
      }
    }
  }
}
