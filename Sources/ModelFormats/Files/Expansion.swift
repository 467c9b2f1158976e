/// How much compressed bytes may become.
enum Expansion {
  /// Deflate makes at most as many bytes of one.
  static let deflateRatio = 1032

  /// Whether `size` bytes may be made of `compressed` ones.
  ///
  /// The most that deflate makes only arrays of zeros become, which is believed of small ones.
  static func isBelievable(_ size: Int, of compressed: Int) -> Bool {
    size / deflateRatio <= compressed && (size <= 1 << 26 || size / 100 <= compressed)
  }
}
