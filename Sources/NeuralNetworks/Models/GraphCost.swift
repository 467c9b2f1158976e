import TensorGraph

/// What a run of a graph costs.
package struct GraphCost {
  /// Floating-point operations: a multiplication and an addition are two.
  package var flops: Int { Self.rounded(operations) }
  /// The memory of all results, in bytes.
  package var byteCount: Int { Self.rounded(bytes) }
  /// Whether there is a loop that ends when a number says so, perhaps never.
  package private(set) var hasOpenEnd = false
  // Sizes out of a file may be such that no product of them is an Int.
  private var operations = 0.0, bytes = 0.0

  /// Counts the operations of `graph`.
  ///
  /// A matrix product of m × k by k × n has 2 · m · n · k, a convolution as many as the products
  /// of its window, an elementwise operation one for each element, a reduction one for each
  /// element it reads. Moving numbers is free. A loop with an open end counts once.
  package init(_ graph: Graph) {
    for node in graph.nodes {
      let results = node.types.reduce(0) { $0 + Self.count($1.shape) }
      if !node.inputs.isEmpty {
        bytes += node.types.reduce(0) { sum, type in
          // Strings have one offset more.
          let items = Self.count(type.shape) + (type.dtype == .string ? 1 : 0)
          return sum + items * Double(type.dtype.byteCount)
        }
      }
      let operands = node.inputs.map(graph.type)
      switch node.operation {
      case let product as MatMul:
        operations += 2 * results * Double(product.sizes(operands[0].shape, operands[1].shape).k)
      case is Convolution:
        let kernel = operands[1].shape
        operations += 2 * results * Self.count(kernel) / Double(max(kernel[-1], 1))
      case is Unary, is Binary, is Select: operations += results
      case is Reduction, is ArgReduction, is MaxPooling, is AveragePooling, is CumulativeSum:
        operations += Self.count(operands[0].shape)
      case let scan as Scan: add(GraphCost(scan.body), times: Double(scan.length))
      case let loop as While:
        add(GraphCost(loop.body))
        hasOpenEnd = true
      case let choice as Cond:
        let sides = [GraphCost(choice.then), GraphCost(choice.otherwise)]
        let (cheap, dear) = sides[0].operations < sides[1].operations ? (0, 1) : (1, 0)
        add(sides[dear])
        hasOpenEnd = hasOpenEnd || sides[cheap].hasOpenEnd
      default:
        guard let fused = node.operation.fused else { break }
        add(GraphCost(fused.definitionGraph(for: operands)))
      }
    }
  }

  /// Adds the operations of a graph in this one.
  private mutating func add(_ inner: GraphCost, times: Double = 1) {
    operations += times * inner.operations
    hasOpenEnd = hasOpenEnd || inner.hasOpenEnd
  }

  private static func count(_ shape: Shape) -> Double { shape.dims.reduce(1) { $0 * Double($1) } }

  private static func rounded(_ number: Double) -> Int { Int(min(number, 0x1p62)) }
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
