/// An operation defined by simpler ones, for which an engine may have a kernel.
///
/// The definition is all there is to say: types, reference values and gradient follow from it. An
/// engine without a kernel computes `definitionGraph(for:)`; an operation with a better gradient
/// than that of its definition states it.
///
///     struct Twice: FusedOperation {
///       let name = "twice"
///       let operands: [OperandPattern] = ["x […]"]
///       func definition(_ x: [Symbol]) -> [Symbol] { [x[0] + x[0]] }
///     }
public protocol FusedOperation: Operation {
  /// What the operands have to be.
  var operands: [OperandPattern] { get }
  /// The results from operands that fit `operands`.
  func definition(_ x: [Symbol]) -> [Symbol]
}

extension FusedOperation {
  public var fused: (any FusedOperation)? { self }

  public func resultTypes(_ x: [TensorType]) throws(ShapeError) -> [TensorType] {
    try operands.check(x, of: name)
    do throws(GraphError) {
      let graph = try traced(x)
      return graph.outputs.map(graph.type)
    } catch {
      throw ShapeError(error.message, hint: error.hint)
    }
  }

  public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
    definitionGradient(x, dy)
  }

  public func evaluate(_ x: [ReferenceTensor], _ types: [TensorType]) -> [ReferenceTensor] {
    let dtype = types.map(\.dtype).first(where: \.isFloatingPoint) ?? .float64
    let operandTypes = zip(operands, x).map { TensorType($0.dtype ?? dtype, $1.shape) }
    return ReferenceEngine.evaluate(definitionGraph(for: operandTypes), x)
  }

  /// The definition as a graph, for operands of `types`, which have to fit.
  public func definitionGraph(for types: [TensorType]) -> Graph {
    do throws(GraphError) {
      return try traced(types)
    } catch {
      preconditionFailure("\(name) was given operands that do not fit: \(error)")
    }
  }

  /// The gradient of the definition, for operations that state a better one for most cases.
  public func definitionGradient(_ x: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
    guard let trace = x.first?.trace else { return [] }
    let given = dy.indices.filter { dy[$0] != nil }
    let wanted = x.indices.filter { x[$0].dtype.isFloatingPoint }
    do throws(GraphError) {
      let graph = try traced(x.map(\.type)).pullback(along: given, to: wanted)
      var dx = [Symbol?](repeating: nil, count: x.count)
      for (index, symbol) in zip(wanted, trace.inline(graph, x + dy.compactMap(\.self))) {
        dx[index] = symbol
      }
      return dx
    } catch {
      trace.report([error])
      return x.map { _ in nil }
    }
  }

  private func traced(_ types: [TensorType]) throws(GraphError) -> Graph {
    let trace = Trace()
    let x = zip(operands, types).map { trace.input($0.description, $1) }
    return try trace.graph(returning: definition(x))
  }
}

/// The namespace of the fused operations; what a layer is called, its operation is called too.
public enum Fused {}
