/// A Swift type that a tensor's elements can be read and written as.
public protocol Scalar: Sendable {
  /// The element type it stands for.
  static var dtype: DType { get }
  /// The nearest value to `number`: integers truncate and saturate, NaN becomes 0.
  init(nearest number: Double)
  /// The value as a `Double`; an integer beyond 2⁵³ is rounded.
  var number: Double { get }
  /// The elements that fill `bytes`, as numbers.
  static func numbers(in bytes: UnsafeRawBufferPointer) -> [Double]
  /// Fills `bytes` with the nearest values to `numbers`.
  static func store(_ numbers: [Double], in bytes: UnsafeMutableRawBufferPointer)
}

// Asked of a type at once for all elements: of one that is known only while the program runs, each
// element would be boxed on its way.
extension Scalar {
  public static func numbers(in bytes: UnsafeRawBufferPointer) -> [Double] {
    bytes.bindMemory(to: Self.self).map(\.number)
  }
  public static func store(_ numbers: [Double], in bytes: UnsafeMutableRawBufferPointer) {
    let out = bytes.bindMemory(to: Self.self)
    for (index, number) in numbers.enumerated() {
      out.initializeElement(at: index, to: Self(nearest: number))
    }
  }
}

extension Scalar where Self: BinaryFloatingPoint {
  public init(nearest number: Double) { self.init(number) }
  public var number: Double { Double(self) }
}

extension Scalar where Self: FixedWidthInteger {
  public init(nearest number: Double) {
    if let exact = Self(exactly: number.rounded(.towardZero)) {
      self = exact
    } else {
      self = number.isNaN ? 0 : number < 0 ? .min : .max
    }
  }
  public var number: Double { Double(self) }
}

extension Float: Scalar { public static var dtype: DType { .float32 } }
extension Double: Scalar { public static var dtype: DType { .float64 } }
extension Float16: Scalar { public static var dtype: DType { .float16 } }
extension Int8: Scalar { public static var dtype: DType { .int8 } }
extension UInt8: Scalar { public static var dtype: DType { .uint8 } }
extension Int32: Scalar { public static var dtype: DType { .int32 } }
extension Int64: Scalar { public static var dtype: DType { .int64 } }

extension BFloat16: Scalar {
  public static var dtype: DType { .bfloat16 }
  public init(nearest number: Double) { self.init(Float(number)) }
  public var number: Double { Double(floatValue) }
}

extension Bool: Scalar {
  public static var dtype: DType { .bool }
  public init(nearest number: Double) { self = number != 0 }
  public var number: Double { self ? 1 : 0 }
}

extension DType {
  /// The Swift type of the elements, which are numbers: nothing computes with strings, and a trace
  /// refuses to.
  public var scalarType: any Scalar.Type {
    switch self {
    case .float32: Float.self
    case .float64: Double.self
    case .float16: Float16.self
    case .bfloat16: BFloat16.self
    case .int8: Int8.self
    case .uint8: UInt8.self
    case .int32: Int32.self
    case .int64: Int64.self
    case .bool: Bool.self
    case .string: preconditionFailure("strings are no numbers")
    }
  }

  /// `number` as an element of this type would hold it.
  public func rounding(_ number: Double) -> Double {
    func round<T: Scalar>(_: T.Type) -> Double { T(nearest: number).number }
    return round(scalarType)
  }
}
