import TensorGraph

extension Optimizer {
  /// The optimizer as an object of Keras's files.
  package func json() throws(ConfigurationError) -> JSONValue {
    try KerasObject.json(
      self, module: "keras.optimizers", className: className, name: className.snakeCased)
  }
}

/// What an object of a Keras file says, with the hyperparameters of `example` for what it leaves
/// out.
func readOptimizer(
  _ json: JSONValue, _ example: any Optimizer
) throws(ConfigurationError) -> any Optimizer {
  func read<T: Optimizer>(_ example: T) throws(ConfigurationError) -> any Optimizer {
    try KerasObject.decoded(json, over: example, className: example.className)
  }
  return try read(example)
}

/// An optimizer inside another one: in files an object with its class.
public struct InnerOptimizer: Sendable, Codable, Equatable, WrittenAsObject {
  /// The optimizer.
  public var optimizer: any Optimizer

  /// Wraps `optimizer`.
  public init(_ optimizer: any Optimizer) { self.optimizer = optimizer }

  public init(from decoder: any Decoder) throws {
    let json = try JSONValue(from: decoder)
    do {
      optimizer = try knownOptimizers.read(json, decode: readOptimizer).resolved()
    } catch let error as GraphError {
      throw ConfigurationError(error.message, hint: error.hint)
    }
  }

  func json() throws(ConfigurationError) -> JSONValue { try optimizer.json() }
  public func encode(to encoder: any Encoder) throws { try json().encode(to: encoder) }

  public static func == (one: InnerOptimizer, other: InnerOptimizer) -> Bool {
    func equals<T: Optimizer>(_ optimizer: T) -> Bool { other.optimizer as? T == optimizer }
    return equals(one.optimizer)
  }
}
