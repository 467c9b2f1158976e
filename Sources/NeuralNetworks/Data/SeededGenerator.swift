import Glibc

/// The random numbers of data: SplitMix64, the same for the same seed on every machine.
///
/// Reference: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Creates the sequence of `seed`; each `stream` of a seed is another sequence.
  public init(seed: UInt64, stream: UInt64 = 0) {
    state = seed
    let start = next()
    state = start ^ stream
    state = next()
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A whole number from 0 up to, not including, `bound`.
  ///
  /// The upper half of a product, without rejection: no number is likelier than another by more
  /// than `bound` in 2⁶⁴.
  public mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number from 0 up to, not including, 1.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number of the normal distribution with mean 0 and deviation 1, by Box and Muller.
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }
}
