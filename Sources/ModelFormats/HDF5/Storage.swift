import NeuralNetworks

extension HDF5 {
  /// Where the elements of an array come from, checked before anything is allocated for them.
  struct Storage {
    private enum Content {
      case bytes(UnsafeRawBufferPointer)
      case chunks(Chunks)
      case nothing
    }

    private let content: Content
    private let fill: FillValue
    private let itemSize: Int

    /// For an array of `dims`, all in all `byteCount` bytes, that `header` describes.
    init(
      _ header: ObjectHeader, _ dims: [Int], itemSize: Int, byteCount: Int,
      _ source: inout Source
    ) throws(FormatError) {
      guard header[.externalFiles] == nil else {
        throw FormatError("the array is kept in another file")
      }
      let pipeline = try header[.filterPipeline].map { message throws(FormatError) in
        try FilterPipeline(message.body)
      }
      guard let layout = header[.layout]?.body else {
        throw HDF5.damaged("an array without a layout")
      }
      self.itemSize = itemSize
      fill = try FillValue(header)
      let fileSize = source.bytes.count
      switch try Layout(layout) {
      case .compact(let bytes):
        guard byteCount <= bytes.count else { throw HDF5File.tooLarge(dims) }
        content = .bytes(UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]))
      case .contiguous(let address, let declared):
        guard byteCount <= fileSize else { throw HDF5File.tooLarge(dims) }
        guard let address, byteCount > 0 else {
          content = .nothing
          return
        }
        guard byteCount <= declared else { throw HDF5File.tooLarge(dims) }
        content = .bytes(try source.data(at: address, byteCount, of: "an array"))
      case .chunked(let tree, let chunk):
        let pipeline = pipeline ?? FilterPipeline()
        guard byteCount / pipeline.ratio <= fileSize,
          Expansion.isBelievable(byteCount, of: fileSize)
        else { throw HDF5File.tooLarge(dims) }
        guard byteCount > 0 else {
          content = .nothing
          return
        }
        content = .chunks(
          try Chunks(tree: tree, of: chunk, dims, itemSize: itemSize, pipeline, &source))
      }
    }

    /// Writes the elements to `out`, in the byte order of the file.
    func read(into out: UnsafeMutableRawBufferPointer) throws(FormatError) {
      switch content {
      case .bytes(let bytes): out.copyMemory(from: bytes)
      case .chunks(let chunks): try chunks.read(into: out, fill)
      case .nothing: try fill.fill(out, itemSize: itemSize)
      }
    }
  }
}
