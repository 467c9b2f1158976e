import Foundation

/// Uniform numbers from 0 to below 1, the same for the same key.
///
/// Element `e` is word `e % 4` of block `e / 4` of `Philox`, its upper 24 bits as a fraction.
///
/// - Operand: `int64[2]`, the seed and the step. The reference reads both as `Double`, so its
///   numbers are those of an engine for seeds and steps within ±2⁵³.
public struct RandomUniform: SingleResultOperation {
  /// What tells apart draws with one key, such as those of two layers.
  public let stream: UInt64
  /// The type of the result.
  public let type: TensorType

  /// Creates the operation.
  public init(stream: UInt64, type: TensorType) {
    self.stream = stream
    self.type = type
  }

  public var name: String { "randomUniform" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    try checkKey(x[0], for: type)
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] { [nil] }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let philox = Philox(x[0], stream: stream)
    return ReferenceTensor(type.shape, philox.uniforms(type.shape.count))
  }
}

/// Numbers of the standard normal distribution, the same for the same key.
///
/// Of the uniform numbers `u` and `v` of elements 2i and 2i + 1, by Box and Muller:
///
///     z[2i] = √(−2 ln(1 − u)) · cos 2πv,   z[2i + 1] = √(−2 ln(1 − u)) · sin 2πv
///
/// - Operand: `int64[2]`, the seed and the step, as for `RandomUniform`.
public struct RandomNormal: SingleResultOperation {
  /// What tells apart draws with one key, such as those of two layers.
  public let stream: UInt64
  /// The type of the result.
  public let type: TensorType

  /// Creates the operation.
  public init(stream: UInt64, type: TensorType) {
    self.stream = stream
    self.type = type
  }

  public var name: String { "randomNormal" }
  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    try checkKey(x[0], for: type)
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] { [nil] }
  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let count = type.shape.count
    let u = Philox(x[0], stream: stream).uniforms(count + 1)  // a pair for the last element too
    return ReferenceTensor(
      type.shape,
      (0..<count).map { i in
        let (first, second) = (u[i & ~1], u[i | 1])
        let radius = (-2 * Foundation.log(1 - first)).squareRoot()
        let angle = 2 * Double.pi * second
        return radius * (i % 2 == 0 ? Foundation.cos(angle) : Foundation.sin(angle))
      })
  }
}

/// Throws unless `key` can choose random numbers of `type`.
private func checkKey(
  _ key: TensorType, for type: TensorType
) throws(ShapeError) -> TensorType {
  guard key == TensorType(.int64, [2]) else {
    throw ShapeError("random numbers expect a key int64[2]: the seed and the step")
  }
  guard type.dtype.isFloatingPoint, type.shape.dims.allSatisfy({ $0 >= 0 }) else {
    throw ShapeError("random numbers cannot be \(type)", hint: "draw floats and cast them")
  }
  return type
}

/// Philox 4x32-10: random words as a function of a counter and a key.
///
/// - Reference: [Salmon et al., 2011](https://doi.org/10.1145/2063384.2063405)
package struct Philox {
  /// The two words of the key.
  package var key: (UInt32, UInt32)
  /// The upper half of the counter; the lower half counts blocks.
  package var step: UInt64

  /// Creates the generator of a `stream` for a key: seed and step.
  package init(_ key: ReferenceTensor, stream: UInt64) {
    let words = UInt64(bitPattern: Int64(nearest: key.numbers[0])) ^ stream
    self.key = (UInt32(truncatingIfNeeded: words), UInt32(truncatingIfNeeded: words >> 32))
    step = UInt64(bitPattern: Int64(nearest: key.numbers[1]))
  }

  /// Creates the generator with these words.
  package init(key: (UInt32, UInt32), step: UInt64) {
    self.key = key
    self.step = step
  }

  /// The four words of a block.
  package func words(_ block: UInt64) -> [UInt32] {
    var (k0, k1) = key
    var c0 = UInt32(truncatingIfNeeded: block), c1 = UInt32(truncatingIfNeeded: block >> 32)
    var c2 = UInt32(truncatingIfNeeded: step), c3 = UInt32(truncatingIfNeeded: step >> 32)
    for _ in 0..<10 {
      let a = c0.multipliedFullWidth(by: 0xd251_1f53)
      let b = c2.multipliedFullWidth(by: 0xcd9e_8d57)
      (c0, c1, c2, c3) = (b.high ^ c1 ^ k0, b.low, a.high ^ c3 ^ k1, a.low)
      k0 &+= 0x9e37_79b9  // the golden ratio
      k1 &+= 0xbb67_ae85  // √3 − 1
    }
    return [c0, c1, c2, c3]
  }

  /// The first `count` uniform numbers.
  package func uniforms(_ count: Int) -> [Double] {
    var numbers: [Double] = []
    for block in 0..<UInt64((count + 3) / 4) {
      numbers += words(block).map { Double($0 >> 8) * 0x1p-24 }
    }
    return Array(numbers.prefix(count))
  }
}
