import Foundation

/// A window: what the steps of a frame are multiplied by before a Fourier transform.
///
/// The names and the values are those of SciPy, which Keras takes them from.
public enum WindowFunction: Sendable, Hashable {
  case hann, hamming, blackman, nuttall, blackmanharris, flattop
  case boxcar, triang, bartlett, parzen, bohman, barthann, cosine, lanczos
  /// These values, one for each step.
  case values([Double])

  /// All but `values`.
  static let named: [WindowFunction] = [
    .hann, .hamming, .blackman, .nuttall, .blackmanharris, .flattop, .boxcar, .triang, .bartlett,
    .parzen, .bohman, .barthann, .cosine, .lanczos,
  ]

  /// The window that SciPy calls `name`.
  init?(named name: String) {
    let aliases = [
      "hanning": "hann", "han": "hann", "hamm": "hamming", "ham": "hamming", "black": "blackman",
      "blk": "blackman", "ones": "boxcar", "rect": "boxcar", "rectangular": "boxcar",
      "box": "boxcar", "triangle": "triang", "tri": "triang", "bart": "bartlett",
    ]
    let wanted = aliases[name] ?? name
    guard let known = WindowFunction.named.first(where: { "\($0)" == wanted }) else { return nil }
    self = known
  }

  /// The value at each of `count` steps.
  ///
  /// - Parameters:
  ///   - count: The number of steps.
  ///   - periodic: Whether the window is that of one more step, without the last.
  /// - Returns: the values; `count` of them, unless the window has its own.
  public func values(_ count: Int, periodic: Bool) -> [Double] {
    if case .values(let values) = self { return values }
    guard count > 1 else { return Array(repeating: 1, count: max(count, 0)) }
    let whole = periodic ? count + 1 : count
    return (0..<count).map { value(at: Double($0), of: Double(whole)) }
  }

  /// The value at step `n` of a symmetric window of `m` steps.
  private func value(at n: Double, of m: Double) -> Double {
    let place = n / (m - 1)  // from 0 to 1
    let distance = abs(2 * place - 1)  // from the middle, where it is 0
    switch self {
    case .hann: return cosines([0.5, 0.5], place)
    case .hamming: return cosines([0.54, 0.46], place)
    case .blackman: return cosines([0.42, 0.5, 0.08], place)
    case .nuttall: return cosines([0.3635819, 0.4891775, 0.1365995, 0.0106411], place)
    case .blackmanharris: return cosines([0.35875, 0.48829, 0.14128, 0.01168], place)
    case .flattop:
      return cosines(
        [0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368], place)
    case .boxcar, .values: return 1
    case .triang:
      let isEven = m.truncatingRemainder(dividingBy: 2) == 0
      let step = min(n, m - 1 - n) + 1
      return isEven ? (2 * step - 1) / m : 2 * step / (m + 1)
    case .bartlett: return 1 - distance
    case .parzen:
      let x = distance * (m - 1) / m
      return distance > 0.5 ? 2 * pow(1 - x, 3) : 1 - 6 * x * x + 6 * x * x * x
    case .bohman:
      guard distance < 1 else { return 0 }
      return (1 - distance) * cos(.pi * distance) + sin(.pi * distance) / .pi
    case .barthann: return 0.62 - 0.24 * distance + 0.38 * cos(.pi * distance)
    case .cosine: return sin(.pi / m * (n + 0.5))
    case .lanczos: return distance == 0 ? 1 : sin(.pi * distance) / (.pi * distance)
    }
  }

  /// `Σ aₖ · cos(k · φ)`, with φ from −π to π.
  private func cosines(_ a: [Double], _ place: Double) -> Double {
    let angle = .pi * (2 * place - 1)
    return a.enumerated().reduce(0) { $0 + $1.element * cos(Double($1.offset) * angle) }
  }
}
