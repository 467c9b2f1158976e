/// The number of elements of an array with axes `dims`, or nothing when a size is negative or the
/// array is beyond what memory can hold.
///
/// Sizes of zero do not hide others that are too large: their product must be small, too.
func elementCount(_ dims: [Int], itemSize: Int) -> Int? {
  var bytes = itemSize
  for dim in dims {
    guard dim >= 0 else { return nil }
    let (product, overflows) = bytes.multipliedReportingOverflow(by: max(dim, 1))
    guard !overflows, product <= 1 << 46 else { return nil }
    bytes = product
  }
  return dims.contains(0) ? 0 : bytes / itemSize
}
