/// Numbers as people and programs write them in tables.
enum CSVNumber {
  /// The number at `index`, which moves behind it; nothing where there is none, or one with more
  /// digits than the short way is exact for.
  @inline(__always)
  static func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Float? {
    var at = index
    let end = bytes.count
    guard at < end else { return nil }
    let isNegative = bytes[at] == UInt8(ascii: "-")
    if isNegative || bytes[at] == UInt8(ascii: "+") { at += 1 }
    var mantissa: UInt64 = 0
    let first = at
    while at < end, case let digit = bytes[at] &- UInt8(ascii: "0"), digit < 10 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      at += 1
    }
    var digits = at - first
    var exponent = 0
    if at < end, bytes[at] == UInt8(ascii: ".") {
      at += 1
      let point = at
      while at < end, case let digit = bytes[at] &- UInt8(ascii: "0"), digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        at += 1
      }
      exponent = point - at
      digits -= exponent
    }
    guard digits > 0, digits <= 19 else { return nil }
    if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      guard at < end else { return nil }
      let isSmall = bytes[at] == UInt8(ascii: "-")
      if isSmall || bytes[at] == UInt8(ascii: "+") { at += 1 }
      var power = 0
      let first = at
      while at < end, case let digit = bytes[at] &- UInt8(ascii: "0"), digit < 10, power < 1000 {
        power = power * 10 + Int(digit)
        at += 1
      }
      guard at > first else { return nil }
      exponent += isSmall ? -power : power
    }
    // Both factors are exact, so the result is the nearest Double (Clinger 1990).
    guard mantissa <= 1 << 53, exponent.magnitude <= 22 else { return nil }
    let power = powersOfTen[Int(exponent.magnitude)]
    let number = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
    index = at
    return Float(isNegative ? -number : number)
  }

  /// The number that `text` is as a whole, however long.
  static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
    guard text.count <= 1100, let first = text.first else { return nil }
    let isNumeral = text.allSatisfy { byte in
      byte &- UInt8(ascii: "0") < 10 || "+-.eE".utf8.contains(byte)
    }
    let string = String(decoding: text, as: UTF8.self)
    let isInfinity = ["inf", "infinity"].contains(
      (first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
        ? String(string.dropFirst()) : string).lowercased())
    return isNumeral || isInfinity ? Double(string).map { Float($0) } : nil
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]
}
