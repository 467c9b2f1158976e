extension Tensor {
  /// Copies the entries `rows` of the first axis, which hold no strings, to `out`, one after another.
  ///
  /// The rows must exist and fill `out`.
  public func copyRows(
    _ rows: UnsafeBufferPointer<Int32>, to out: UnsafeMutableRawBufferPointer
  ) {
    guard let first = rows.first, let out = out.baseAddress else { return }
    let rowBytes = type.byteCount / shape[0]
    withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      // Without shuffling the rows are one block.
      if rows.count == 1 || Int(rows[rows.count - 1]) - Int(first) == rows.count - 1,
        rows.indices.allSatisfy({ Int(rows[$0]) == Int(first) + $0 })
      {
        out.copyMemory(from: source + Int(first) * rowBytes, byteCount: rows.count * rowBytes)
        return
      }
      switch rowBytes {
      case 1: copyEach(rows, as: UInt8.self, source, out)
      case 4: copyEach(rows, as: UInt32.self, source, out)
      case 8: copyEach(rows, as: UInt64.self, source, out)
      case 16: copyEach(rows, as: SIMD2<UInt64>.self, source, out)
      default:
        for (index, row) in rows.enumerated() {
          (out + index * rowBytes).copyMemory(
            from: source + Int(row) * rowBytes, byteCount: rowBytes)
        }
      }
    }
  }
}

/// Copies rows that are one `T` each, without a call for each of them.
private func copyEach<T: BitwiseCopyable>(
  _ rows: UnsafeBufferPointer<Int32>, as _: T.Type, _ source: UnsafeRawPointer,
  _ out: UnsafeMutableRawPointer
) {
  let size = MemoryLayout<T>.size
  for index in rows.indices {
    let value = source.loadUnaligned(fromByteOffset: Int(rows[index]) * size, as: T.self)
    out.storeBytes(of: value, toByteOffset: index * size, as: T.self)
  }
}
