import TensorGraph

/// What a weight is held to: after each step it is moved to the nearest value that fits.
///
///     Dense(64, options: [.kernelConstraint(.maxNorm(2))])
///
/// Norms are taken along `axis`: for a kernel `[features, units]` and axis 0, the norm of the
/// weights that lead into one unit.
public enum Constraint: Sendable, Hashable {
  /// Norms of at most `maxValue`.
  case maxNorm(_ maxValue: Double = 2, axis: OneOrMany<Int> = 0)
  /// Norms from `minValue` to `maxValue`; a step goes the share `rate` of the way there.
  case minMaxNorm(
    minValue: Double = 0, maxValue: Double = 1, rate: Double = 1, axis: OneOrMany<Int> = 0)
  /// No element below 0.
  case nonNeg
  /// Norms of 1.
  case unitNorm(axis: OneOrMany<Int> = 0)

  /// The value nearest to `w` that fits.
  public func callAsFunction(_ w: Symbol) -> Symbol {
    func norms(_ axis: OneOrMany<Int>) -> Symbol {
      sqrt(square(w).sum(axes: axis.values, keepDims: true))
    }
    let epsilon = 1e-7  // Keras's
    guard !w.dtype.isHalf else { return self(w.cast(to: .float32)).cast(to: w.dtype) }
    switch self {
    case .nonNeg: return maximum(w, 0)
    case .unitNorm(let axis): return w / (norms(axis) + epsilon)
    case .maxNorm(let limit, let axis):
      let norms = norms(axis)
      return w * (minimum(norms, limit) / (norms + epsilon))
    case .minMaxNorm(let low, let high, let rate, let axis):
      let norms = norms(axis)
      let wanted = rate * minimum(maximum(norms, low), high) + (1 - rate) * norms
      return w * (wanted / (norms + epsilon))
    }
  }
}

extension Constraint {
  /// Why a weight of `shape` cannot be held to this, or nothing.
  func mistake(for shape: Shape) -> String? {
    let axes: [Int]
    switch self {
    case .nonNeg: return nil
    case .unitNorm(let axis): axes = axis.values
    case .maxNorm(let limit, let axis):
      guard limit >= 0 else { return "a norm is at least 0, not \(limit)" }
      axes = axis.values
    case .minMaxNorm(let low, let high, let rate, let axis):
      guard low >= 0, high >= low else {
        return "a norm is at least 0 and in order, not from \(low) to \(high)"
      }
      guard (0...1).contains(rate) else { return "a rate is from 0 to 1, not \(rate)" }
      axes = axis.values
    }
    guard let missing = axes.first(where: { shape.axis($0) == nil }) else {
      return Set(axes.compactMap(shape.axis)).count == axes.count && !axes.isEmpty
        ? nil : "norms are taken along axes that differ, not \(axes)"
    }
    return "\(shape) has no axis \(missing)"
  }
}

/// A constraint in a file is Keras's object, or one of its strings: `"non_neg"`.
extension Constraint: Codable {
  private static let names = ["MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"]

  public init(from decoder: any Decoder) throws {
    let object = try SerializedObject(from: decoder)
    let axis = OneOrMany<Int>(try object.integers("axis", [0]) as [Int])
    if object.isNamed("MaxNorm") {
      try object.allow(only: ["max_value", "axis"])
      self = .maxNorm(try object.number("max_value", 2), axis: axis)
    } else if object.isNamed("MinMaxNorm") {
      try object.allow(only: ["min_value", "max_value", "rate", "axis"])
      self = .minMaxNorm(
        minValue: try object.number("min_value", 0), maxValue: try object.number("max_value", 1),
        rate: try object.number("rate", 1), axis: axis)
    } else if object.isNamed("NonNeg") {
      try object.allow(only: [])
      self = .nonNeg
    } else if object.isNamed("UnitNorm") {
      try object.allow(only: ["axis"])
      self = .unitNorm(axis: axis)
    } else {
      throw object.unknown("constraint", in: Self.names)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    func json(_ axis: OneOrMany<Int>) -> JSONValue {
      axis.values.count == 1 ? .int(axis.values[0]) : .array(axis.values.map(JSONValue.int))
    }
    let (name, config): (String, [String: JSONValue]) =
      switch self {
      case .maxNorm(let limit, let axis):
        ("MaxNorm", ["max_value": .number(limit), "axis": json(axis)])
      case .minMaxNorm(let low, let high, let rate, let axis):
        (
          "MinMaxNorm",
          [
            "min_value": .number(low), "max_value": .number(high), "rate": .number(rate),
            "axis": json(axis),
          ]
        )
      case .nonNeg: ("NonNeg", [:])
      case .unitNorm(let axis): ("UnitNorm", ["axis": json(axis)])
      }
    try SerializedObject(module: "keras.constraints", className: name, config: config)
      .encode(to: encoder)
  }
}
