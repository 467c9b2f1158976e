import NeuralNetworks
import TensorGraph

/// Operators on each element alone. Operands need not be stored with all of their sizes.
extension ExportScope {
  /// An operator whose operands broadcast.
  func elementwise(
    _ type: String, _ x: [ExportValue], as dtype: DType? = nil,
    _ attributes: [String: ExportAttribute] = [:]
  ) -> ExportValue {
    let stored = x.reduce([]) { $0.broadcast(with: $1.stored) }
    let sizes = x.reduce([]) { $0.broadcast(with: $1.sizes) }
    var y = one(type, x, attributes, ExportType(dtype ?? x[0].dtype, stored))
    y.sizes = sizes
    return y
  }

  /// An arithmetic operator, for the types that runtimes have it for.
  func arithmetic(_ type: String, _ x: ExportValue...) -> ExportValue {
    let dtype = x[0].dtype
    switch dtype {
    case .int8, .uint8, .bool:
      return cast(elementwise(type, x.map { cast($0, .int32) }), dtype)
    default: return elementwise(type, x)
    }
  }

  func add(_ a: ExportValue, _ b: ExportValue) -> ExportValue { arithmetic("Add", a, b) }
  func subtract(_ a: ExportValue, _ b: ExportValue) -> ExportValue { arithmetic("Sub", a, b) }
  func multiply(_ a: ExportValue, _ b: ExportValue) -> ExportValue { arithmetic("Mul", a, b) }
  func divide(_ a: ExportValue, _ b: ExportValue) -> ExportValue { arithmetic("Div", a, b) }
  func add(_ a: ExportValue, _ b: Double) -> ExportValue { add(a, scalar(b, a.dtype)) }
  func multiply(_ a: ExportValue, _ b: Double) -> ExportValue { multiply(a, scalar(b, a.dtype)) }

  /// A comparison.
  func compare(_ type: String, _ a: ExportValue, _ b: ExportValue) -> ExportValue {
    let isNarrow = [.int8, .uint8].contains(a.dtype) || (a.dtype == .bool && type != "Equal")
    let x = isNarrow ? [cast(a, .int32), cast(b, .int32)] : [a, b]
    return elementwise(type, x, as: .bool)
  }
  func compare(_ type: String, _ a: ExportValue, _ b: Double) -> ExportValue {
    compare(type, a, scalar(b, a.dtype))
  }

  /// `a` where the condition holds, else `b`.
  func choose(_ condition: ExportValue, _ a: ExportValue, _ b: ExportValue) -> ExportValue {
    switch a.dtype {
    case .bool:
      let not = elementwise("Not", [condition])
      return elementwise(
        "Or", [elementwise("And", [condition, a]), elementwise("And", [not, b])])
    case .int8:
      return cast(choose(condition, cast(a, .int32), cast(b, .int32)), .int8)
    default: return elementwise("Where", [condition, a, b], as: a.dtype)
    }
  }

  /// A reduction over `axes`.
  func reduce(
    _ type: String, _ x: ExportValue, _ axes: [Int], keepDims: Bool = true
  ) throws -> ExportValue {
    var sizes = x.sizes
    for axis in axes { sizes[axis] = .fixed(1) }
    if !keepDims {
      sizes = sizes.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
    }
    return one(
      type, [try expanded(x), ints(axes)], ["keepdims": .int(keepDims ? 1 : 0)],
      ExportType(x.dtype, sizes))
  }
}
