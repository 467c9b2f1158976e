/// `number` with `digits` digits after the point; never `-0.0`.
func decimal(_ number: Double, _ digits: Int) -> String {
  guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }
  let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
  let scaled = (number.magnitude * scale).rounded()
  guard scaled < 0x1p53 else { return "\(number)" }
  let letters = String(Int(scaled))
  let padded = String(repeating: "0", count: max(digits + 1 - letters.count, 0)) + letters
  let sign = number < 0 && scaled > 0 ? "-" : ""
  return sign + padded.dropLast(digits) + (digits > 0 ? "." + padded.suffix(digits) : "")
}

/// `number` in at most about five letters, for where there is little room.
func compact(_ number: Double) -> String {
  guard number != 0 else { return "0" }
  switch number.magnitude {
  case ..<9.995: return decimal(number, 2)
  case ..<99.95: return decimal(number, 1)
  case ..<99_999.5: return decimal(number, 0)
  case let size where size.isFinite:
    var (rest, exponent) = (size, 0)
    while rest >= 9.5 {
      rest /= 10
      exponent += 1
    }
    return "\(number < 0 ? "-" : "")\(decimal(rest, 0))e\(exponent)"
  default: return decimal(number, 0)
  }
}

/// The digits after the point with which numbers as large as `size` keep three that count.
func digitsAfterPoint(for size: Double) -> Int {
  guard size > 0, size.isFinite else { return 3 }
  var (digits, limit) = (3, 0.1)
  while size < limit, digits < 9 {
    digits += 1
    limit /= 10
  }
  return digits
}

extension String {
  /// The text after as many spaces as make it `width` letters.
  func right(_ width: Int) -> String { String(repeating: " ", count: max(width - count, 0)) + self }
  /// The text before as many spaces as make it `width` letters.
  func left(_ width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }
  /// The text, or its first letters and "…" if it has more than `limit`.
  func shortened(to limit: Int) -> String {
    count <= limit ? self : prefix(max(limit - 1, 0)) + "…"
  }
}
