import TensorGraph

/// Whether `size` can be that of an axis: products of a few such sizes are still integers.
func isSize(_ size: Int) -> Bool { (1...1 << 28).contains(size) }

/// The sizes of a window along its `rank` spatial axes: `3`, the same along each, or `[3, 5]`.
///
/// Strides, dilation rates and padding factors are written the same way.
public struct WindowSize<let rank: Int>: Sendable, Hashable {
  /// The size along each axis, outermost first.
  public let sizes: [Int]

  /// Creates a window with these sizes; a layer reports it if there are not `rank` of them.
  public init(_ sizes: [Int]) { self.sizes = sizes }
  /// Creates a window of one size along all axes.
  public init(_ size: Int) { sizes = Array(repeating: size, count: rank) }
}

extension WindowSize: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public init(integerLiteral size: Int) { self.init(size) }
  public init(arrayLiteral sizes: Int...) { self.init(sizes) }
}

/// Files hold an array, as Keras writes it; a single number is read too.
extension WindowSize: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let size = try? container.decode(Int.self) {
      self.init(size)
    } else {
      self.init(try container.decode([Int].self))
      guard sizes.count == rank else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "expected \(rank) numbers, not \(sizes.count)")
      }
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(sizes)
  }
}

extension WindowSize {
  /// Why this cannot be the hyperparameter `name` of a layer, or nothing.
  func mistake(_ name: String, atLeast least: Int = 1) -> String? {
    if sizes.count != rank {
      return "\(name) needs \(rank) number\(rank == 1 ? "" : "s"), not \(sizes.count)"
    }
    // The limit is far beyond any window, and keeps files from making us count for hours.
    let isPossible = sizes.allSatisfy { (least...1 << 16).contains($0) }
    let range = least == 1 ? "positive" : "at least \(least)"
    return isPossible ? nil : "\(name) must be \(range), and at most 65536, not \(sizes)"
  }
}

extension LayerContext {
  /// Reports why `layer` cannot have the input `x`, or windows of these sizes; nothing if it can.
  func mistake<let rank: Int>(
    of layer: any Layer, on x: Symbol, _ sizes: KeyValuePairs<String, WindowSize<rank>>
  ) -> Symbol? {
    guard x.shape.rank == rank + 2 else {
      return fail("\(layer.className) expects \(spatialLayout(rank))", x)
    }
    for (name, size) in sizes {
      if let mistake = size.mistake(name) { return fail("\(layer.className): \(mistake)") }
    }
    return nil
  }
}

/// What a layer expects: `[batch, time, channels]` for one spatial axis, and so on.
func spatialLayout(_ rank: Int) -> String {
  let axes = rank == 1 ? ["time"] : Array(["depth", "height", "width"].suffix(rank))
  return "[" + (["batch"] + axes + ["channels"]).joined(separator: ", ") + "]"
}

/// What to do where layers over images meet a mask.
let imageMaskHint = "a mask tells steps of a sequence apart, not pixels; mask after this layer"

/// What becomes of a mask in layers over windows: that of a sequence they see through the window,
/// and images have none.
func windowMasking(_ rank: Int) -> MaskHandling {
  rank == 1 ? .explicit : .refused(hint: imageMaskHint)
}
