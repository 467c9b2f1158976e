import TensorGraph

/// Random numbers that are the same in every run.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Creates the generator of a seed.
  public init(seed: UInt64) { state = seed }

  /// The next number, by SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A tensor of `shape` with uniform elements in `range`.
  public mutating func tensor(
    _ shape: Shape, in range: ClosedRange<Double> = -1...1
  ) -> ReferenceTensor {
    ReferenceTensor(shape, (0..<shape.count).map { _ in Double.random(in: range, using: &self) })
  }

  /// A tensor of `shape` whose elements are spread over `range`, in random order and no two of
  /// them close, so that small changes of one alter no comparison between them.
  public mutating func spreadTensor(
    _ shape: Shape, in range: ClosedRange<Double>
  ) -> ReferenceTensor {
    let cell = (range.upperBound - range.lowerBound) / Double(max(shape.count, 1))
    let numbers = (0..<shape.count).map { index in
      range.lowerBound + (Double(index) + Double.random(in: 0.25...0.75, using: &self)) * cell
    }
    return ReferenceTensor(shape, numbers.shuffled(using: &self))
  }

  /// A tensor of `shape` with integers in `range`.
  public mutating func integers(_ shape: Shape, in range: ClosedRange<Int>) -> ReferenceTensor {
    ReferenceTensor(
      shape, (0..<shape.count).map { _ in Double(Int.random(in: range, using: &self)) })
  }

  /// A shape with `rank` axes of sizes in `sizes`.
  public mutating func shape(rank: Int, sizes: ClosedRange<Int> = 1...4) -> Shape {
    Shape((0..<rank).map { _ in Int.random(in: sizes, using: &self) })
  }
}
