import CKernels
import TensorGraph

/// Convolutions in which each channel has a kernel of its own, where the library is slow.
extension ConvolutionLowering {
  /// The convolution of `x` to `y`, shapes `[batch, height, width, channels]`, padded by `low` rows
  /// and columns before the first. Nothing if it is none with a kernel for each channel, or has too
  /// many taps.
  private func depthwise(_ x: Shape, _ y: Shape, low: [Int]) -> ck_convolution? {
    let window = operation.window
    guard operation.groups == x[-1], x[-1] == y[-1], dtype == .float32, window.sizes.count == 2,
      window.sizes[0] * window.sizes[1] <= Int(CK_DEPTHWISE_TAPS)
    else { return nil }
    return described(x, y, low: low)
  }

  /// Whether the library would fill the channels up to twice as many or more.
  private var hasFewChannels: Bool { operation.groups <= 8 && isDense }
  private var isDense: Bool { operation.window.strides.allSatisfy { $0 == 1 } }
  private var isDilated: Bool { operation.window.dilations.contains { $0 > 1 } }

  func depthwiseForward(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    guard hasFewChannels, let call = depthwise(x, y, low: operation.window.low) else {
      return false
    }
    convolve(call, isTurned: false, flops: flops(kernelShape, y))
    return true
  }

  /// The library takes up to ten times as long for the gradients of dilated convolutions.
  func depthwiseBackwardData(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    let window = operation.window
    let low = window.sizes.indices.map {
      window.dilations[$0] * (window.sizes[$0] - 1) - window.low[$0]
    }
    guard hasFewChannels || (isDilated && isDense), let call = depthwise(y, x, low: low) else {
      return false
    }
    convolve(call, isTurned: true, flops: flops(kernelShape, y))
    return true
  }

  /// The library takes five times as long for the gradient of kernels that are larger than 3 × 3,
  /// or dilated.
  func depthwiseBackwardWeights(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    guard hasFewChannels || isDilated || operation.window.sizes.contains(where: { $0 > 3 }),
      var call = depthwise(x, y, low: operation.window.low),
      // Odd channels in great number repeat too late for sums that stay in the cache.
      ck_depthwise_gradient_parts(&call) >= 4 || x[0] < 4
    else { return false }
    let slots = Int64(ck_thread_count()), fixed = call
    let scratch = builder.temporary(
      TensorType(.uint8, [ck_depthwise_gradient_scratch(&call, slots)]))
    gradient(of: Float.self, flops: flops(kernelShape, y), scratch) { memory, dk, dbias, x, dy in
      var call = fixed
      ck_depthwise_gradient_f32(&call, slots, dk, dbias, x, dy, memory.address(scratch))
    }
    return true
  }

  /// Operand 0 convolved with operand 1.
  private func convolve(_ call: ck_convolution, isTurned: Bool, flops: Double) {
    var call = call
    let slots = Int64(ck_thread_count()), fixed = call
    let scratch = builder.temporary(TensorType(.uint8, [ck_depthwise_scratch(&call, slots)]))
    let kernel = builder.contiguous(node.inputs[1])
    convolve(kernel, scratch, takesAddend: false, flops: flops) {
      var call = fixed
      ck_depthwise_f32(
        &call, slots, $0.input.floats, $0.kernel.floats, isTurned, $0.bias?.floats, $0.low, $0.high,
        $0.result.floats, $0.scratch)
    }
  }
}
