import TensorGraph

/// Numbers in what a callback remembers.
extension [String: Tensor] {
  /// The whole number called `name`.
  package subscript(int name: String) -> Int? {
    get {
      guard let value = self[name], value.type == TensorType(.int64, []) else { return nil }
      return Int(value.scalars(as: Int64.self)[0])
    }
    set { self[name] = newValue.map { Tensor(Int64($0)) } }
  }

  /// The number called `name`.
  package subscript(number name: String) -> Double? {
    get {
      guard let value = self[name], value.type == TensorType(.float64, []) else { return nil }
      return value.scalars(as: Double.self)[0]
    }
    set { self[name] = newValue.map { Tensor($0) } }
  }
}
