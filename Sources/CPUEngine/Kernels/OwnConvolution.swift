import CKernels
import TensorGraph

/// What convolutions with kernels of our own share.
extension ConvolutionLowering {
  /// The convolution of `x` to `y`, padded by `low` before the first place, for kernels of our own.
  func described(_ x: Shape, _ y: Shape, low: [Int]) -> ck_convolution {
    // A sequence is an image of one row.
    func pair(_ values: [Int], missing: Int64 = 1) -> (Int64, Int64) {
      (values.count == 2 ? Int64(values[0]) : missing, Int64(values[values.count - 1]))
    }
    let window = operation.window
    return ck_convolution(
      batch: Int64(x[0]), channels: Int64(x[-1]), filters: Int64(y[-1]), size: pair(x.spatial),
      taps: pair(window.sizes), result: pair(y.spatial), stride: pair(window.strides),
      dilation: pair(window.dilations), low: pair(low, missing: 0))
  }

  /// Adds a kernel of our own for the gradient of the kernel, and of the bias if that is wanted, of
  /// tensors whose elements it takes as `Element`.
  func gradient<Element>(
    of element: Element.Type, flops: Double, _ scratch: View,
    _ body:
      @escaping (
        _ memory: Memory, _ dk: UnsafeMutablePointer<Element>,
        _ dbias: UnsafeMutablePointer<Element>?, _ x: UnsafeMutablePointer<Element>,
        _ dy: UnsafeMutablePointer<Element>
      ) -> Void
  ) {
    let input = builder.contiguous(node.inputs[0]), dy = builder.contiguous(node.inputs[1])
    let value = ValueID(node.index), result = builder.result(value)
    let biasNode = biasGradient(), bias = biasNode.map { builder.result(ValueID($0)) }
    builder.append(
      KernelInstruction(operation.name, flops: flops) { memory in
        func elements(_ view: View) -> UnsafeMutablePointer<Element> {
          memory.address(view).assumingMemoryBound(to: element)
        }
        body(memory, elements(result), bias.map(elements), elements(input), elements(dy))
      }, reads: [input, dy], writes: [result, scratch] + [bias].compactMap(\.self))
    builder.place(value, result)
    if let bias, let biasNode { builder.place(ValueID(biasNode), bias) }
  }

  /// What a kernel of our own for convolutions takes; what is null is not there.
  struct Operands {
    var input, kernel: UnsafeMutableRawPointer
    var bias, addend: UnsafeMutableRawPointer?
    /// The bounds of a rectifier.
    var low, high: Float
    var result, scratch: UnsafeMutableRawPointer
  }

  /// Adds a kernel of our own for operand 0 convolved with `kernel`, and what follows it.
  func convolve(
    _ kernel: View, _ scratch: View, takesAddend: Bool, flops: Double,
    _ body: @escaping (Operands) -> Void
  ) {
    let input = builder.contiguous(node.inputs[0])
    let epilogue = Epilogue(after: ValueID(node.index), takesAddend: takesAddend, builder)
    let (bias, addend) = (epilogue.bias, epilogue.addend)
    let bounds = epilogue.rectifier?.bounds ?? -Float.infinity...Float.infinity
    let result = builder.result(epilogue.value)
    builder.append(
      KernelInstruction(operation.name, flops: flops) { memory in
        body(
          Operands(
            input: memory.address(input), kernel: memory.address(kernel),
            bias: bias.map(memory.address), addend: addend.map(memory.address),
            low: bounds.lowerBound, high: bounds.upperBound, result: memory.address(result),
            scratch: memory.address(scratch)))
      }, reads: [input, kernel] + [bias, addend].compactMap(\.self), writes: [result, scratch])
    epilogue.absorb(result, builder)
  }
}

extension UnsafeMutableRawPointer {
  /// What is there, as elements of `float32`.
  var floats: UnsafeMutablePointer<Float> { assumingMemoryBound(to: Float.self) }
}
