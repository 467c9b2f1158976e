import TensorGraph

/// The type of an element in ONNX's files: a `DType`, or one that is held in a wider `DType`.
package enum ONNXType: Int32, Sendable, Hashable, CaseIterable {
  case float32 = 1
  case uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64, uint32, uint64
  case complex64, complex128
  case bfloat16, float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz
  case uint4, int4, float4e2m1, float8e8m0, uint2, int2

  /// The type of `dtype`.
  package init(_ dtype: DType) {
    switch dtype {
    case .float32: self = .float32
    case .float64: self = .float64
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .int8: self = .int8
    case .uint8: self = .uint8
    case .int32: self = .int32
    case .int64: self = .int64
    case .bool: self = .bool
    case .string: self = .string
    }
  }

  /// What tensors of the type are computed with; nothing for complex numbers.
  ///
  /// Narrow floats are held in `float32`, which has all of their numbers; narrow and unsigned
  /// integers in the next wider type. Of `uint64`, only numbers that `int64` has are right.
  package var dtype: DType? {
    switch self {
    case .float32, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float4e2m1,
      .float8e8m0:
      .float32
    case .float64: .float64
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .int8, .int4, .int2: .int8
    case .uint8, .uint4, .uint2: .uint8
    case .int16, .uint16, .int32: .int32
    case .uint32, .uint64, .int64: .int64
    case .bool: .bool
    case .string: .string
    case .complex64, .complex128: nil
    }
  }

  /// The size of an element in a file, in bits; nothing for strings, whose sizes differ.
  package var bitCount: Int? {
    switch self {
    case .complex128: 128
    case .float64, .int64, .uint64, .complex64: 64
    case .float32, .int32, .uint32: 32
    case .float16, .bfloat16, .int16, .uint16: 16
    case .int8, .uint8, .bool, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
      .float8e8m0:
      8
    case .uint4, .int4, .float4e2m1: 4
    case .uint2, .int2: 2
    case .string: nil
    }
  }

  /// The numbers of the type if it is an integer that is held in a wider one: sums and the like
  /// wrap around at their ends.
  package var wrappedRange: ClosedRange<Int64>? {
    switch self {
    case .uint16: 0...65_535
    case .int16: -32_768...32_767
    case .uint32: 0...4_294_967_295
    case .uint4: 0...15
    case .int4: -8...7
    case .uint2: 0...3
    case .int2: -2...1
    default: nil
    }
  }

  /// Whether elements are floating-point numbers.
  package var isFloatingPoint: Bool { dtype?.isFloatingPoint ?? true }
}
