/// A primitive of the graph: all there is to know about it, in one place.
///
/// A conforming type is a small value whose stored properties are the attributes. Two equal
/// operations on the same operands compute the same result.
public protocol Operation: Sendable, Hashable {
  /// What the graph prints.
  var name: String { get }
  /// The types of the results, or why the operands do not fit.
  func resultTypes(_ x: [TensorType]) throws(ShapeError) -> [TensorType]
  /// The vector-Jacobian product: cotangents of `x` given cotangents `dy` of the results `y`.
  ///
  /// A result nothing depends on has no cotangent. A cotangent may have the shape its operand
  /// broadcasts to: the driver sums it back.
  func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?]
  /// The results computed in `Double`: slow, obvious, and what every engine is tested against.
  func evaluate(_ x: [ReferenceTensor], _ types: [TensorType]) -> [ReferenceTensor]
  /// Itself, if it is defined by simpler operations.
  var fused: (any FusedOperation)? { get }
}

/// An operation with one result.
public protocol SingleResultOperation: Operation {
  /// The type of the result, or why the operands do not fit.
  func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType
  /// The cotangents of `x` given the cotangent `dy` of the result `y`.
  func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?]
  /// The result, computed in `Double`.
  func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor
}

extension SingleResultOperation {
  public func resultTypes(_ x: [TensorType]) throws(ShapeError) -> [TensorType] {
    [try resultType(x)]
  }
  public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
    guard let dy = dy[0] else { return x.map { _ in nil } }
    return gradient(x, y[0], dy)
  }
  public func evaluate(_ x: [ReferenceTensor], _ types: [TensorType]) -> [ReferenceTensor] {
    [evaluate(x, types[0])]
  }
}

extension Operation {
  public var fused: (any FusedOperation)? { nil }

  /// Whether `other` is the same operation with the same attributes.
  package func isEqual(to other: any Operation) -> Bool { (other as? Self) == self }

  /// Adds what `isEqual(to:)` compares to a hash.
  ///
  /// `AnyHashable` would look for a conformance of each type that it meets first, through all there
  /// are in the program: a third of a millisecond each.
  func hashWithType(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(Self.self))
    hash(into: &hasher)
  }
}
