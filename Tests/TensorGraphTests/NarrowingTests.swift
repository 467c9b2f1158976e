import TensorGraph
import Testing

@Suite("A graph with operations between casts from and to a half type")
struct NarrowingTests {
  /// A normalization of what was cast, with its gradient; `isKept` returns it unrounded too.
  private func graph(_ shape: Shape, isKept: Bool) throws -> Graph {
    let trace = Trace()
    let gamma = trace.variable("gamma", TensorType(.float32, [3]))
    let beta = trace.variable("beta", TensorType(.float32, [3]))
    let x = trace.input("x", TensorType(.bfloat16, shape))
    let y = batchNormalization(x.cast(to: .float32), gamma: gamma, beta: beta).y
    let half = y.cast(to: .bfloat16)
    let dx = gradients(of: square(half).cast(to: .float32).sum(), with: [x, gamma])
    return try trace.graph(
      returning: [half, dx[0]] + (isKept ? [y] : []), updating: [(gamma, dx[1])])
  }

  private func narrowed(_ graph: Graph) -> Graph? {
    graph.simplified().narrowed(to: .bfloat16) { operation in
      switch operation {
      case is Fused.BatchNormalization: [0]
      case is Fused.BatchNormalizationGradient: [0, 1]
      default: nil
      }
    }?.simplified()
  }

  private func type(_ graph: Graph, of operation: any TensorGraph.Operation.Type) throws -> DType {
    try #require(graph.nodes.first { Swift.type(of: $0.operation) == operation }).types[0].dtype
  }

  @Test("takes and gives it", arguments: [[20, 3], [4, 5, 3]] as [Shape])
  func narrow(_ shape: Shape) throws {
    let result = try #require(narrowed(graph(shape, isKept: false)))
    #expect(try type(result, of: Fused.BatchNormalization.self) == .bfloat16)
    #expect(try type(result, of: Fused.BatchNormalizationGradient.self) == .bfloat16)
    for node in result.nodes where node.operation is any FusedOperation {
      #expect(node.types.dropFirst().allSatisfy { $0.dtype == .float32 })
    }
    #expect(
      result.outputs.map { result.type($0) }
        == Array(repeating: TensorType(.bfloat16, shape), count: 2))
    // What is left of the casts is that of the sum that was differentiated, if anything.
    let normalizations = result.nodes.filter { $0.operation is any FusedOperation }
    for input in normalizations.flatMap(\.inputs) {
      #expect(!(result.nodes[input.node].operation is Cast))
    }
  }

  @Test(
    "keeps its precision where that is asked for", arguments: [[20, 3], [4, 5, 3]] as [Shape])
  func kept(_ shape: Shape) throws {
    let result = try #require(narrowed(graph(shape, isKept: true)))
    #expect(try type(result, of: Fused.BatchNormalization.self) == .float32)
    #expect(try type(result, of: Fused.BatchNormalizationGradient.self) == .bfloat16)
    #expect(result.type(result.outputs[2]) == TensorType(.float32, shape))
  }

  @Test("is left alone without casts")
  func plain() throws {
    let trace = Trace()
    let gamma = trace.variable("gamma", TensorType(.float32, [3]))
    let x = trace.input("x", TensorType(.float32, [20, 3]))
    let y = batchNormalization(x, gamma: gamma, beta: gamma).y.cast(to: .bfloat16)
    #expect(narrowed(try trace.graph(returning: [y])) == nil)
  }
}
