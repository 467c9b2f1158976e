import TensorGraph

/// A grid of tiles of equal size that covers images, which are padded below and on the right.
struct Tiles {
  /// The shape of the images, padded: `[batch, height, width, channels]`.
  let shape: Shape
  /// The number of tiles: `[batch, rows, columns, channels]`.
  let grid: Shape
  /// The height and width of a tile.
  let height: Int, width: Int

  /// The tiles of images of `shape`, in a grid of rows and columns.
  init(of shape: Shape, grid: [Int]) {
    (height, width) = ((shape[1] + grid[0] - 1) / grid[0], (shape[2] + grid[1] - 1) / grid[1])
    self.shape = [shape[0], height * grid[0], width * grid[1], shape[3]]
    self.grid = [shape[0], grid[0], grid[1], shape[3]]
  }

  /// The number of pixels of a tile.
  var pixels: Int { height * width }
  /// The number of entries of tables of 256 entries for all tiles and their neighbors outside;
  /// more than any memory if that cannot be counted.
  var tableSize: Int {
    [grid[0], grid[1] + 2, grid[2] + 2, grid[3]].reduce(256) { size, count in
      let (product, overflow) = size.multipliedReportingOverflow(by: count)
      return overflow ? .max : product
    }
  }

  /// The images continued by their own reflections up to the size of the grid.
  func padded(_ x: Symbol) -> Symbol {
    (1...2).reduce(x) { x, axis in
      let size = shape[axis]
      guard x.shape[axis] < size else { return x }
      let copies = (size + x.shape[axis] - 1) / x.shape[axis]
      let parts = (0..<copies).map { $0 % 2 == 0 ? x : x.reversed(axis: axis) }
      return concatenate(parts, axis: axis).sliced(axis: axis, 0..<size)
    }
  }

  /// The pixels of each tile and channel as a row: `[tiles, pixels]`.
  func cut(_ x: Symbol) -> Symbol {
    x.reshaped([grid[0], grid[1], height, grid[2], width, grid[3]])
      .transposed([0, 1, 3, 5, 2, 4]).reshaped([grid.count, pixels])
  }

  /// For each pixel the entry of `table`, `[batch, rows, columns, channels, 256]`, that its level
  /// names, in the four tiles whose centers are around it, weighted by how near they are.
  func interpolated(_ table: Symbol, at levels: Symbol) -> Symbol {
    // Outside of the outermost centers there are copies of the outermost tiles.
    let continued = (1...2).reduce(table) { table, axis in
      let count = table.shape[axis]
      return concatenate(
        [table.sliced(axis: axis, 0..<1), table, table.sliced(axis: axis, count - 1..<count)],
        axis: axis)
    }
    let entries = continued.reshaped([continued.shape.count])
    let strides = continued.shape.strides
    let trace = levels.trace
    /// Where along `axis` the tables of the centers before and after each pixel begin, and how
    /// far the pixel is on the way.
    func centers(_ axis: Int, _ size: Int) -> (before: Symbol, after: Symbol, share: Symbol) {
      let places = (0..<shape[axis]).map { (Double($0) - Double(size) / 2) / Double(size) + 1 }
      var broadcast = Shape([1, 1, 1, 1])
      broadcast[axis] = shape[axis]
      func symbol(_ numbers: [Double], _ dtype: DType) -> Symbol {
        trace.constant(Tensor(TensorType(dtype, broadcast), numbers: numbers))
      }
      let stride = Double(strides[axis])
      return (
        symbol(places.map { $0.rounded(.down) * stride }, .int32),
        symbol(places.map { ($0.rounded(.down) + 1) * stride }, .int32),
        symbol(places.map { $0 - $0.rounded(.down) }, .float32)
      )
    }
    let (top, bottom, down) = centers(1, height)
    let (left, right, across) = centers(2, width)
    let own =
      levels + trace.iota([shape[0], 1, 1, 1], axis: 0, dtype: .int32) * Double(strides[0])
      + trace.iota([1, 1, 1, shape[3]], axis: 3, dtype: .int32) * Double(strides[3])
    func values(_ row: Symbol, _ column: Symbol) -> Symbol {
      entries.gathered(at: own + row + column)
    }
    let upper = values(top, left) * (1 - across) + values(top, right) * across
    let lower = values(bottom, left) * (1 - across) + values(bottom, right) * across
    return upper * (1 - down) + lower * down
  }
}
