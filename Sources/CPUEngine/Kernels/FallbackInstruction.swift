import TensorGraph

/// An operation without a kernel, computed by its reference.
final class FallbackInstruction: Instruction {
  private let operation: any TensorGraph.Operation
  private let inputs: [View], outputs: [View]
  private let types: [TensorType]

  var name: String { "reference \(operation.name)" }

  private init(
    _ operation: any TensorGraph.Operation, _ inputs: [View], _ outputs: [View],
    _ types: [TensorType]
  ) {
    (self.operation, self.inputs, self.outputs, self.types) = (operation, inputs, outputs, types)
  }

  static func lower(_ node: LoweredNode, _ builder: PlanBuilder) {
    let inputs = node.inputs.map { builder.contiguous($0) }
    let values = node.types.indices.map { ValueID(node.index, $0) }
    let outputs = values.map { builder.result($0) }
    builder.append(
      FallbackInstruction(node.node.operation, inputs, outputs, node.types), reads: inputs,
      writes: outputs)
    for (value, view) in zip(values, outputs) { builder.place(value, view) }
  }

  func run(_ memory: Memory) {
    let operands = inputs.map { view in
      let bytes = UnsafeRawBufferPointer(
        start: memory.address(view), count: view.count * view.dtype.byteCount)
      return ReferenceTensor(Shape(view.dims), view.dtype.scalarType.numbers(in: bytes))
    }
    for (result, view) in zip(operation.evaluate(operands, types), outputs) {
      let bytes = UnsafeMutableRawBufferPointer(
        start: memory.address(view), count: view.count * view.dtype.byteCount)
      view.dtype.scalarType.store(result.numbers, in: bytes)
    }
  }
}
