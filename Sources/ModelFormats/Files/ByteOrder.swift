/// Turns big-endian items of `itemSize` bytes into little-endian ones, or back, in place.
func swapByteOrder(_ bytes: UnsafeMutableRawBufferPointer, itemSize: Int) {
  func swap<T: FixedWidthInteger>(_: T.Type) {
    let items = bytes.bindMemory(to: T.self)
    for index in items.indices { items[index] = items[index].byteSwapped }
  }
  switch itemSize {
  case 2: swap(UInt16.self)
  case 4: swap(UInt32.self)
  case 8: swap(UInt64.self)
  default: break
  }
}
