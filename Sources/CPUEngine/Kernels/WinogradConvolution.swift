import CKernels
import TensorGraph

/// Convolutions of images with kernels of 3 × 3, one step at a time, by Winograd's algorithm: 16
/// products where there are 36. Elsewhere, or where the kernels would weigh more than the images,
/// the library's are faster. In `bfloat16` the sums that are multiplied are rounded once more, which
/// makes the errors of a result two to three times those of its own rounding.
///
/// Lavin and Gray, [Fast Algorithms for Convolutional Neural
/// Networks](https://arxiv.org/abs/1509.09308).
extension ConvolutionLowering {
  /// Whether this processor multiplies such numbers in a register as fast as floats, or faster.
  private var isFast: Bool {
    dtype == .float32 || dtype == .bfloat16 && OneDNN.shared.multipliesPairs
  }

  /// The convolution of `x` to `y`, shapes `[batch, height, width, channels]`, padded by `low` rows
  /// and columns before the first. Nothing if it should not be computed this way.
  private func winograd(_ x: Shape, _ y: Shape, low: [Int]) -> ck_winograd? {
    let window = operation.window
    guard window.sizes == [3, 3], window.strides == [1, 1], window.dilations == [1, 1],
      operation.groups == 1, isFast, x[-1] >= 16, y[-1] >= 16
    else { return nil }
    let tiles = x[0] * ((y[1] + 1) / 2) * ((y[2] + 1) / 2), threads = Int(ck_thread_count())
    // A kernel that changes is spread in every step, and that takes as long as a few tiles.
    let leastTiles = builder.isFixed(node.inputs[1]) ? 2 : 18
    // Odd sizes leave a part of the last tiles unused.
    let isFilled = tiles * 4 * y[-1] * 5 <= y.count * 7
    guard isFilled, tiles >= leastTiles * threads, x[-1] <= 256, x[-1] * y[-1] <= 1 << 17 else {
      return nil
    }
    func pair(_ values: [Int]) -> (Int64, Int64) { (Int64(values[0]), Int64(values[1])) }
    return ck_winograd(
      type: dtype.kernel, batch: Int64(x[0]), channels: Int64(x[-1]), filters: Int64(y[-1]),
      size: pair(x.spatial), result: pair(y.spatial), low: pair(low), slots: Int64(threads))
  }

  func winogradForward(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    guard let call = winograd(x, y, low: operation.window.low), hasWholeWords(x) else {
      return false
    }
    let kernel = spread(call) { ck_winograd_kernel(&$0, $1, $2) }
    convolve(call, kernel, flops: flops(kernelShape, y))
    return true
  }

  /// The gradient of the input is a convolution of `dy` with the kernel turned by half a circle.
  func winogradBackwardData(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    guard let call = winograd(y, x, low: operation.window.low.map { 2 - $0 }), hasWholeWords(y)
    else { return false }
    let kernel = spread(call) { ck_winograd_turned_kernel(&$0, $1, $2) }
    convolve(call, kernel, flops: flops(kernelShape, y))
    return true
  }

  func winogradBackwardWeights(_ x: Shape, _ kernelShape: Shape, _ y: Shape) -> Bool {
    guard let call = winograd(x, y, low: operation.window.low) else { return false }
    let scratch = temporary(call, ck_winograd_gradient_scratch)
    gradient(of: UInt8.self, flops: flops(kernelShape, y), scratch) { memory, dk, dbias, x, dy in
      var call = call
      ck_winograd_gradient(&call, dk, dbias, x, dy, memory.address(scratch))
    }
    return true
  }

  /// Whether channels are multiplied without one that is left: halves go in pairs.
  private func hasWholeWords(_ x: Shape) -> Bool { dtype == .float32 || x[-1] % 2 == 0 }

  /// The kernel, operand 1, as the products at each point take it.
  private func spread(
    _ call: ck_winograd,
    _ body:
      @escaping (
        inout ck_winograd, UnsafeMutableRawPointer, UnsafeMutableRawPointer
      ) -> Void
  ) -> View {
    let kernel = builder.contiguous(node.inputs[1])
    let target = temporary(call, ck_winograd_kernel_size)
    builder.append(
      KernelInstruction("spread kernel") { memory in
        var call = call
        body(&call, memory.address(kernel), memory.address(target))
      }, reads: [kernel], writes: [target])
    return target
  }

  /// Operand 0 convolved with a spread kernel.
  private func convolve(_ call: ck_winograd, _ kernel: View, flops: Double) {
    let scratch = temporary(call, ck_winograd_scratch)
    convolve(kernel, scratch, takesAddend: true, flops: flops) {
      var call = call
      ck_winograd_output(
        &call, $0.input, $0.kernel, $0.bias, $0.addend, $0.low, $0.high, $0.result, $0.scratch)
    }
  }

  private func temporary(
    _ call: ck_winograd, _ size: (UnsafePointer<ck_winograd>) -> Int
  ) -> View {
    builder.temporary(TensorType(.uint8, [withUnsafePointer(to: call, size)]))
  }
}
