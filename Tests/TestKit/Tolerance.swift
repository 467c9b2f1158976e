import TensorGraph

/// How far computed numbers may lie from the exact ones.
public struct Tolerance: Sendable, Hashable {
  /// The allowed error, in units of the last place of the element type.
  public var ulps: Double
  /// Whether a unit is that of the largest number of the tensor, as for sums of many terms, and
  /// not that of each number.
  public var isOfLargest: Bool

  /// Each number may be off by this many units in its last place.
  public static func ulps(_ count: Double) -> Tolerance {
    Tolerance(ulps: count, isOfLargest: false)
  }
  /// Each number may be off by this many units in the last place of the largest of the tensor.
  public static func ulpsOfLargest(_ count: Double) -> Tolerance {
    Tolerance(ulps: count, isOfLargest: true)
  }
  /// The numbers are equal once rounded to the element type.
  public static let exact = ulps(0)

  /// Throws a readable description of the worst difference unless `tensor` is close to
  /// `expected`. Integers and booleans are equal, infinities are equal, and NaN is NaN.
  public func check(
    _ tensor: ReferenceTensor, _ expected: ReferenceTensor, dtype: DType, name: String = "result"
  ) throws(Mismatch) {
    guard tensor.shape == expected.shape else {
      throw Mismatch("\(name) has shape \(tensor.shape), expected \(expected.shape)")
    }
    let rounded = expected.numbers.map(dtype.rounding)
    let largest = rounded.filter(\.isFinite).map(\.magnitude).max() ?? 0
    var (wrong, worst, worstError) = (0, 0, -1.0)
    for (index, (a, b)) in zip(tensor.numbers, rounded).enumerated() {
      if a == b || (a.isNaN && b.isNaN) { continue }
      let unit = dtype.unit(at: isOfLargest ? largest : b.magnitude)
      let error =
        a.isFinite && b.isFinite ? (a - expected.numbers[index]).magnitude / unit : .infinity
      // Half a unit is the rounding of a perfect result.
      guard error.isNaN || error > ulps + (ulps > 0 ? 0.5 : 0) else { continue }
      wrong += 1
      if error > worstError { (worst, worstError) = (index, error) }
    }
    guard wrong > 0 else { return }
    let strides = expected.shape.strides
    let place = zip(expected.shape.dims, strides).map { String(worst / $1 % $0) }
      .joined(separator: ", ")
    throw Mismatch(
      "\(name)[\(place)] is \(tensor.numbers[worst]), expected \(expected.numbers[worst]): "
        + "\(worstError) units off, allowed \(ulps); \(wrong) of \(rounded.count) elements differ")
  }
}

extension DType {
  /// The distance from `magnitude` to the next larger number of this type; 0 for integers, so
  /// that any difference is too large.
  func unit(at magnitude: Double) -> Double {
    let (fractionBits, leastExponent): (Int, Int)
    switch self {
    case .float64: (fractionBits, leastExponent) = (52, -1022)
    case .float32: (fractionBits, leastExponent) = (23, -126)
    case .bfloat16: (fractionBits, leastExponent) = (7, -126)
    case .float16: (fractionBits, leastExponent) = (10, -14)
    default: return 0
    }
    let exponent = magnitude.isNormal ? Int(magnitude.exponent) : leastExponent
    return Double(
      sign: .plus, exponent: max(exponent, leastExponent) - fractionBits, significand: 1)
  }
}
