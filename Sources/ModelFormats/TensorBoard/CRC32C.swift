/// The checksum of Castagnoli's polynomial, as the records of event files have it.
///
/// Reference: Castagnoli, Bräuer, Herrmann, Optimization of Cyclic Redundancy-Check Codes with 24
/// and 32 Parity Bits, 1993.
package enum CRC32C {
  /// The checksum of `bytes`.
  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
    return ~crc
  }

  /// The checksum of `bytes`, rotated and moved: a checksum over data that hold checksums themselves
  /// would be a weak one.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let crc = checksum(bytes)
    return (crc >> 15 | crc << 17) &+ 0xa282_ead8
  }

  /// What each byte alone makes of a checksum of 0.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82f6_3b78 }
  }
}
