import COneDNN
import TensorGraph

extension TensorGraph.Operation {
  /// Whether the kernel of the operation cannot take operands of the half type `dtype`.
  func needsFloat32(insteadOf dtype: DType) -> Bool {
    switch self {
    case is MatMul, is Convolution: !OneDNN.shared.multiplies(dtype)
    // Between products in `float32` nothing is gained by rounding to `bfloat16`, and much is fused
    // without. `float16` ends at 65504: what is beyond must become infinite on every machine.
    case is Unary, is Binary, is Select, is Reshape, is Transpose, is Broadcast, is Slice,
      is Concatenate, is Unslice, is Cast:
      dtype == .bfloat16 && !OneDNN.shared.multiplies(dtype)
    case is Gather, is Iota: false  // these only move bytes
    case is Scan, is Cond, is While: false  // their bodies are plans of their own
    default: self is any CPUOperation
    }
  }

  /// The operands that the kernel of the operation takes in `bfloat16` too, when it then gives its
  /// first result so.
  var operandsInBFloat16: [Int]? {
    switch self {
    case is Fused.BatchNormalization: [0]
    case is Fused.BatchNormalizationGradient: [0, 1]
    default: nil
    }
  }
}

extension OneDNN {
  /// Whether the library computes products of elements of this half type on this machine, and not
  /// slower than those of their values in `float32`.
  ///
  /// The processors with instructions for both half types but not for matrices take two to four
  /// times as long for a product of `bfloat16` vectors as for one in `float32` of the same bytes.
  fileprivate func multiplies(_ dtype: DType) -> Bool {
    guard dtype == .bfloat16 else { return has(dnnl_cpu_isa_avx512_core_fp16) }
    return has(dnnl_cpu_isa_avx512_core_amx) || multipliesPairs
  }

  /// Whether instructions that multiply pairs of `bfloat16` are what products of them run on.
  var multipliesPairs: Bool {
    has(dnnl_cpu_isa_avx512_core_bf16) && !has(dnnl_cpu_isa_avx512_core_fp16)
  }

  private func has(_ needed: dnnl_cpu_isa_t) -> Bool {
    dnnl_get_effective_cpu_isa().rawValue & needed.rawValue == needed.rawValue
  }
}
