import CKernels
import TensorGraph

extension ConvolutionLowering {
  /// Whether there are kernels by rows for such tensors: threads share the rows of y, and each keeps
  /// some rows of x.
  private func hasRows(_ x: Shape, _ y: Shape) -> Bool {
    operation.groups == 1 && dtype == .float32 && y[-1] % 16 == 0
      && y.count / (y[-1] * y[-2]) >= 8 && x[-1] * x[-2] <= 1 << 16
  }

  /// A kernel of our own for images of few channels, and sequences, which the library fills up.
  func forwardByRows(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    guard hasRows(x, y), x[-1] <= 4, operation.window.sizes.count <= 2 else { return false }
    var c = described(x, y, low: operation.window.low)
    let call = c
    let scratch = builder.temporary(TensorType(.uint8, [ck_convolution_scratch(&c)]))
    let kernel = builder.contiguous(node.inputs[1])
    convolve(kernel, scratch, takesAddend: true, flops: flops(kernelShape, y)) {
      var call = call
      ck_convolution_f32(
        &call, $0.result.floats, $0.input.floats, $0.kernel.floats, $0.bias?.floats,
        $0.addend?.floats, $0.low, $0.high, $0.scratch)
    }
    return true
  }

  /// A kernel of our own where the library would fill few channels up to a whole register, and for
  /// sequences, for which it is half as fast as for images.
  func gradientByRows(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    let window = operation.window
    guard hasRows(x, y) else { return false }
    switch window.sizes.count {
    case 1: guard y[1] >= 48, kernelShape.count <= 1 << 16 else { return false }
    case 2: guard x[-1] <= 8 else { return false }
    default: return false
    }
    var c = described(x, y, low: window.low)
    let call = c
    let scratch = builder.temporary(
      TensorType(.uint8, [ck_convolution_gradient_scratch(&c)]))
    gradient(of: Float.self, flops: flops(kernelShape, y), scratch) { memory, dk, dbias, x, dy in
      var call = call
      ck_convolution_gradient_f32(&call, dk, dbias, x, dy, memory.address(scratch))
    }
    return true
  }
}
