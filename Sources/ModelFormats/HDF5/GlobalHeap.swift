import NeuralNetworks

extension HDF5 {
  /// Strings of variable length: III.E, "Global Heap".
  struct GlobalHeap {
    private var collections: [Int: [Int: UnsafeRawBufferPointer]] = [:]

    /// The string that a reference leads to: its length, a collection, and an index in it.
    mutating func string(
      _ reference: inout Cursor, _ source: inout Source
    ) throws(FormatError) -> String {
      let length = try reference.word()
      let address = try reference.address()
      let index = try reference.word()
      guard let address, address > 0, length > 0 else { return "" }
      if collections[address] == nil {
        collections[address] = try Self.objects(at: address, &source)
      }
      guard let bytes = collections[address]?[index], length <= bytes.count else {
        throw Self.damage
      }
      try source.spend(length)
      return String(decoding: bytes.prefix(length).prefix { $0 != 0 }, as: UTF8.self)
    }

    private static let damage = FormatError("the strings of the HDF5 file are damaged")

    /// The objects of the collection at `address` by their index.
    private static func objects(
      at address: Int, _ source: inout Source
    ) throws(FormatError) -> [Int: UnsafeRawBufferPointer] {
      var header = try source.block(at: address, 16, of: "a heap of strings")
      try header.expect("GCOL")
      try header.skip(4)
      let size = try header.length()
      guard size >= 16, size <= source.bytes.count else { throw damage }
      var heap = try source.block(at: address + 16, size - 16, of: "a heap of strings")
      var objects: [Int: UnsafeRawBufferPointer] = [:]
      // What is left at the end may be too short for an object; index 0 is free space, the last.
      while heap.rest.count >= 16 {
        let index = try heap.short()
        try heap.skip(6)
        let size = try heap.length()
        guard index > 0 else {
          guard 16...heap.rest.count + 16 ~= size else { throw damage }
          try heap.skip(size - 16)
          continue
        }
        guard size <= heap.rest.count else { throw damage }
        objects[index] = try heap.takePadded(size)
      }
      return objects
    }
  }
}
