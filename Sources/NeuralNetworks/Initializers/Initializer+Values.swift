import Foundation
import TensorGraph

extension Initializer {
  /// The first value of the weight at `path` of a model with `seed`.
  public func tensor(_ type: TensorType, seed: UInt64, path: String) -> Tensor {
    let count = type.shape.count
    let random = CounterGenerator(seed: seed, path: path)
    func draw(_ value: (Int) -> Double) -> Tensor {
      Tensor(type, numbers: (0..<count).map(value))
    }
    if let (scale, mode, distribution) = scaling {
      let fans: (in: Double, out: Double)
      if case .varianceScaling(_, _, _, let inputAxes, let outputAxes) = self {
        fans = Initializer.fans(type.shape, inputAxes: inputAxes, outputAxes: outputAxes)
      } else {
        fans = Initializer.fans(type.shape)
      }
      let n =
        switch mode {
        case .fanIn: fans.in
        case .fanOut: fans.out
        case .fanAverage: (fans.in + fans.out) / 2
        }
      let variance = scale / max(1, n)
      switch distribution {
      case .truncatedNormal:  // the standard deviation of a normal cut at ±2
        let stddev = variance.squareRoot() / 0.87962566103423978
        return draw { stddev * random.truncatedNormal($0) }
      case .untruncatedNormal:
        let stddev = variance.squareRoot()
        return draw { stddev * random.normal($0) }
      case .uniform:
        let limit = (3 * variance).squareRoot()
        return draw { limit * (2 * random.uniform($0) - 1) }
      }
    }
    switch self {
    case .constant(let number): return Tensor(type, repeating: number)
    case .ones: return Tensor(type, repeating: 1)
    case .randomNormal(let mean, let stddev):
      return draw { mean + stddev * random.normal($0) }
    case .randomUniform(let low, let high):
      return draw { low + (high - low) * random.uniform($0) }
    case .truncatedNormal(let mean, let stddev):
      return draw { mean + stddev * random.truncatedNormal($0) }
    case .orthogonal(let gain):
      return Tensor(type, numbers: orthonormal(type.shape, random).map { gain * $0 })
    case .identity(let gain):
      let columns = max(type.shape.dims.last ?? 1, 1)
      return draw { $0 / columns == $0 % columns ? gain : 0 }
    case .seeded(let initializer, let seed):
      return initializer.tensor(type, seed: UInt64(bitPattern: Int64(seed)), path: "")
    case .stft(let side, let window, let scaling, let periodic):
      let bins = type.shape[-1], frame = type.shape[0], rest = max(count / max(frame, 1), 1)
      let values = window?.values(frame, periodic: periodic)
      let scale =
        switch scaling {
        case .density: (values ?? [1]).reduce(0) { $0 + $1 * $1 }.squareRoot()
        case .spectrum: (values ?? [1]).reduce(0) { $0 + abs($1) }
        case nil: 1.0
        }
      return draw { index in
        let (time, bin) = (index / rest, index % max(bins, 1))
        let turns = bins > 1 ? Double(time) * Double(bin) / Double(2 * (bins - 1)) : 0
        let angle = -2 * Double.pi * turns.truncatingRemainder(dividingBy: 1)
        let wave = side == .real ? Foundation.cos(angle) : Foundation.sin(angle)
        return values.map { wave * $0[time] / scale } ?? wave
      }
    case .unitForgetGate(let others):
      let values = others.tensor(type, seed: seed, path: path).numbers
      return draw { $0 >= count / 4 && $0 < count / 2 ? 1 : values[$0] }
    default: return Tensor(zeros: type)
    }
  }
}

/// A matrix with orthonormal columns, or rows where there are fewer of them, row-major.
///
/// The Q of a QR decomposition of normal numbers with a positive diagonal of R, by Gram and
/// Schmidt's method run twice, which is as exact as reflections.
private func orthonormal(_ shape: Shape, _ random: CounterGenerator) -> [Double] {
  let columns = shape.dims.last ?? 1
  let rows = shape.dims.dropLast().reduce(1, *)
  let (long, short) = (max(rows, columns), min(rows, columns))
  guard short > 0 else { return [] }
  var vectors = (0..<short * long).map { random.normal($0) }  // each of the `short` in one piece
  vectors.withUnsafeMutableBufferPointer { v in
    for i in 0..<short {
      for _ in 0..<2 {
        for j in 0..<i {
          var dot = 0.0
          for k in 0..<long { dot += v[i * long + k] * v[j * long + k] }
          for k in 0..<long { v[i * long + k] -= dot * v[j * long + k] }
        }
      }
      var norm = 0.0
      for k in 0..<long { norm += v[i * long + k] * v[i * long + k] }
      norm = norm.squareRoot()
      for k in 0..<long { v[i * long + k] /= norm }
    }
  }
  if rows < columns { return vectors }
  return (0..<rows * columns).map { vectors[$0 % columns * long + $0 / columns] }
}

/// Random numbers as a function of seed, path and index: any of them at any time, in any order.
struct CounterGenerator {
  private let key: UInt64

  init(seed: UInt64, path: String) {
    key = CounterGenerator.mix(seed &+ 0x9E37_79B9_7F4A_7C15) ^ streamHash(path)
  }

  /// The finalizer of SplitMix64.
  private static func mix(_ x: UInt64) -> UInt64 {
    var x = x
    x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
    return x ^ (x >> 31)
  }

  private func bits(_ index: Int, _ draw: Int) -> UInt64 {
    let stream = CounterGenerator.mix(key &+ UInt64(draw) &* 0xD1B5_4A32_D192_ED03)
    return CounterGenerator.mix(stream &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// The number `index` from 0 up to 1; `draw` tells several for one index apart.
  func uniform(_ index: Int, draw: Int = 0) -> Double {
    Double(bits(index, draw) >> 11) * 0x1p-53
  }

  /// The number `index` of mean 0 and variance 1, by Box and Muller's method.
  func normal(_ index: Int, draw: Int = 0) -> Double {
    let radius = (-2 * Foundation.log(1 - uniform(index, draw: 2 * draw))).squareRoot()
    return radius * Foundation.cos(2 * .pi * uniform(index, draw: 2 * draw + 1))
  }

  /// The number `index` of a normal distribution of which only −2 to 2 is kept.
  func truncatedNormal(_ index: Int) -> Double {
    for draw in 0..<64 {  // each fails with probability 0.0455
      let value = normal(index, draw: draw)
      if abs(value) <= 2 { return value }
    }
    return 0
  }
}
