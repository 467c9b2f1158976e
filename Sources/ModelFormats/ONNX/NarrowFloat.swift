import Glibc

/// A floating-point type of at most 8 bits: sign, exponent, mantissa.
///
/// References: [FP8 formats](https://arxiv.org/abs/2209.05433),
/// [8-bit formats without negative zero](https://arxiv.org/abs/2206.02915),
/// [OCP microscaling formats](https://www.opencompute.org/documents/ocp-microscaling-formats-mx-v1-0-spec-final-pdf).
package struct NarrowFloat: Sendable {
  let exponentBits: Int
  let mantissaBits: Int
  let bias: Int
  /// Whether the code of −0 is NaN and there are no other NaN and no infinities.
  let isUnsignedZero: Bool
  /// Whether the largest exponent is that of infinity and NaN, as in IEEE 754.
  let hasInfinity: Bool
  /// Whether the largest code is NaN.
  let hasNaN: Bool
  /// Whether there is a sign and a zero; `float8e8m0` is a power of two.
  let isPower: Bool

  /// The type called `type`.
  package init(_ type: ONNXType) {
    (exponentBits, mantissaBits, bias) =
      switch type {
      case .float8e5m2: (5, 2, 15)
      case .float8e5m2fnuz: (5, 2, 16)
      case .float8e4m3fnuz: (4, 3, 8)
      case .float4e2m1: (2, 1, 1)
      case .float8e8m0: (8, 0, 127)
      default: (4, 3, 7)
      }
    isUnsignedZero = type == .float8e4m3fnuz || type == .float8e5m2fnuz
    hasInfinity = type == .float8e5m2
    hasNaN = type != .float4e2m1
    isPower = type == .float8e8m0
  }

  /// The number of the code.
  package func number(of code: Int) -> Float {
    if isPower { return code == 255 ? .nan : Float(pow(2, Double(code - bias))) }
    let signBit = 1 << (exponentBits + mantissaBits)
    let sign: Float = code & signBit != 0 ? -1 : 1
    let magnitude = code & (signBit - 1)
    if isUnsignedZero, code == signBit { return .nan }
    let exponent = magnitude >> mantissaBits, mantissa = magnitude & (1 << mantissaBits - 1)
    if hasInfinity, exponent == 1 << exponentBits - 1 {
      return mantissa == 0 ? sign * .infinity : .nan
    }
    if hasNaN, !hasInfinity, !isUnsignedZero, magnitude == signBit - 1 { return .nan }
    let scale = Double(1 << mantissaBits)
    let value =
      exponent == 0
      ? Double(mantissa) / scale * pow(2, Double(1 - bias))
      : (1 + Double(mantissa) / scale) * pow(2, Double(exponent - bias))
    return sign * Float(value)
  }

  /// The code of the number.
  package func code(of number: Float) -> Int {
    (0..<1 << (isPower ? 8 : 1 + exponentBits + mantissaBits)).first { code in
      let other = self.number(of: code)
      return other.isNaN && number.isNaN || other == number && other.sign == number.sign
    } ?? 0
  }

  /// The largest finite number.
  package var largest: Float {
    (0..<(isPower ? 255 : 1 << (exponentBits + mantissaBits))).lazy.map { number(of: $0) }
      .filter(\.isFinite).max() ?? 0
  }
}
