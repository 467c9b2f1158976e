import NeuralNetworks

extension HDF5 {
  /// The pieces of an array: III.A.1, "Version 1 B-trees", of type 1.
  struct Chunks {
    /// A piece: where it begins in the array, and where its bytes are in the file.
    private struct Chunk {
      let start: [Int]
      let stored: UnsafeRawBufferPointer
      let mask: UInt32
    }

    private let dims: [Int]
    private let shape: [Int]
    private let itemSize: Int
    private let byteCount: Int
    private let pipeline: FilterPipeline
    private let chunks: [Chunk]
    private let isComplete: Bool

    /// Finds the chunks of `shape` that make up an array of `dims`.
    init(
      tree: Int?, of shape: [Int], _ dims: [Int], itemSize: Int, _ pipeline: FilterPipeline,
      _ source: inout Source
    ) throws(FormatError) {
      guard shape.count == dims.count, !shape.contains(0),
        let count = elementCount(shape, itemSize: itemSize)
      else { throw FormatError("the chunks of the array are too large") }
      self.dims = dims
      self.shape = shape
      self.itemSize = itemSize
      self.pipeline = pipeline
      byteCount = count * itemSize
      var chunks: [Chunk] = []
      var (last, stored) = (-1, 0)
      // Rounded up; as many as there are elements at most.
      let counts = zip(dims, shape).map { ($0 - 1) / $1 + 1 }
      if let tree {
        let tree = BTree(root: tree, kind: .chunks, keySize: 16 + 8 * dims.count)
        for leaf in try tree.leaves(&source) {
          var key = leaf.key
          let size = try key.word()
          let mask = try key.integer(UInt32.self)
          var (start, place) = ([Int](), 0)
          for axis in dims.indices {
            let offset = try key.length()
            guard offset < dims[axis], offset % shape[axis] == 0 else {
              throw HDF5.damaged("a chunk outside its array")
            }
            start.append(offset)
            place = place * counts[axis] + offset / shape[axis]
          }
          // Keys in order are those of different chunks, and chunks that share bytes are how
          // small files pretend to be huge.
          stored += size
          guard place > last, stored <= source.bytes.count else {
            throw HDF5.damaged("chunks that overlap")
          }
          last = place
          let bytes = try source.data(at: leaf.child, size, of: "a chunk")
          chunks.append(Chunk(start: start, stored: bytes, mask: mask))
        }
      }
      self.chunks = chunks
      isComplete = chunks.count == counts.reduce(1, *)
    }

    /// Writes the array to `out`, with `fill` where there are no chunks.
    func read(
      into out: UnsafeMutableRawBufferPointer, _ fill: FillValue
    ) throws(FormatError) {
      if !isComplete { try fill.fill(out, itemSize: itemSize) }
      var unfilter = try Unfilter(pipeline, chunkSize: byteCount)
      for chunk in chunks {
        try unfilter.undo(chunk.stored, mask: chunk.mask) { copy($0, to: out, from: chunk.start) }
      }
    }

    /// Copies what of a chunk is inside the array, run of neighbors by run of neighbors.
    private func copy(
      _ chunk: UnsafeRawBufferPointer, to out: UnsafeMutableRawBufferPointer, from start: [Int]
    ) {
      guard let source = chunk.baseAddress, let target = out.baseAddress else { return }
      let sizes = dims.indices.map { min(shape[$0], dims[$0] - start[$0]) }
      // Axes that the chunk spans as a whole are one run with the axis before them.
      var (runAxis, run) = (dims.count, itemSize)
      repeat {
        runAxis -= 1
        if runAxis >= 0 { run *= sizes[runAxis] }
      } while runAxis > 0 && sizes[runAxis] == dims[runAxis] && sizes[runAxis] == shape[runAxis]
      var index = [Int](repeating: 0, count: max(runAxis, 0))
      while true {
        var (from, to) = (0, 0)
        for axis in dims.indices {
          let place = axis < index.count ? index[axis] : 0
          from = from * shape[axis] + place
          to = to * dims[axis] + start[axis] + place
        }
        (target + to * itemSize).copyMemory(from: source + from * itemSize, byteCount: run)
        var axis = index.count - 1
        while axis >= 0 {
          index[axis] += 1
          if index[axis] < sizes[axis] { break }
          index[axis] = 0
          axis -= 1
        }
        if axis < 0 { return }
      }
    }
  }
}
