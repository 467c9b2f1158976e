/// How the border of an image is treated by a convolution or a pooling.
public enum Padding: String, Sendable, Hashable, Codable, CaseIterable {
  /// No padding: windows lie inside the image.
  case valid
  /// As much padding as gives `⌈size / stride⌉` outputs; the odd element goes to the end.
  case same
  /// Padding before the data only, so that an output sees no later input. For sequences.
  case causal
}

/// A window that moves over the spatial axes of `[batch, spatial…, channels]`.
public struct Window: Sendable, Hashable {
  /// The number of taps along each spatial axis.
  public let sizes: [Int]
  /// How far the window moves from one output to the next.
  public let strides: [Int]
  /// The distance between neighboring taps.
  public let dilations: [Int]
  /// The padding before the data.
  public let low: [Int]
  /// The padding after the data.
  public let high: [Int]

  /// Creates a window with this padding; strides and dilations are 1, and padding 0, by default.
  public init(
    sizes: [Int], strides: [Int]? = nil, dilations: [Int]? = nil, low: [Int]? = nil,
    high: [Int]? = nil
  ) {
    self.sizes = sizes
    self.strides = strides ?? sizes.map { _ in 1 }
    self.dilations = dilations ?? sizes.map { _ in 1 }
    self.low = low ?? sizes.map { _ in 0 }
    self.high = high ?? sizes.map { _ in 0 }
  }

  /// This window with the padding that `padding` means for an image of `spatial` sizes.
  public func padded(_ padding: Padding, for spatial: [Int]) -> Window {
    guard (try? check(axes: spatial.count)) != nil else { return self }
    let effective = effectiveSizes
    let total: [Int] = spatial.indices.map { axis in
      switch padding {
      case .valid: 0
      case .causal: effective[axis] - 1
      case .same:
        Swift.max(
          ((spatial[axis] + strides[axis] - 1) / strides[axis] - 1) * strides[axis]
            + effective[axis] - spatial[axis], 0)
      }
    }
    let low = padding == .causal ? total : total.map { $0 / 2 }
    return Window(
      sizes: sizes, strides: strides, dilations: dilations, low: low,
      high: zip(total, low).map { $0 - $1 })
  }

  /// The distance from the first tap to the last, plus 1.
  public var effectiveSizes: [Int] { zip(sizes, dilations).map { ($0 - 1) * $1 + 1 } }

  /// The number of taps.
  public var count: Int { sizes.reduce(1, *) }

  /// The number of places the window has along each axis of an image of `spatial` sizes.
  public func outputSizes(_ spatial: [Int]) -> [Int] {
    let effective = effectiveSizes
    return spatial.indices.map { axis in
      let room = spatial[axis] + low[axis] + high[axis] - effective[axis]
      return room < 0 ? 0 : room / strides[axis] + 1
    }
  }

  /// Throws if this is no window over `axes` spatial axes.
  func check(axes: Int) throws(ShapeError) {
    let all = [sizes, strides, dilations, low, high]
    guard (1...3).contains(axes), all.allSatisfy({ $0.count == axes }) else {
      throw ShapeError(
        "a window with \(all.map(\.count).max() ?? 0) sizes does not move over \(axes) spatial axes",
        hint: "there are 1 to 3 spatial axes, between batch and channels")
    }
    let limit = 1 << 30  // far beyond any image, and its products are still integers
    for (name, values, least) in [
      ("size", sizes, 1), ("stride", strides, 1), ("dilation", dilations, 1), ("padding", low, 0),
      ("padding", high, 0),
    ] {
      if let wrong = values.first(where: { !(least...limit).contains($0) }) {
        throw ShapeError("a window with \(name) \(wrong)", hint: "the least \(name) is \(least)")
      }
    }
    guard count(upTo: limit) else { throw ShapeError("a window with too many taps") }
  }

  private func count(upTo limit: Int) -> Bool {
    var count = 1
    for size in sizes {
      guard size <= limit / count else { return false }
      count *= size
    }
    return true
  }

  /// The shape of what a window called `noun` gives for images of `shape`, but for the channels.
  func outputShape(_ shape: Shape, noun: String) throws(ShapeError) -> Shape {
    try check(axes: shape.rank - 2)
    let spatial = Array(shape.dims[1..<shape.rank - 1])
    let fits = zip(spatial, zip(zip(low, high), effectiveSizes)).allSatisfy {
      $0 + $1.0.0 + $1.0.1 >= $1.1
    }
    guard fits else {
      let isPadded = zip(low, high).contains { $0 + $1 > 0 }
      throw ShapeError(
        "a \(Self.describe(effectiveSizes)) \(noun) does not fit in a "
          + "\(Self.describe(spatial)) image\(isPadded ? " with its padding" : "")",
        hint: "use padding: .same")
    }
    return Shape([shape[0]] + outputSizes(spatial) + [shape[-1]])
  }

  /// Sizes as people write them: `5×5`.
  private static func describe(_ sizes: [Int]) -> String {
    sizes.map(String.init).joined(separator: "×")
  }

  /// Calls `body` for each tap of each place of the window that lies on the image: the places in
  /// order, and for each its taps in order, all as flat indices.
  func forEachTap(
    on spatial: [Int], _ body: (_ output: Int, _ tap: Int, _ input: Int) -> Void
  ) {
    let own = Shape(spatial).strides
    var output = 0
    forEachIndex(of: Shape(outputSizes(spatial))) { place in
      var tap = 0
      forEachIndex(of: Shape(sizes)) { offset in
        var input = 0
        var isInside = true
        for axis in spatial.indices {
          let position = place[axis] * strides[axis] + offset[axis] * dilations[axis] - low[axis]
          isInside = isInside && (0..<spatial[axis]).contains(position)
          input += position * own[axis]
        }
        if isInside { body(output, tap, input) }
        tap += 1
      }
      output += 1
    }
  }
}

extension Shape {
  /// The sizes between batch and channels.
  package var spatial: [Int] { rank < 2 ? [] : Array(dims[1..<rank - 1]) }
}
