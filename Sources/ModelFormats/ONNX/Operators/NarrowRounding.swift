import Glibc
import TensorGraph

extension NarrowFloat {
  /// Which of two neighbors a number becomes; only powers of two know others than the nearest.
  enum Rounding: String {
    case nearest, up, down
  }

  /// `number` as an element of the type would hold it: the nearest, of two equally near ones the
  /// even one. What is larger than `largest`, the largest of the type, becomes that if it
  /// `saturates`; else it becomes infinite or NaN.
  func rounded(
    _ number: Double, largest: Double, saturates: Bool, _ rounding: Rounding
  ) -> Double {
    if isPower { return power(number, saturates: saturates, rounding) }
    guard !number.isNaN else { return hasNaN ? .nan : 0 }
    let magnitude = number.magnitude
    let exponent = magnitude.isNormal ? Int(magnitude.exponent) : 1 - bias
    let unit = scalbn(1.0, Int32(max(exponent, 1 - bias) - mantissaBits))
    var result = (magnitude / unit).rounded(.toNearestOrEven) * unit
    if result > largest {
      result = saturates || !hasNaN ? largest : hasInfinity ? .infinity : .nan
    }
    if result == 0, isUnsignedZero { return 0 }
    return number.sign == .minus ? -result : result
  }

  /// `number` without its sign as a power of two.
  private func power(_ number: Double, saturates: Bool, _ rounding: Rounding) -> Double {
    let magnitude = number.magnitude, ends = -127...127
    if magnitude.isNaN || (magnitude.isInfinite && !saturates) { return .nan }
    guard magnitude > 0, magnitude.isFinite else {
      return magnitude > 0 ? scalbn(1, 127) : saturates ? scalbn(1, -127) : .nan
    }
    var exponent = Int(magnitude.exponent)
    switch rounding {
    case .up: exponent += magnitude.significand > 1 ? 1 : 0
    case .nearest: exponent += magnitude.significand >= 1.5 ? 1 : 0
    case .down: break
    }
    guard ends.contains(exponent) || saturates else { return .nan }
    return scalbn(1.0, Int32(min(max(exponent, -127), 127)))
  }
}

/// Numbers as elements of a floating-point type of at most 8 bits would hold them, in `float32`.
/// Gradients pass through.
struct NarrowRounding: HostOperation {
  let type: ONNXType
  let saturates: Bool
  let rounding: NarrowFloat.Rounding

  var name: String { "round to \(type)" }
  func resultType(_ x: [TensorType]) -> TensorType { TensorType(.float32, x[0].shape) }
  func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    [x[0].dtype.isFloatingPoint ? dy.cast(to: x[0].dtype) : nil]
  }
  func rowCount(_ type: TensorType) -> Int { type.shape.count }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    let narrow = NarrowFloat(type), largest = Double(narrow.largest)
    let out = result.assumingMemoryBound(to: Float.self)
    for row in rows {
      out[row] = Float(
        narrow.rounded(x[0].number(row), largest: largest, saturates: saturates, rounding))
    }
  }
}

/// The bits of elements as elements of another type of as many bits.
struct BitReinterpretation: HostOperation {
  let from: ONNXType
  let to: ONNXType

  var name: String { "bits as \(to)" }
  func resultType(_ x: [TensorType]) -> TensorType {
    TensorType(to.dtype ?? x[0].dtype, x[0].shape)
  }
  func rowCount(_ type: TensorType) -> Int { type.shape.count }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    let narrow = (from: NarrowFloat(from), to: NarrowFloat(to))
    for row in rows {
      let bits: UInt64 =
        switch from {
        case .float32: UInt64(Float(x[0].number(row)).bitPattern)
        case .float64: x[0].number(row).bitPattern
        case .float16: UInt64(Float16(x[0].number(row)).bitPattern)
        case .bfloat16: UInt64(BFloat16(Float(x[0].number(row))).bitPattern)
        case _ where from.isInteger || from == .bool:
          UInt64(bitPattern: x[0].integer(row)) & (.max >> UInt64(64 - (from.bitCount ?? 64)))
        default: UInt64(narrow.from.code(of: Float(x[0].number(row))))
        }
      func store<T>(_ value: T) {
        result.storeBytes(of: value, toByteOffset: row * MemoryLayout<T>.size, as: T.self)
      }
      switch to {
      case .float32: store(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      case .float64: store(Double(bitPattern: bits))
      case .float16: store(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
      case .bfloat16: store(BFloat16(bitPattern: UInt16(truncatingIfNeeded: bits)))
      case .bool: store(bits != 0)
      case _ where to.isInteger:
        let number = to.wrapping(Int64(bitPattern: bits))
        switch to.dtype {
        case .int8: store(Int8(truncatingIfNeeded: number))
        case .uint8: store(UInt8(truncatingIfNeeded: number))
        case .int32: store(Int32(truncatingIfNeeded: number))
        default: store(number)
        }
      default: store(narrow.to.number(of: Int(bits)))
      }
    }
  }
}
