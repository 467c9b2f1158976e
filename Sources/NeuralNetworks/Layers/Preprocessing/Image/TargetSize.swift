import TensorGraph

/// A height and a width that images are to get, with what keeps their shape on the way.
struct TargetSize {
  let height: Int
  let width: Int

  /// Why these cannot be the size of images, or nothing.
  var mistake: String? {
    isSize(height) && isSize(width)
      ? nil : "height and width must be positive, not \(height) and \(width)"
  }

  /// The largest part in the middle of images of this height and width with the target's shape.
  private func part(_ height: Int, _ width: Int) -> (rows: Range<Int>, columns: Range<Int>) {
    let tall = Double(width) * Double(self.height) / Double(self.width)
    let wide = Double(height) * Double(self.width) / Double(self.height)
    let rows = max(Int(min(Double(height), tall)), 1)
    let columns = max(Int(min(Double(width), wide)), 1)
    let (top, left) = ((height - rows) / 2, (width - columns) / 2)
    return (top..<top + rows, left..<left + columns)
  }

  /// Where that part begins.
  func corner(of images: Symbol) -> (top: Int, left: Int) {
    let part = part(images.shape[1], images.shape[2])
    return (part.rows.lowerBound, part.columns.lowerBound)
  }

  /// That part of `images`.
  func cropped(_ images: Symbol) -> Symbol {
    let part = part(images.shape[1], images.shape[2])
    return images.sliced(axis: 1, part.rows).sliced(axis: 2, part.columns)
  }

  /// `images` with `number` around them up to the target's shape, but for one row or column.
  func padded(_ images: Symbol, with number: Double) -> Symbol {
    let (height, width) = (Double(images.shape[1]), Double(images.shape[2]))
    let tall = width * Double(self.height) / Double(self.width)
    let wide = height * Double(self.width) / Double(self.height)
    guard max(tall, wide) < Double(1 << 28) else {
      return images.trace.fail(
        "images of \(images.shape[1]) by \(images.shape[2]) pixels cannot be padded to the shape "
          + "of \(self.height) by \(self.width)", operands: [images.type])
    }
    let rows = max((Int(tall) - images.shape[1]) / 2, 0)
    let columns = rows > 0 ? 0 : max((Int(wide) - images.shape[2]) / 2, 0)
    let margins = [0, rows, columns, 0]
    return images.padded(low: margins, high: margins, with: number)
  }
}
