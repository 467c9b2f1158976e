import CKernels
import TensorGraph

/// How an elementwise node is spelled in the interpreter's vocabulary.
struct ElementwiseExpression {
  private let operation: any TensorGraph.Operation
  private let inputs: [ValueID]
  private let type: TensorType
  /// Whether it is computed in `Double`: anything with `float64`, `int32` or `int64`.
  let isDouble: Bool

  /// `nil` for operations that are not elementwise.
  init?(_ node: Node, operandTypes: [DType]) {
    switch node.operation {
    case is Unary, is Binary, is Select, is Cast, is RandomUniform, is RandomNormal: break
    default: return nil
    }
    operation = node.operation
    inputs = node.inputs
    type = node.types[0]
    let wide: Set<DType> = [.float64, .int32, .int64]
    let isRandom = node.operation is RandomUniform || node.operation is RandomNormal
    isDouble = (isRandom ? [type.dtype] : operandTypes + [type.dtype]).contains(
      where: wide.contains)
  }

  /// Adds the expressions that compute the node, and returns the number of the last.
  func add(to cluster: Cluster, _ sources: [Cluster.Source], _ builder: PlanBuilder) -> Int {
    switch operation {
    case let operation as Unary: return cluster.append(operation.kernel, sources)
    case let operation as Binary:
      let divides = operation == .divide && !type.dtype.isFloatingPoint
      return cluster.append(divides ? CK_INT_DIVIDE : operation.kernel, sources)
    case is Select: return cluster.append(CK_SELECT, sources)
    case let operation as RandomUniform:
      return random(CK_RANDOM_UNIFORM, operation.stream, cluster, builder)
    case let operation as RandomNormal:
      return random(CK_RANDOM_NORMAL, operation.stream, cluster, builder)
    default: return cast(builder.type(inputs[0]).dtype, cluster, sources)
    }
  }

  private func cast(_ from: DType, _ cluster: Cluster, _ sources: [Cluster.Source]) -> Int {
    switch type.dtype {
    case .bool: return cluster.append(CK_NE, sources + [.number(0)])
    case .float16: return cluster.append(CK_ROUND_F16, sources)
    case .bfloat16: return cluster.append(CK_ROUND_BF16, sources)
    case .float32, .float64: return cluster.append(CK_COPY, sources)
    case .string: preconditionFailure("a trace refuses to cast to strings")
    case .int64: return cluster.append(from.isFloatingPoint ? CK_TRUNC : CK_COPY, sources)
    case .int8, .uint8, .int32:
      if from == .bool { return cluster.append(CK_COPY, sources) }
      let whole = cluster.append(CK_TRUNC, sources)
      let (low, high) =
        type.dtype == .int8
        ? (-128.0, 127.0)
        : type.dtype == .uint8
          ? (0, 255) : (Double(Int32.min), Double(Int32.max))
      return cluster.append(CK_CLAMP, [.expression(whole), .number(low), .number(high)])
    }
  }

  private func random(
    _ operation: ck_op, _ stream: UInt64, _ cluster: Cluster, _ builder: PlanBuilder
  ) -> Int {
    let seed = builder.contiguous(inputs[0])
    let key = builder.temporary(TensorType(.int64, [2]))
    builder.append(
      RandomKeyInstruction(seed: seed, key: key, stream: stream), reads: [seed], writes: [key])
    return cluster.append(operation, [.randomKey(key)])
  }
}

/// Mixes seed, step and stream into the key of one draw.
private final class RandomKeyInstruction: Instruction {
  let seed: View, key: View, stream: UInt64
  var name: String { "random key" }

  init(seed: View, key: View, stream: UInt64) {
    (self.seed, self.key, self.stream) = (seed, key, stream)
  }

  func run(_ memory: Memory) {
    let words = memory.address(seed).assumingMemoryBound(to: UInt64.self)
    let mixed = words[0] ^ stream
    let low = UInt32(truncatingIfNeeded: mixed), high = UInt32(truncatingIfNeeded: mixed >> 32)
    memory.address(key).assumingMemoryBound(to: ck_random_key.self).pointee =
      ck_random_key(key: (low, high), step: words[1])
  }
}

extension Unary {
  var kernel: ck_op {
    switch self {
    case .negate: CK_NEG
    case .abs: CK_ABS
    case .sign: CK_SIGN
    case .square: CK_SQUARE
    case .reciprocal: CK_RECIPROCAL
    case .sqrt: CK_SQRT
    case .rsqrt: CK_RSQRT
    case .exp: CK_EXP
    case .expm1: CK_EXPM1
    case .log: CK_LOG
    case .log1p: CK_LOG1P
    case .sin: CK_SIN
    case .cos: CK_COS
    case .tan: CK_TAN
    case .asin: CK_ASIN
    case .acos: CK_ACOS
    case .atan: CK_ATAN
    case .sinh: CK_SINH
    case .cosh: CK_COSH
    case .asinh: CK_ASINH
    case .acosh: CK_ACOSH
    case .atanh: CK_ATANH
    case .tanh: CK_TANH
    case .sigmoid: CK_SIGMOID
    case .softplus: CK_SOFTPLUS
    case .relu: CK_RELU
    case .relu6: CK_RELU6
    case .erf: CK_ERF
    case .floor: CK_FLOOR
    case .ceil: CK_CEIL
    case .round: CK_ROUND
    case .truncate: CK_TRUNC
    case .isNaN: CK_IS_NAN
    case .isInfinite: CK_IS_INF
    case .isFinite: CK_IS_FINITE
    case .logicalNot: CK_LOGICAL_NOT
    }
  }
}

extension Binary {
  var kernel: ck_op {
    switch self {
    case .add: CK_ADD
    case .subtract: CK_SUB
    case .multiply: CK_MUL
    case .divide: CK_DIV
    case .maximum: CK_MAX
    case .minimum: CK_MIN
    case .power: CK_POW
    case .remainder: CK_MOD
    case .atan2: CK_ATAN2
    case .logicalAnd: CK_AND
    case .logicalOr: CK_OR
    case .logicalXor: CK_XOR
    case .equal: CK_EQ
    case .notEqual: CK_NE
    case .less: CK_LT
    case .lessOrEqual: CK_LE
    case .greater: CK_GT
    case .greaterOrEqual: CK_GE
    }
  }
}
