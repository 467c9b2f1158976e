import NeuralNetworks

extension HDF5 {
  /// The beginning of a file: II.A, "Format Signature and Superblock".
  struct Superblock {
    /// The first bytes of every file.
    static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

    /// Where the header of the group that holds all others is.
    let root: Int

    /// Reads versions 0 to 3.
    ///
    /// Throws when the file is shorter than it says, or its addresses are not of 8 bytes.
    init(_ source: inout Source) throws(FormatError) {
      let fileSize = source.bytes.count
      var fields = try source.block(at: 8, min(100, fileSize - 8), of: "the superblock")
      let version = try fields.byte()
      guard 0...3 ~= version else { throw HDF5.unsupported("a superblock of version \(version)") }
      let isOld = version < 2
      if isOld { try fields.skip(4) }
      guard try fields.byte() == 8, try fields.byte() == 8 else {
        throw FormatError("the HDF5 file has addresses of an unusual size")
      }
      // Flags, and the number of entries of the nodes of trees, which the nodes tell themselves.
      try fields.skip([9, 13, 1, 1][version])
      guard try fields.address() == 0 else {
        throw HDF5.unsupported("an HDF5 file inside another file")
      }
      _ = try fields.address()  // free space, or an extension of the superblock
      let end = try fields.length()
      guard end <= fileSize else {
        throw FormatError(
          "the HDF5 file is not complete", got: "\(fileSize) of \(end) bytes",
          hint: "copy or save it again")
      }
      if isOld { try fields.skip(16) }  // a driver, and the name of the root, which has none
      root = try fields.definedAddress(of: "the root group")
    }
  }
}
