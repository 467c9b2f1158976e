import CKernels
import TensorGraph

extension ConvolutionLowering {
  /// The gradient of a kernel in `bfloat16` by a kernel of our own: the library's run at little more
  /// than half of what processors reach that multiply pairs of such numbers. For one register of
  /// filters both are as fast.
  func gradientByPairs(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    let window = operation.window
    guard dtype == .bfloat16, OneDNN.shared.multipliesPairs, operation.groups == 1,
      window.sizes.count <= 2, x[-1] >= 8, y[-1] > 16,
      y[-2] >= 4, kernelShape.count <= 1 << 18
    else { return false }
    var c = described(x, y, low: window.low)
    let call = c, input = builder.contiguous(node.inputs[0])
    let dy = builder.contiguous(node.inputs[1]), value = ValueID(node.index)
    let scratch = builder.temporary(
      TensorType(.uint8, [ck_convolution_gradient_bf16_scratch(&c)]))
    let result = builder.result(value)
    builder.append(
      KernelInstruction(operation.name, flops: flops(kernelShape, y)) { memory in
        func halves(_ view: View) -> UnsafeMutablePointer<UInt16> {
          memory.address(view).assumingMemoryBound(to: UInt16.self)
        }
        var call = call
        ck_convolution_gradient_bf16(
          &call, halves(result), halves(input), halves(dy), memory.address(scratch))
      }, reads: [input, dy], writes: [result, scratch])
    builder.place(value, result)
    return true
  }
}
