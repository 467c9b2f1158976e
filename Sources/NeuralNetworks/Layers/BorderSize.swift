import TensorGraph

/// How wide the border is at both ends of each of `rank` axes, as layers add it or cut it off.
///
/// - `1`: the same at all ends.
/// - `[1, 2]`: for one axis, before and after it; for several, the same at both ends of each.
/// - `[[1, 0], [2, 1]]`: before and after each axis.
public struct BorderSize<let rank: Int>: Sendable, Hashable {
  /// The border along one axis: `1`, the same at both ends, or `[1, 0]`, before and after.
  public enum Axis: Sendable, Hashable {
    /// The same at both ends.
    case both(Int)
    /// One before and one after; a layer reports it if there are not two.
    case ends([Int])

    fileprivate var sizes: [Int] {
      switch self {
      case .both(let size): [size, size]
      case .ends(let sizes): sizes
      }
    }
  }

  /// Before and after each axis, outermost first.
  public let sizes: [[Int]]

  /// Creates the borders along the axes; a layer reports it if there are not `rank` of them.
  public init(_ axes: [Axis]) {
    if rank == 1, axes.count == 2, case .both(let before) = axes[0], case .both(let after) = axes[1]
    {
      sizes = [[before, after]]
    } else {
      sizes = axes.map(\.sizes)
    }
  }

  /// Creates borders of one size at all ends.
  public init(_ size: Int) { sizes = Array(repeating: [size, size], count: rank) }
}

extension BorderSize: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public init(integerLiteral size: Int) { self.init(size) }
  public init(arrayLiteral axes: Axis...) { self.init(axes) }
}

extension BorderSize.Axis: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public init(integerLiteral size: Int) { self = .both(size) }
  public init(arrayLiteral sizes: Int...) { self = .ends(sizes) }
}

/// Files hold a pair for one axis, and a pair for each of several; what Keras takes is read too.
extension BorderSize: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let size = try? container.decode(Int.self) {
      self.init(size)
    } else {
      self.init(try container.decode([Axis].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if rank == 1, sizes.count == 1 {
      try container.encode(sizes[0])
    } else {
      try container.encode(sizes)
    }
  }
}

extension BorderSize.Axis: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let size = try? container.decode(Int.self) {
      self = .both(size)
    } else {
      self = .ends(try container.decode([Int].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(sizes)
  }
}

extension BorderSize {
  /// The size before each axis of a tensor, with 0 for batch and channels.
  var low: [Int] { [0] + sizes.map { $0[0] } + [0] }
  /// The size after each axis of a tensor, with 0 for batch and channels.
  var high: [Int] { [0] + sizes.map { $0[1] } + [0] }

  /// Reports why `layer` cannot have the input `x`, or this border as `name`; nothing if it can.
  func mistake(
    of layer: any Layer, _ name: String, on x: Symbol, _ context: LayerContext
  ) -> Symbol? {
    guard x.shape.rank == rank + 2 else {
      return context.fail("\(layer.className) expects \(spatialLayout(rank))", x)
    }
    guard sizes.count == rank, sizes.allSatisfy({ $0.count == 2 }),
      sizes.joined().allSatisfy({ (0...1 << 28).contains($0) })
    else {
      let form =
        rank == 1
        ? "[before, after]"
        : "["
          + Array(["[front, back]", "[top, bottom]", "[left, right]"].suffix(rank))
          .joined(separator: ", ") + "]"
      return context.fail("\(layer.className) needs \(name) \(form) of at least 0, not \(sizes)")
    }
    return nil
  }

  /// `x` without the border, which is what is left of a mask as well.
  func cropped(_ x: Symbol, by layer: any Layer, _ context: LayerContext) -> Symbol {
    if let mistake = mistake(of: layer, "cropping", on: x, context) { return mistake }
    let spatial = x.shape.spatial
    guard zip(spatial, sizes).allSatisfy({ $0 > $1[0] + $1[1] }) else {
      return context.fail("\(layer.className) leaves nothing of its input: it crops \(sizes)", x)
    }
    func cut(_ x: Symbol, axis: Int) -> Symbol {
      x.sliced(axis: axis, sizes[axis - 1][0]..<x.shape[axis] - sizes[axis - 1][1])
    }
    return (1...rank).reduce(x) { cut($0, axis: $1) }.masked(by: x.mask.map { cut($0, axis: 1) })
  }

  /// `x` with zeros around it, which a mask leaves out.
  func padded(_ x: Symbol, by layer: any Layer, _ context: LayerContext) -> Symbol {
    if let mistake = mistake(of: layer, "padding", on: x, context) { return mistake }
    return x.padded(low: low, high: high).masked(
      by: x.mask.map { $0.padded(low: [0, sizes[0][0]], high: [0, sizes[0][1]]) })
  }
}
