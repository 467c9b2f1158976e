import NeuralNetworks

extension HDF5 {
  /// How the elements of an array are kept: IV.A.2.i, "The Data Layout Message".
  enum Layout {
    /// In the message itself.
    case compact(UnsafeRawBufferPointer)
    /// In one piece; without an address, nothing has been written yet.
    case contiguous(address: Int?, byteCount: Int)
    /// In pieces of equal shape, which a tree leads to.
    case chunked(tree: Int?, chunk: [Int])

    /// Reads versions 3 and 4, the latter without its own indexes of chunks.
    init(_ message: Cursor) throws(FormatError) {
      var message = message
      let version = try message.byte()
      guard 3...4 ~= version else {
        throw HDF5.unsupported("a layout of version \(version)")
      }
      switch try message.byte() {
      case 0:
        let size = try message.short()
        self = .compact(try message.take(size))
      case 1:
        let address = try message.address()
        self = .contiguous(address: address, byteCount: try message.length())
      case 2 where version == 3:
        let rank = try message.byte()
        let tree = try message.address()
        var sizes: [Int] = []
        for _ in 0..<rank { sizes.append(try message.word()) }
        // The last size is that of an element.
        self = .chunked(tree: tree, chunk: sizes.dropLast())
      case 2: throw HDF5.unsupported("chunks with an index of the latest version")
      case 3: throw FormatError("the array is put together from others")
      default: throw HDF5.damaged("a layout of an unknown class")
      }
    }
  }
}
