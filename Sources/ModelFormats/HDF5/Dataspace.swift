import NeuralNetworks

extension HDF5 {
  /// The sizes of the axes of an array: IV.A.2.b, "The Dataspace Message".
  struct Dataspace {
    /// None for a single number; nothing when there is not even one.
    let dims: [Int]?

    init(_ message: Cursor) throws(FormatError) {
      var message = message
      let version = try message.byte()
      let rank = try message.byte()
      guard 1...2 ~= version, rank <= 32 else {
        throw FormatError("the shape of the array cannot be read")
      }
      try message.skip(1)
      let kind = try message.byte()
      if version == 1 { try message.skip(4) }
      if version == 2, kind == 2 {
        dims = nil
        return
      }
      var dims: [Int] = []
      for _ in 0..<rank {
        let size = try message.integer(UInt64.self)
        guard let dim = Int(exactly: size) else {
          throw FormatError("the array is too large", got: "an axis of \(size)")
        }
        dims.append(dim)
      }
      self.dims = dims
    }
  }
}
