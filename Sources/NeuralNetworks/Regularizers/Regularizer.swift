import TensorGraph

/// A penalty on the size of a weight, or of what a layer gives, that is added to the loss.
///
///     Dense(64, options: [.kernelRegularizer(.l2(1e-4))])
public enum Regularizer: Sendable, Hashable {
  /// `l1 · Σ |x|`: it makes weights sparse.
  case l1(_ l1: Double = 0.01)
  /// `l2 · Σ x²`: it keeps weights small.
  case l2(_ l2: Double = 0.01)
  /// `l1 · Σ |x| + l2 · Σ x²`
  case l1l2(l1: Double = 0, l2: Double = 0)
  /// `factor` times the mean of `|aᵀb|` over the pairs of different rows, or columns, of a matrix,
  /// each with length 1: it turns them away from each other.
  case orthogonal(factor: Double = 0.01, mode: Mode = .rows)

  /// What an orthogonal regularizer compares.
  public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
    case rows, columns
  }

  /// The penalty for `x`, a scalar.
  public func callAsFunction(_ x: Symbol) -> Symbol {
    switch self {
    case .l1(let factor): return factor * abs(x).sum()
    case .l2(let factor): return factor * square(x).sum()
    case .l1l2(let l1, let l2): return l1 * abs(x).sum() + l2 * square(x).sum()
    case .orthogonal(let factor, let mode):
      guard x.shape.rank == 2 else {
        return x.trace.fail(
          "an orthogonal regularizer needs a matrix", operands: [x.type],
          hint: "use .l2(…) for weights with other than 2 axes")
      }
      let unit = unitVectors(mode == .rows ? x : x.transposed(), axis: 1)
      let count = unit.shape[0]
      let products = matmul(unit, unit.transposed())
      let square: Shape = [count, count]
      let differ = x.trace.iota(square, axis: 0) .!= x.trace.iota(square, axis: 1)
      let sum = select(differ, abs(products), 0).sum()
      return factor * 0.5 * sum / max(Double(count) * Double(count - 1) / 2, 1)
    }
  }

  /// What is wrong with the factors, if anything is.
  var mistake: String? {
    let factors =
      switch self {
      case .l1(let l1): [l1]
      case .l2(let l2): [l2]
      case .l1l2(let l1, let l2): [l1, l2]
      case .orthogonal(let factor, _): [factor]
      }
    return factors.first { !($0.isFinite && $0 >= 0) }.map {
      "the factor of a regularizer is at least 0, not \($0)"
    }
  }
}

/// `x` divided by its length along `axis`; vectors of almost no length keep theirs.
func unitVectors(_ x: Symbol, axis: Int) -> Symbol {
  // In float32: a square of a small number is 0 in float16.
  let wide = x.dtype.isHalf ? x.cast(to: .float32) : x
  let squares = square(wide).sum(axes: [axis], keepDims: true)
  return (wide * rsqrt(maximum(squares, 1e-14))).cast(to: x.dtype)
}

/// A regularizer in a file is Keras's object, or one of its strings: `"l2"`.
extension Regularizer: Codable {
  private static let names = ["L1", "L2", "L1L2", "OrthogonalRegularizer"]

  public init(from decoder: any Decoder) throws {
    let object = try SerializedObject(from: decoder)
    if object.isNamed("L1") {
      try object.allow(only: ["l1"])
      self = .l1(try object.number("l1", 0.01))
    } else if object.isNamed("L2") {
      try object.allow(only: ["l2"])
      self = .l2(try object.number("l2", 0.01))
    } else if object.isNamed("L1L2") {
      try object.allow(only: ["l1", "l2"])
      self = .l1l2(l1: try object.number("l1", 0), l2: try object.number("l2", 0))
    } else if object.isNamed("OrthogonalRegularizer") {
      try object.allow(only: ["factor", "mode"])
      self = .orthogonal(
        factor: try object.number("factor", 0.01), mode: try object.choice("mode", .rows))
    } else {
      throw object.unknown("regularizer", in: Self.names)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    let (name, config): (String, [String: JSONValue]) =
      switch self {
      case .l1(let l1): ("L1", ["l1": .number(l1)])
      case .l2(let l2): ("L2", ["l2": .number(l2)])
      case .l1l2(let l1, let l2): ("L1L2", ["l1": .number(l1), "l2": .number(l2)])
      case .orthogonal(let factor, let mode):
        ("OrthogonalRegularizer", ["factor": .number(factor), "mode": .string(mode.rawValue)])
      }
    try SerializedObject(module: "keras.regularizers", className: name, config: config)
      .encode(to: encoder)
  }
}
