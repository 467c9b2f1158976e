import TensorGraph

/// What a run of a graph costs.
struct GraphCost {
  /// Floating-point operations: a multiplication and an addition are two.
  var flops = 0
  /// The memory of all results, in bytes.
  var byteCount = 0

  /// Counts the operations of `graph`.
  ///
  /// A matrix product of m × k by k × n has 2 · m · n · k, a convolution as many as the products
  /// of its window, an elementwise operation one for each element, a reduction one for each
  /// element it reads. Moving numbers is free. A loop with an open end counts once.
  init(_ graph: Graph) {
    for node in graph.nodes {
      let results = node.types.reduce(0) { $0 + $1.shape.count }
      if !node.inputs.isEmpty { byteCount += node.types.reduce(0) { $0 + $1.byteCount } }
      let operands = node.inputs.map(graph.type)
      switch node.operation {
      case let product as MatMul:
        flops += 2 * results * product.sizes(operands[0].shape, operands[1].shape).k
      case is Convolution:
        let kernel = operands[1].shape
        flops += 2 * results * (kernel.count / max(kernel[-1], 1))
      case is Unary, is Binary, is Select: flops += results
      case is Reduction, is ArgReduction, is MaxPooling, is AveragePooling, is CumulativeSum:
        flops += operands[0].shape.count
      case let scan as Scan: flops += scan.length * GraphCost(scan.body).flops
      case let loop as While: flops += GraphCost(loop.body).flops
      case let choice as Cond:
        flops += max(GraphCost(choice.then).flops, GraphCost(choice.otherwise).flops)
      case let fused as any FusedOperation:
        flops += GraphCost(fused.definitionGraph(for: operands)).flops
      default: break
      }
    }
  }
}

extension Model {
  /// What a prediction for one sample costs; open sizes are small ones that the network takes.
  func costPerSample() -> (flops: Int, byteCount: Int) {
    for open in [16, 60, 256] {
      let types = inputs.map { $0.type(batch: 1, open: open) }
      if let graph = try? predictionGraph(types) {
        let cost = GraphCost(graph)
        let samples = inputs.first?.batchSize ?? 1
        return (cost.flops / samples, cost.byteCount / samples)
      }
    }
    return (0, 0)
  }
}
