/// The 64-bit fingerprint of bytes by FarmHash, TensorFlow's `Fingerprint64`: the same everywhere
/// and forever.
///
/// - Reference: [FarmHash](https://github.com/google/farmhash), `farmhashna`
struct FarmHash64 {
  private static let k0: UInt64 = 0xc3a5_c85c_97cb_3127
  private static let k1: UInt64 = 0xb492_b66f_be98_f273
  private static let k2: UInt64 = 0x9ae1_6a3b_2f90_404f

  private let bytes: UnsafeRawBufferPointer

  /// The fingerprint of `bytes`.
  static func fingerprint(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    FarmHash64(bytes: bytes).value
  }

  private func word(_ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
  private func half(_ offset: Int) -> UInt64 {
    UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }

  private var value: UInt64 {
    let count = bytes.count
    switch count {
    case 0...16: return upTo16
    case 17...32: return upTo32
    case 33...64: return upTo64
    default: return long
    }
  }

  private var upTo16: UInt64 {
    let count = bytes.count
    let multiplier = Self.k2 &+ UInt64(count) &* 2
    if count >= 8 {
      let a = word(0) &+ Self.k2, b = word(count - 8)
      let c = rotated(b, 37) &* multiplier &+ a
      let d = (rotated(a, 25) &+ b) &* multiplier
      return mixed(c, d, multiplier)
    }
    if count >= 4 { return mixed(UInt64(count) &+ half(0) << 3, half(count - 4), multiplier) }
    guard count > 0 else { return Self.k2 }
    let y = UInt32(bytes[0]) &+ UInt32(bytes[count >> 1]) << 8
    let z = UInt32(count) &+ UInt32(bytes[count - 1]) << 2
    return shifted(UInt64(y) &* Self.k2 ^ UInt64(z) &* Self.k0) &* Self.k2
  }

  private var upTo32: UInt64 {
    let count = bytes.count
    let multiplier = Self.k2 &+ UInt64(count) &* 2
    let a = word(0) &* Self.k1, b = word(8)
    let c = word(count - 8) &* multiplier, d = word(count - 16) &* Self.k2
    return mixed(
      rotated(a &+ b, 43) &+ rotated(c, 30) &+ d, a &+ rotated(b &+ Self.k2, 18) &+ c, multiplier)
  }

  private var upTo64: UInt64 {
    let count = bytes.count
    let multiplier = Self.k2 &+ UInt64(count) &* 2
    let a = word(0) &* Self.k2, b = word(8)
    let c = word(count - 8) &* multiplier, d = word(count - 16) &* Self.k2
    let y = rotated(a &+ b, 43) &+ rotated(c, 30) &+ d
    let z = mixed(y, a &+ rotated(b &+ Self.k2, 18) &+ c, multiplier)
    let e = word(16) &* multiplier, f = word(24)
    let g = (y &+ word(count - 32)) &* multiplier, h = (z &+ word(count - 24)) &* multiplier
    return mixed(
      rotated(e &+ f, 43) &+ rotated(g, 30) &+ h, e &+ rotated(f &+ a, 18) &+ g, multiplier)
  }

  private var long: UInt64 {
    let count = bytes.count, seed: UInt64 = 81
    var x = seed
    var y = seed &* Self.k1 &+ 113
    var z = shifted(y &* Self.k2 &+ 113) &* Self.k2
    var v: (UInt64, UInt64) = (0, 0), w: (UInt64, UInt64) = (0, 0)
    x = x &* Self.k2 &+ word(0)
    let end = (count - 1) / 64 * 64
    let last = count - 64
    var offset = 0
    while offset < end {
      x = rotated(x &+ y &+ v.0 &+ word(offset + 8), 37) &* Self.k1
      y = rotated(y &+ v.1 &+ word(offset + 48), 42) &* Self.k1
      x ^= w.1
      y &+= v.0 &+ word(offset + 40)
      z = rotated(z &+ w.0, 33) &* Self.k1
      v = weak(offset, v.1 &* Self.k1, x &+ w.0)
      w = weak(offset + 32, z &+ w.1, y &+ word(offset + 16))
      swap(&z, &x)
      offset += 64
    }
    let multiplier = Self.k1 &+ (z & 0xff) << 1
    w.0 &+= UInt64((count - 1) & 63)
    v.0 &+= w.0
    w.0 &+= v.0
    x = rotated(x &+ y &+ v.0 &+ word(last + 8), 37) &* multiplier
    y = rotated(y &+ v.1 &+ word(last + 48), 42) &* multiplier
    x ^= w.1 &* 9
    y &+= v.0 &* 9 &+ word(last + 40)
    z = rotated(z &+ w.0, 33) &* multiplier
    v = weak(last, v.1 &* multiplier, x &+ w.0)
    w = weak(last + 32, z &+ w.1, y &+ word(last + 16))
    swap(&z, &x)
    return mixed(
      mixed(v.0, w.0, multiplier) &+ shifted(y) &* Self.k0 &+ z, mixed(v.1, w.1, multiplier) &+ x,
      multiplier)
  }

  /// A weak hash of the 32 bytes at `offset`, with two seeds.
  private func weak(_ offset: Int, _ first: UInt64, _ second: UInt64) -> (UInt64, UInt64) {
    let w = word(offset), x = word(offset + 8), y = word(offset + 16), z = word(offset + 24)
    var a = first &+ w
    var b = rotated(second &+ a &+ z, 21)
    let c = a
    a = a &+ x &+ y
    b = b &+ rotated(a, 44)
    return (a &+ z, b &+ c)
  }

  private func mixed(_ u: UInt64, _ v: UInt64, _ multiplier: UInt64) -> UInt64 {
    var a = (u ^ v) &* multiplier
    a ^= a >> 47
    var b = (v ^ a) &* multiplier
    b ^= b >> 47
    return b &* multiplier
  }
  private func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value >> bits | value << (64 - bits)
  }
  private func shifted(_ value: UInt64) -> UInt64 { value ^ value >> 47 }

  /// One fingerprint of two, in their order.
  static func joined(_ first: UInt64, _ second: UInt64) -> UInt64 {
    let multiplier: UInt64 = 0xc6a4_a793_5bd1_e995
    var result = first ^ multiplier
    let other = second &* multiplier
    result ^= (other ^ other >> 47) &* multiplier
    result &*= multiplier
    result = (result ^ result >> 47) &* multiplier
    return result ^ result >> 47
  }
}
