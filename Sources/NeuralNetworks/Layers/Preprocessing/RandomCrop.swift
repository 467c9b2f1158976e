import TensorGraph

/// A part of images, cut out at a random place in training; in inference images stay as they are.
///
///     let part = RandomCrop(200, 200)
///
/// The place is the same for all images of a batch. Images that are not larger than the part along
/// both axes are cut in the middle, and made as large as the part.
///
/// - Input: `[batch, height, width, channels]`, or one image
/// - Output: the same with the new height and width in training
public final class RandomCrop: RandomAugmentation {
  /// The new height.
  public let height: Int
  /// The new width.
  public let width: Int
  public let options: LayerOptions

  public static let example = RandomCrop(1, 1)

  /// Creates a layer that cuts images to `height` and `width`.
  public init(_ height: Int, _ width: Int, name: String? = nil, options: LayerOptions = []) {
    self.height = height
    self.width = width
    self.options = LayerOptions(name, options)
  }

  private var target: TargetSize { TargetSize(height: height, width: width) }
  public var mistake: String? { target.mistake }

  public var drawnCount: Int { 2 }

  /// The first row and the first column, each `int32[1]`; nothing where images are cut in the
  /// middle.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    guard isLarger(shape) else { return [] }
    func start(_ last: Int) -> Symbol {
      let place = context.uniform((0, Double(last + 1)), [1])
      return minimum(place.cast(to: .int32), Double(last))
    }
    return [start(shape[1] - height), start(shape[2] - width)]
  }

  /// Whether images of `shape` are larger than the part along both axes.
  private func isLarger(_ shape: Shape) -> Bool { shape[1] > height && shape[2] > width }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    guard isLarger(images.shape) else { return middle(images) }
    let trace = images.trace
    let (batch, rows, columns) = (images.shape[0], images.shape[1], images.shape[2])
    let image = trace.iota([batch, 1, 1], axis: 0) * Double(rows)
    let row = trace.iota([1, height, 1], axis: 1) + drawn[0]
    let column = trace.iota([1, 1, width], axis: 2) + drawn[1]
    let pixels = images.reshaped([batch * rows * columns, images.shape[3]])
    return pixels.gathered(at: (image + row) * Double(columns) + column)
  }

  /// The part from where the largest middle of the part's shape begins, enlarged if it ends at the
  /// border.
  private func middle(_ images: Symbol) -> Symbol {
    let (top, left) = target.corner(of: images)
    let rows = top..<min(top + height, images.shape[1])
    let columns = left..<min(left + width, images.shape[2])
    let part = images.sliced(axis: 1, rows).sliced(axis: 2, columns)
    guard rows.count != height || columns.count != width else { return part }
    return resized(part, height: height, width: width, interpolation: .bilinear)
  }
}
