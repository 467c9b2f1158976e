import TensorGraph

extension ONNXOperator {
  /// Tensors that are made of shapes and a few numbers.
  static let makers: [String: ONNXOperator] = [
    "ConstantOfShape": ONNXOperator { call in
      let shape = try call.sized(call.integers(0))
      let value = try call.tensor(named: "value")
      let tensor = value?.known ?? Tensor(Float(0))
      guard tensor.count == 1 else {
        throw ONNXError.mistake("value has \(tensor.count) elements instead of one")
      }
      let type = value?.type ?? .float32
      if type == .string {
        guard shape.count <= ONNXCall.madeLimit else {
          throw ONNXError.mistake("the result would be \(shape)")
        }
        return [
          .tensor(
            ONNXTensor(Tensor(shape, Array(repeating: tensor.strings[0], count: shape.count))))
        ]
      }
      let number = tensor.numbers[0]
      let isExact = type != .int64 && type != .uint64 || number.magnitude <= 0x1p53
      let fill =
        isExact
        ? call.trace.constant(number, shape, dtype: tensor.dtype)
        : call.trace.constant(tensor).reshaped([]).broadcast(to: shape)
      return try call.result(fill, type)
    },
    "EyeLike": ONNXOperator { call in
      let shape = try call.shape(0), k = try call.diagonal(call.int("k", 0))
      guard shape.rank == 2 else { throw ONNXError.mistake("\(shape) is no matrix") }
      let type = try call.elementType("dtype") ?? call.type(0)
      let trace = call.trace
      let isOn = trace.iota(shape, axis: 1) - trace.iota(shape, axis: 0) .== Double(k)
      return try call.result(isOn.cast(to: type.dtype ?? .float32), type)
    },
    "Trilu": ONNXOperator { call in
      let x = try call.x(0), isUpper = call.bool("upper", true)
      let k = try call.diagonal(call.has(1) ? call.integer(1) : 0)
      guard x.shape.rank >= 2 else { throw ONNXError.mistake("\(x.shape) has no matrices") }
      let matrix: Shape = [x.shape[-2], x.shape[-1]]
      let offset = call.trace.iota(matrix, axis: 1) - call.trace.iota(matrix, axis: 0)
      let isKept = isUpper ? offset .>= Double(k) : offset .<= Double(k)
      return try call.result(select(isKept, x, x.constant(0)))
    },
    "Range": ONNXOperator { try $0.range() },
  ]
}

extension ONNXCall {
  /// The number of a diagonal, far outside of any matrix if it is.
  fileprivate func diagonal(_ k: Int) throws -> Int { min(max(k, -1 << 30), 1 << 30) }

  fileprivate func range() throws -> [ONNXValue] {
    let type = try type(0)
    func length(_ count: Double) throws -> Int {
      guard count.isFinite, count <= Double(Self.madeLimit) else {
        throw ONNXError.mistake("the range would have \(count) elements")
      }
      return max(Int(count), 0)
    }
    if type.isInteger, let dtype = type.dtype {
      let all = try (0..<3).map { try integers($0) }
      guard all.allSatisfy({ $0.count == 1 }) else {
        throw ONNXError.mistake("start, limit and delta are one number each")
      }
      let (start, limit, delta) = (all[0][0], all[1][0], all[2][0])
      guard delta != 0 else { throw ONNXError.mistake("delta is 0") }
      let (distance, overflows) = limit.subtractingReportingOverflow(start)
      guard !overflows else {
        throw ONNXError.mistake("the range goes from \(start) to \(limit)")
      }
      let isEmpty = distance == 0 || (distance < 0) != (delta < 0)
      let steps = isEmpty ? 0 : (distance.magnitude - 1) / delta.magnitude + 1
      let count = try length(Double(steps))
      let numbers = (0..<count).map { Int64(start + $0 * delta) }
      return [.tensor(ONNXTensor(Tensor([count], numbers).exactCast(to: dtype), type: type))]
    }
    let (start, limit, delta) = (try number(0), try number(1), try number(2))
    guard delta != 0, !delta.isNaN else { throw ONNXError.mistake("delta is \(delta)") }
    let count = try length(((limit - start) / delta).rounded(.up))
    let numbers = (0..<count).map { start + Double($0) * delta }
    let tensor = Tensor(TensorType(type.dtype ?? .float32, [count]), numbers: numbers)
    return [.tensor(ONNXTensor(tensor, type: type))]
  }
}

extension Tensor {
  /// Integers as elements of another type of integers, without a way through `Double`.
  func exactCast(to dtype: DType) -> Tensor {
    switch dtype {
    case .int64: self
    case .int32: Tensor(shape, scalars(as: Int64.self).map { Int32(truncatingIfNeeded: $0) })
    case .int8: Tensor(shape, scalars(as: Int64.self).map { Int8(truncatingIfNeeded: $0) })
    case .uint8: Tensor(shape, scalars(as: Int64.self).map { UInt8(truncatingIfNeeded: $0) })
    default: cast(to: dtype)
    }
  }
}
