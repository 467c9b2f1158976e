/// What an operation expects of an operand, written as in its documentation.
///
///     let labels: OperandPattern = "labels int32 [rows]"
///     let kernel: OperandPattern = "kernel [units, 4·units]"
///     let mask: OperandPattern = "mask bool […]"
///
/// One word means one size throughout the operands of an operation. Operands without an element
/// type are floating-point numbers of one type; `[…]` is any shape.
public struct OperandPattern: Sendable, Hashable, ExpressibleByStringLiteral {
  /// A multiple of a named size.
  struct Axis: Hashable {
    var factor = 1
    var name: String
  }
  /// As it was written.
  public let description: String
  /// The element type, if it is not floating-point.
  let dtype: DType?
  /// The axes, or nothing for any shape.
  let axes: [Axis]?

  /// Reads a pattern; one that cannot be read is a mistake in this program.
  public init(stringLiteral text: String) {
    description = text
    let parts = text.split(separator: "[")
    precondition(parts.count == 2 && text.hasSuffix("]"), "‘\(text)’ is no pattern")
    let words = parts[0].split(separator: " ")
    dtype = words.count > 1 ? DType(rawValue: String(words[1])) : nil
    let list = parts[1].dropLast()
    axes =
      list == "…"
      ? nil
      : list.split(separator: ",").map { axis in
        let factors = axis.filter { $0 != " " }.split(separator: "·").map(String.init)
        guard factors.count == 2, let factor = Int(factors[0]) else {
          return Axis(name: factors[0])
        }
        return Axis(factor: factor, name: factors[1])
      }
  }
}

extension [OperandPattern] {
  /// Checks that operands of `types` fit the patterns.
  func check(_ types: [TensorType], of operation: String) throws(ShapeError) {
    func mistake(_ reason: String) -> ShapeError {
      ShapeError(
        "\(operation) expects " + map(\.description).joined(separator: ", "), hint: reason)
    }
    guard types.count == count else { throw mistake("it takes \(count) operands") }
    var sizes: [String: Int] = [:], dtype: DType?
    for (pattern, type) in zip(self, types) {
      let expected = pattern.dtype ?? dtype ?? (type.dtype.isFloatingPoint ? type.dtype : .float32)
      guard type.dtype == expected else {
        throw mistake("\(type) should have elements of type \(expected.rawValue): cast it")
      }
      if pattern.dtype == nil { dtype = expected }
      guard let axes = pattern.axes else { continue }
      guard axes.count == type.shape.rank else {
        throw mistake("\(type) should be \(pattern.description)")
      }
      for (axis, size) in zip(axes, type.shape.dims) {
        let unit = size / axis.factor
        guard size % axis.factor == 0, sizes[axis.name, default: unit] == unit else {
          throw mistake("\(type) should be \(pattern.description)")
        }
        sizes[axis.name] = unit
      }
    }
  }
}
