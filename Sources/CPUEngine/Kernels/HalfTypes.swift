import COneDNN
import TensorGraph

extension TensorGraph.Operation {
  /// Whether the kernel of the operation cannot take operands of the half type `dtype`.
  func needsFloat32(insteadOf dtype: DType) -> Bool {
    switch self {
    case is MatMul, is Convolution: !OneDNN.shared.multiplies(dtype)
    case is Gather, is Concatenate, is Unslice, is Iota: false  // these only move bytes
    case is Scan, is Cond, is While: false  // their bodies are plans of their own
    default: self is any CPUOperation
    }
  }
}

extension OneDNN {
  /// Whether the library computes products of elements of this half type on this machine.
  fileprivate func multiplies(_ dtype: DType) -> Bool {
    let isa = dnnl_get_effective_cpu_isa().rawValue
    let needed = dtype == .bfloat16 ? dnnl_cpu_isa_avx512_core : dnnl_cpu_isa_avx512_core_fp16
    return isa & needed.rawValue == needed.rawValue
  }
}
