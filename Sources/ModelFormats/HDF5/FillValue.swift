import NeuralNetworks

extension HDF5 {
  /// The bytes of an element that was never written; none for zeros.
  struct FillValue {
    let bytes: UnsafeRawBufferPointer

    /// The fill value of the object with `header`.
    init(_ header: ObjectHeader) throws(FormatError) {
      if let message = header[.fillValue] {
        bytes = try Self.bytes(message.body)
      } else if var message = header[.oldFillValue]?.body {
        bytes = try message.take(message.word())
      } else {
        bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      }
    }

    /// IV.A.2.f, "The Data Storage - Fill Value Message".
    private static func bytes(_ message: Cursor) throws(FormatError) -> UnsafeRawBufferPointer {
      var message = message
      let none = UnsafeRawBufferPointer(start: nil, count: 0)
      switch try message.byte() {
      case 1, 2:
        try message.skip(2)
        guard try message.byte() == 1 else { return none }
      case 3: guard try message.byte() & 0x20 != 0 else { return none }
      default: throw HDF5.unsupported("a fill value of an unknown version")
      }
      return try message.take(message.word())
    }

    /// Writes the value to all of `out`, which holds elements of `itemSize` bytes.
    func fill(_ out: UnsafeMutableRawBufferPointer, itemSize: Int) throws(FormatError) {
      guard !bytes.isEmpty, bytes.contains(where: { $0 != 0 }) else {
        out.initializeMemory(as: UInt8.self, repeating: 0)
        return
      }
      guard bytes.count == itemSize else { throw HDF5.damaged("a fill value of another size") }
      guard out.count >= itemSize else { return }
      out.copyMemory(from: bytes)
      var filled = itemSize
      while filled < out.count {
        let count = min(filled, out.count - filled)
        UnsafeMutableRawBufferPointer(rebasing: out[filled...])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: out[..<count]))
        filled += count
      }
    }
  }
}
