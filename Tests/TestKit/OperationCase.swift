import TensorGraph

/// An operation with operands to try it on. One table of them serves all engines and checks.
public struct OperationCase: Sendable, CustomStringConvertible {
  /// What the elements of an operand are.
  public enum Values: Sendable {
    /// Numbers spread over a range, no two of them close.
    case spread(ClosedRange<Double>)
    /// Random integers in a range.
    case integers(ClosedRange<Int>)
    /// These numbers.
    case numbers([Double])
  }

  /// An operand: its type and its elements.
  public struct Operand: Sendable {
    /// The element type and shape.
    public var type: TensorType
    /// The elements.
    public var values: Values

    /// Floats spread over `range`.
    public static func floats(
      _ shape: Shape, _ range: ClosedRange<Double> = -2...2, dtype: DType = .float32
    ) -> Operand {
      Operand(type: TensorType(dtype, shape), values: .spread(range))
    }
    /// Random integers in `range`.
    public static func integers(
      _ shape: Shape, _ range: ClosedRange<Int>, dtype: DType = .int32
    ) -> Operand {
      Operand(type: TensorType(dtype, shape), values: .integers(range))
    }
    /// Random booleans.
    public static func booleans(_ shape: Shape) -> Operand {
      Operand(type: TensorType(.bool, shape), values: .integers(0...1))
    }
    /// These numbers.
    public static func numbers(
      _ shape: Shape, _ numbers: [Double], dtype: DType = .float32
    ) -> Operand {
      Operand(type: TensorType(dtype, shape), values: .numbers(numbers))
    }
  }

  /// What it is called in reports; unique in the table.
  public var name: String
  /// The operands.
  public var operands: [Operand]
  /// How far an engine's results may lie from the reference's, in the element type.
  public var tolerance: Tolerance
  /// Whether gradients are checked at these operands.
  public var isDifferentiable: Bool
  /// The computation.
  public var function: @Sendable ([Symbol]) -> [Symbol]

  /// Creates a case whose function has one result.
  public init(
    _ name: String, _ operands: [Operand], tolerance: Tolerance = .ulps(4),
    isDifferentiable: Bool = true, function: @escaping @Sendable ([Symbol]) -> Symbol
  ) {
    self.init(
      name, operands, tolerance: tolerance, isDifferentiable: isDifferentiable,
      results: { [function($0)] })
  }

  /// Creates a case whose function has several results.
  public init(
    _ name: String, _ operands: [Operand], tolerance: Tolerance = .ulps(4),
    isDifferentiable: Bool = true, results: @escaping @Sendable ([Symbol]) -> [Symbol]
  ) {
    self.name = name
    self.operands = operands
    self.tolerance = tolerance
    self.isDifferentiable = isDifferentiable
    function = results
  }

  public var description: String { name }

  /// The whole table.
  public static var all: [OperationCase] {
    elementwise + binary + constants + matrices + reductions + shaping + images + indexing + random
      + fused + controlFlow + activations + einsums
  }

  /// The case with operands of `dtype` in place of `float32`; nothing if it has none.
  ///
  /// What a chain of operations in a half type gives depends on where it is rounded, so the results
  /// are only near.
  public func converted(to dtype: DType) -> OperationCase? {
    guard operands.contains(where: { $0.type.dtype == .float32 }) else { return nil }
    var result = self
    result.name += " in \(dtype)"
    result.operands = operands.map { operand in
      var operand = operand
      if operand.type.dtype == .float32 { operand.type.dtype = dtype }
      return operand
    }
    result.tolerance = .ulpsOfLargest(12)
    return result
  }

  /// The elements of the operands, rounded to their types: the same in every run.
  public var inputs: [ReferenceTensor] {
    var generator = SeededGenerator(seed: streamHash(name))
    return operands.map { operand in
      var tensor: ReferenceTensor
      switch operand.values {
      case .spread(let range): tensor = generator.spreadTensor(operand.type.shape, in: range)
      case .integers(let range): tensor = generator.integers(operand.type.shape, in: range)
      case .numbers(let numbers): tensor = ReferenceTensor(operand.type.shape, numbers)
      }
      tensor.numbers = tensor.numbers.map(operand.type.dtype.rounding)
      return tensor
    }
  }

  /// The graph of the function on inputs of the operands' types.
  public func graph() throws(GraphError) -> Graph {
    let trace = Trace()
    return try trace.graph(returning: function(operands.map { trace.input("x", $0.type) }))
  }

  /// The graph of the gradients of Σ results · weights with respect to the floating-point
  /// operands, where the weights are further inputs.
  public func gradientGraph() throws(GraphError) -> Graph {
    let trace = Trace()
    let x = operands.map { trace.input("x", $0.type) }
    let (loss, _) = Self.weightedSum(function(x), in: trace)
    return try trace.graph(
      returning: gradients(of: loss, with: x.filter { $0.dtype.isFloatingPoint }))
  }

  /// Σ symbols · weights over the floating-point ones, and the weights, which are new inputs.
  static func weightedSum(
    _ symbols: [Symbol], in trace: Trace
  ) -> (sum: Symbol, weights: [Symbol]) {
    let symbols = symbols.filter { $0.isValid && $0.dtype.isFloatingPoint }
    let weights = symbols.map { trace.input("weights", $0.type) }
    let products = zip(symbols, weights).map { ($0 * $1).sum() }
    return (products.reduce(trace.constant(0), +), weights)
  }
}
