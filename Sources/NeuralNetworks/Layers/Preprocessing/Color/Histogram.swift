import TensorGraph

/// How many of the elements of each row have each of `bins` indices: `[rows, n] → [rows, bins]`.
///
/// Indices are integers from 0 to below `bins`; others are not counted in their row. The work and
/// the memory are those of one pass over the elements.
func histogram(_ indices: Symbol, bins: Int) -> Symbol {
  guard indices.isValid else { return indices }
  let rows = indices.shape[0]
  let places = flat(indices, bins: bins)
  return indices.trace.constant(1, places.shape)
    .scattered(at: places, size: rows * bins).reshaped([rows, bins])
}

/// The entry of each row of `table` that each index of the row names:
/// `[rows, bins]` at `[rows, n] → [rows, n]`.
func lookup(_ table: Symbol, at indices: Symbol) -> Symbol {
  guard table.isValid, indices.isValid else { return table.trace.invalid }
  let entries = table.reshaped([table.shape.count])
  return entries.gathered(at: flat(indices, bins: table.shape[1])).reshaped(indices.shape)
}

/// The indices of each row as places in all rows of a table one after the other.
private func flat(_ indices: Symbol, bins: Int) -> Symbol {
  let rows = indices.trace.iota([indices.shape[0], 1], axis: 0, dtype: .int32)
  return (indices.cast(to: .int32) + rows * Double(bins)).reshaped([indices.shape.count])
}

extension Symbol {
  /// The images `[batch, height, width, channels]` as a row for each channel of each image.
  func rowsOfChannels() -> Symbol {
    transposed([0, 3, 1, 2]).reshaped([shape[0] * shape[3], shape[1] * shape[2]])
  }

  /// The rows of the channels of images as images of `shape`.
  func images(_ shape: Shape) -> Symbol {
    reshaped([shape[0], shape[3], shape[1], shape[2]]).transposed([0, 2, 3, 1])
  }
}
