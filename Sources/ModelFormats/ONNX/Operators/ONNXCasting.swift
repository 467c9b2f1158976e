import TensorGraph

extension ONNXOperator {
  /// From one element type to another.
  static let casting: [String: ONNXOperator] = [
    "Cast": ONNXOperator { call in
      // The first versions had the name of the type.
      if call.opset < 6, let name = call.string("to"), !name.isEmpty {
        let known = ["FLOAT": ONNXType.float32, "DOUBLE": .float64]
        guard
          let type = known[name]
            ?? ONNXType.allCases.first(where: { "\($0)".uppercased() == name }),
          type.dtype != nil
        else { throw ONNXError.mistake("to is \(name), no element type that Strata has") }
        return try call.cast(to: type)
      }
      guard let type = try call.elementType("to") else {
        throw ONNXError.mistake("there is no type to cast to")
      }
      return try call.cast(to: type)
    },
    "CastLike": ONNXOperator { call in try call.cast(to: call.type(1)) },
    "BitCast": ONNXOperator { call in
      let from = try call.type(0)
      guard let to = try call.elementType("to"), from.bitCount != nil, from.bitCount == to.bitCount
      else { throw ONNXError.mistake("the bits of \(from) are none of the type to") }
      return try call.with([call.value(0)]).elementwise(to) { x in
        from == to ? x[0] : x[0].trace.emit(BitReinterpretation(from: from, to: to), x)
      }
    },
  ]
}

extension ONNXCall {
  /// The first input as elements of `type`.
  fileprivate func cast(to type: ONNXType) throws -> [ONNXValue] {
    let from = try self.type(0)
    let mode = string("round_mode", "up")
    guard let rounding = NarrowFloat.Rounding(rawValue: mode) else {
      throw ONNXError.mistake("round_mode is \(mode), none of nearest, up and down")
    }
    if from == type { return [try value(0)] }
    if type == .string { return [.tensor(try texts())] }
    var call = with([try value(0)]), source = from
    if from == .string {
      let numbers = try numbersOfTexts(type)
      source = numbers.type
      call = with([.tensor(numbers)])
    }
    let saturates = bool("saturate", true)
    return try call.elementwise(type) { x in
      x[0].converted(source, to: type, saturates: saturates, rounding)
    }
  }

  /// The numbers of the first input, which have to be known, as text.
  private func texts() throws -> ONNXTensor {
    let x = try known(0), type = try type(0)
    let texts: [String]
    switch type {
    case .bool: texts = x.scalars(as: Bool.self).map { $0 ? "True" : "False" }
    case .uint64: texts = x.scalars(as: Int64.self).map { "\(UInt64(bitPattern: $0))" }
    case _ where type.isInteger: texts = x.scalars(as: Int64.self).map { "\($0)" }
    default:
      func text(_ number: some BinaryFloatingPoint & CustomStringConvertible) -> String {
        number.isNaN
          ? "NaN" : number.isInfinite ? (number < 0 ? "-INF" : "INF") : number.description
      }
      texts =
        type == .float64 ? x.numbers.map(text) : x.scalars(as: Float.self).map(text)
    }
    return ONNXTensor(Tensor(x.shape, texts))
  }

  /// The texts of the first input, which have to be known, as numbers from which `type` is cast.
  private func numbersOfTexts(_ type: ONNXType) throws -> ONNXTensor {
    let x = try known(0)
    func number(_ text: String) throws -> Double {
      switch text.lowercased() {
      case "inf", "+inf": return .infinity
      case "-inf": return -.infinity
      case "nan": return .nan
      default:
        guard let number = Double(text) else {
          throw ONNXError.mistake("\"\(text.prefix(40))\" is no number")
        }
        return number
      }
    }
    guard type.isInteger else {
      return ONNXTensor(Tensor(x.shape, try x.strings.map(number)))
    }
    let integers = try x.strings.map { try Int64($0) ?? Int64(nearest: number($0)) }
    return ONNXTensor(Tensor(x.shape, integers))
  }
}

extension Symbol {
  /// The numbers, elements of `from`, as elements of `type`.
  func converted(
    _ from: ONNXType, to type: ONNXType, saturates: Bool = true,
    _ rounding: NarrowFloat.Rounding = .up
  ) -> Symbol {
    guard isValid, from != type, let dtype = type.dtype else { return self }
    switch type {
    case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float8e8m0, .float4e2m1:
      return trace.emit(
        NarrowRounding(type: type, saturates: saturates, rounding: rounding),
        [unsignedNumbers(from)])
    case _ where type.isInteger && from.isInteger:
      // The high bits that do not fit are dropped.
      return exact(.or, type, self, trace.constant(0, dtype: self.dtype))
    case _ where type.wrappedRange != nil && from.isFloatingPoint:
      let whole = cast(to: .int64)
      return exact(.or, type, whole, whole.constant(0))
    default: return unsignedNumbers(from).cast(to: dtype)
    }
  }

  /// Numbers of `uint64`, whose bits are held as those of `int64`, as floating-point numbers.
  private func unsignedNumbers(_ from: ONNXType) -> Symbol {
    guard from == .uint64 else { return self }
    return cast(to: .float64) + select(self .< 0, trace.constant(0x1p64, dtype: .float64), 0)
  }
}
