import TensorGraph

/// A value, or the name Keras gives it: `.adam(learningRate: 0.01)` or `"adam"`.
public enum Choice<Value: Sendable>: Sendable, ExpressibleByStringLiteral {
  /// A name that is looked up when the model is compiled.
  case named(String)
  /// The value itself.
  case value(Value)

  public init(stringLiteral name: String) { self = .named(name) }
  /// The choice of `value`.
  public init(_ value: Value) { self = .value(value) }
}

/// An optimizer or its name.
public typealias OptimizerChoice = Choice<any Optimizer>
/// A loss or its name.
public typealias LossChoice = Choice<any Loss>
/// A metric or its name.
public typealias MetricChoice = Choice<any Metric>

/// The values that strings and files can name.
package struct KnownValues<Value: Sendable>: Sendable {
  /// What they are, such as `optimizer`.
  let kind: String
  /// Each value with its names; the first is its own, the others are aliases.
  package let entries: [(names: [String], value: Value)]

  /// All names.
  var names: [String] { entries.flatMap(\.names) }

  /// The value called `name`; letters' case is ignored.
  func callAsFunction(_ name: String) throws(GraphError) -> Value {
    let wanted = name.lowercased()
    for entry in entries where entry.names.contains(where: { $0.lowercased() == wanted }) {
      return entry.value
    }
    throw GraphError("there is no \(kind) \(name)", hint: spellingHint(name, in: names))
  }
}
