/// The order that NumPy's `RandomState(seed).shuffle` gives, so that a split is the one of Keras.
///
/// Reference: Matsumoto, Nishimura, Mersenne Twister: A 623-Dimensionally Equidistributed Uniform
/// Pseudo-Random Number Generator, 1998.
struct NumPyShuffle {
  private var state = [UInt32](repeating: 0, count: 624)
  private var position = 624

  init(seed: UInt32) {
    state[0] = seed
    for index in 1..<624 {
      let before = state[index - 1]
      state[index] = 1_812_433_253 &* (before ^ before >> 30) &+ UInt32(index)
    }
  }

  /// The numbers below `count` in another order.
  mutating func order(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, upTo(last)) }
    return order
  }

  /// A whole number from 0 to `bound`, that included.
  private mutating func upTo(_ bound: Int) -> Int {
    let mask = UInt32.max >> UInt32(truncatingIfNeeded: bound).leadingZeroBitCount
    while true {
      let number = Int(next() & mask)
      if number <= bound { return number }
    }
  }

  private mutating func next() -> UInt32 {
    if position == 624 { renew() }
    var number = state[position]
    position += 1
    number ^= number >> 11
    number ^= number << 7 & 0x9d2c_5680
    number ^= number << 15 & 0xefc6_0000
    return number ^ number >> 18
  }

  private mutating func renew() {
    for index in 0..<624 {
      let joined = state[index] & 0x8000_0000 | state[(index + 1) % 624] & 0x7fff_ffff
      state[index] = state[(index + 397) % 624] ^ joined >> 1 ^ (joined & 1) &* 0x9908_b0df
    }
    position = 0
  }
}
