/// A 16-bit float with the exponent of `Float`: its upper half, rounded to nearest even.
public struct BFloat16: Sendable, Hashable {
  /// The sign, eight bits of exponent and seven of fraction.
  public var bitPattern: UInt16

  /// Creates the value with these bits.
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// Creates the nearest value to `value`.
  public init(_ value: Float) {
    let bits = value.bitPattern
    if value.isNaN {
      bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x40  // rounding could make it infinite
    } else {
      bitPattern = UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16)
    }
  }

  /// The value as a `Float`, exactly.
  public var floatValue: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}
