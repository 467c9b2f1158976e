extension Graph {
  /// The graph of the vector-Jacobian product of this one.
  ///
  /// Its inputs are those of this graph, then the cotangents of the outputs `given`. Its outputs
  /// are the cotangents of the inputs `wanted`, zeros for those nothing given depends on.
  ///
  /// - Throws: the first mistake, such as an operation without a gradient.
  func pullback(along given: [Int], to wanted: [Int]) throws(GraphError) -> Graph {
    let trace = Trace()
    let x = inputs.map { trace.input("x", type($0)) }
    let dy = given.map { trace.input("dy", type(outputs[$0])) }
    let y = trace.inline(self, x)
    let dx = TensorGraph.pullback(of: given.map { y[$0] }, along: dy, to: wanted.map { x[$0] })
    return try trace.graph(
      returning: dx.map { $0.dx ?? trace.constant(0, $0.x.shape, dtype: $0.x.dtype) })
  }
}
