import CDeflate
import Glibc
import NeuralNetworks

extension HDF5 {
  /// Undoes what the filters did to chunks, one chunk after the other.
  struct Unfilter: ~Copyable {
    private let pipeline: FilterPipeline
    private let chunkSize: Int
    private let decompressor: OpaquePointer
    private var inflated = Scratch()
    private var unshuffled = Scratch()

    /// For chunks of `chunkSize` bytes.
    init(_ pipeline: FilterPipeline, chunkSize: Int) throws(FormatError) {
      guard let decompressor = libdeflate_alloc_decompressor() else {
        throw FormatError("there is no memory to decompress with")
      }
      self.pipeline = pipeline
      self.chunkSize = chunkSize
      self.decompressor = decompressor
    }

    deinit { libdeflate_free_decompressor(decompressor) }

    /// Calls `body` with the bytes of the chunk that is kept as `stored`.
    ///
    /// A bit of `mask` says that the filter with its number was left out.
    mutating func undo(
      _ stored: UnsafeRawBufferPointer, mask: UInt32, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(FormatError) {
      // With the size of the chunk before each filter; only that after deflate is not known.
      var stages: [(filter: FilterPipeline.Filter, size: Int)] = []
      var size = chunkSize
      for (index, filter) in pipeline.filters.enumerated() where mask >> UInt32(index) & 1 == 0 {
        stages.append((filter, size))
        if case .fletcher32 = filter { size += 4 }
      }
      var bytes = stored
      for (filter, size) in stages.reversed() {
        switch filter {
        case .deflate: bytes = try inflate(bytes, size)
        case .shuffle(let itemSize): bytes = try unshuffle(bytes, itemSize)
        case .fletcher32: bytes = try Self.checked(bytes)
        }
      }
      guard bytes.count == chunkSize else { throw Self.damage }
      body(bytes)
    }

    private static let damage = FormatError("the compressed bytes of the array are damaged")

    private mutating func inflate(
      _ bytes: UnsafeRawBufferPointer, _ size: Int
    ) throws(FormatError) -> UnsafeRawBufferPointer {
      guard size / Expansion.deflateRatio <= bytes.count else { throw Self.damage }
      let out = try inflated.bytes(size)
      // Without a place for the actual size, the size must be exactly that of `out`.
      let result = libdeflate_zlib_decompress(
        decompressor, bytes.baseAddress, bytes.count, out.baseAddress, out.count, nil)
      guard result == LIBDEFLATE_SUCCESS else { throw Self.damage }
      return UnsafeRawBufferPointer(out)
    }

    private mutating func unshuffle(
      _ bytes: UnsafeRawBufferPointer, _ itemSize: Int
    ) throws(FormatError) -> UnsafeRawBufferPointer {
      let count = bytes.count / itemSize
      guard itemSize > 1, count > 1, let source = bytes.baseAddress else { return bytes }
      let out = try unshuffled.bytes(bytes.count)
      guard let target = out.baseAddress else { return bytes }
      for part in 0..<itemSize {
        let from = source + part * count, to = target + part
        for index in 0..<count {
          to.storeBytes(
            of: from.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index * itemSize,
            as: UInt8.self)
        }
      }
      // What is no whole element stays at the end.
      let shuffled = count * itemSize
      (target + shuffled).copyMemory(from: source + shuffled, byteCount: bytes.count - shuffled)
      return UnsafeRawBufferPointer(out)
    }

    /// `bytes` without the checksum at their end: Fletcher's sums of big-endian pairs of bytes.
    private static func checked(
      _ bytes: UnsafeRawBufferPointer
    ) throws(FormatError) -> UnsafeRawBufferPointer {
      guard bytes.count >= 4 else { throw damage }
      let content = UnsafeRawBufferPointer(rebasing: bytes.dropLast(4))
      var (sum, sums): (UInt32, UInt32) = (0, 0)
      func fold() {
        sum = sum & 0xffff + sum >> 16
        sums = sums & 0xffff + sums >> 16
      }
      // As many pairs as 32 bits can sum up before they are folded to 16.
      for start in stride(from: 0, to: content.count, by: 720) {
        let end = min(start + 720, content.count)
        for index in stride(from: start, to: end, by: 2) {
          let low = index + 1 < end ? UInt32(content[index + 1]) : 0
          sum += UInt32(content[index]) << 8 | low
          sums += sum
        }
        fold()
      }
      fold()
      var stored = Cursor(UnsafeRawBufferPointer(rebasing: bytes.suffix(4)))
      guard try stored.integer(UInt32.self) == sums << 16 | sum else { throw damage }
      return content
    }
  }

  /// Memory that grows to what was asked for.
  private struct Scratch: ~Copyable {
    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0

    init() {}

    deinit { free(memory) }

    /// Memory for `count` bytes, whose content is lost at the next call.
    mutating func bytes(_ count: Int) throws(FormatError) -> UnsafeMutableRawBufferPointer {
      if count > capacity {
        free(memory)
        memory = malloc(count)
        capacity = memory == nil ? 0 : count
      }
      guard memory != nil || count == 0 else {
        throw FormatError("a chunk of the array does not fit into memory", got: "\(count) bytes")
      }
      return UnsafeMutableRawBufferPointer(start: memory, count: count)
    }
  }
}
