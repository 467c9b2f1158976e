import TensorGraph

/// How a weight starts.
///
///     Dense(10, kernelInitializer: .heNormal)
///
/// The values of a weight follow from the seed of the model and the path of the weight alone, so
/// they do not depend on the order of the layers or on threads. With a seed of its own they follow
/// from that and the shape: `.heNormal.seeded(3)`.
public indirect enum Initializer: Sendable, Hashable {
  /// All elements 0.
  case zeros
  /// All elements 1.
  case ones
  /// All elements this number.
  case constant(Double)
  /// Normally distributed around `mean`.
  case randomNormal(mean: Double = 0, stddev: Double = 0.05)
  /// Evenly distributed from `minval` up to `maxval`.
  case randomUniform(minval: Double = -0.05, maxval: Double = 0.05)
  /// Normally distributed, with values beyond two `stddev` drawn again.
  case truncatedNormal(mean: Double = 0, stddev: Double = 0.05)
  /// With variance `scale / n`, where `n` is the number of units that `mode` names.
  ///
  /// The inputs of a unit are counted along `inputAxes`, and the units of an input along
  /// `outputAxes`; without them, the last axis but one and the last, times the window before them.
  case varianceScaling(
    scale: Double = 1, mode: FanMode = .fanIn, distribution: Distribution = .truncatedNormal,
    inputAxes: [Int]? = nil, outputAxes: [Int]? = nil)
  /// Variance `2 / (fan in + fan out)`, uniform.
  ///
  /// - Reference: [Glorot and Bengio, 2010](https://proceedings.mlr.press/v9/glorot10a.html)
  case glorotUniform
  /// Variance `2 / (fan in + fan out)`, truncated normal.
  case glorotNormal
  /// Variance `2 / fan in`, uniform.
  ///
  /// - Reference: [He et al., 2015](https://arxiv.org/abs/1502.01852)
  case heUniform
  /// Variance `2 / fan in`, truncated normal.
  case heNormal
  /// Variance `1 / fan in`, uniform.
  case lecunUniform
  /// Variance `1 / fan in`, truncated normal.
  case lecunNormal
  /// Orthonormal rows or columns, whichever are fewer, times `gain`; axes but the last are one.
  case orthogonal(gain: Double = 1)
  /// The identity matrix times `gain`.
  case identity(gain: Double = 1)
  /// The kernel `[frame, 1, bins]` of a convolution that is a short-time Fourier transform:
  ///
  ///     window[t] / scale · cos(−2π · t · f / (2 · bins − 2))     and sin for `.imag`
  ///
  /// The scale is the length of the window as a vector for `.density`, and the sum of its
  /// magnitudes for `.spectrum`. A periodic window is that of one more step, without the last.
  case stft(
    side: FourierSide = .real, window: WindowFunction? = .hann, scaling: WindowScaling? = .density,
    periodic: Bool = false)
  /// The bias of an LSTM: 1 in the second quarter, the forget gate, and `others` elsewhere.
  case unitForgetGate(others: Initializer = .zeros)
  /// The initializer with a seed of its own: weights of one shape start the same.
  case seeded(Initializer, seed: Int)

  /// This initializer with a seed of its own.
  public func seeded(_ seed: Int) -> Initializer { .seeded(self, seed: seed) }

  /// What variance scaling divides by.
  public enum FanMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// The number of inputs of a unit.
    case fanIn = "fan_in"
    /// The number of units an input feeds.
    case fanOut = "fan_out"
    /// The average of both.
    case fanAverage = "fan_avg"
  }

  /// What variance scaling draws from.
  public enum Distribution: String, Sendable, Hashable, Codable, CaseIterable {
    case truncatedNormal = "truncated_normal"
    case untruncatedNormal = "untruncated_normal"
    case uniform
  }

  /// A part of the numbers of a Fourier transform.
  public enum FourierSide: String, Sendable, Hashable, Codable, CaseIterable {
    case real, imag
  }

  /// What a window is divided by.
  public enum WindowScaling: String, Sendable, Hashable, Codable, CaseIterable {
    /// Its length as a vector.
    case density
    /// The sum of its magnitudes.
    case spectrum
  }
}

extension Initializer {
  /// The inputs of a unit and the units of an input, for a weight of `shape`.
  ///
  /// A kernel of a convolution `[spatial…, channels, filters]` counts each place of its window.
  static func fans(
    _ shape: Shape, inputAxes: [Int]? = nil, outputAxes: [Int]? = nil
  ) -> (in: Double, out: Double) {
    if let inputAxes, let outputAxes {
      func count(_ axes: [Int]) -> Double {
        axes.compactMap(shape.axis).reduce(1) { $0 * Double(shape[$1]) }
      }
      return (count(inputAxes), count(outputAxes))
    }
    switch shape.rank {
    case 0: return (1, 1)
    case 1: return (Double(shape[0]), Double(shape[0]))
    default:
      let window = Double(shape.dims.dropLast(2).reduce(1, *))
      return (Double(shape[-2]) * window, Double(shape[-1]) * window)
    }
  }

  /// The variance scaling this initializer is a name for.
  var scaling: (scale: Double, mode: FanMode, distribution: Distribution)? {
    switch self {
    case .varianceScaling(let scale, let mode, let distribution, _, _): (scale, mode, distribution)
    case .glorotUniform: (1, .fanAverage, .uniform)
    case .glorotNormal: (1, .fanAverage, .truncatedNormal)
    case .heUniform: (2, .fanIn, .uniform)
    case .heNormal: (2, .fanIn, .truncatedNormal)
    case .lecunUniform: (1, .fanIn, .uniform)
    case .lecunNormal: (1, .fanIn, .truncatedNormal)
    default: nil
    }
  }

  /// Why a weight of `shape` cannot start so, or nothing.
  func mistake(for shape: Shape) -> String? {
    switch self {
    case .seeded(let initializer, _), .unitForgetGate(let initializer):
      return initializer.mistake(for: shape)
    case .identity:
      return shape.rank == 2 ? nil : "the identity is a matrix, and the shape is \(shape)"
    case .orthogonal:
      return shape.rank >= 2 ? nil : "an orthogonal start needs 2 axes, and the shape is \(shape)"
    case .randomNormal(_, let stddev), .truncatedNormal(_, let stddev):
      return stddev.isFinite && stddev >= 0
        ? nil : "a standard deviation is at least 0, not \(stddev)"
    case .randomUniform(let low, let high):
      return low.isFinite && high.isFinite && low <= high
        ? nil : "there are no numbers from \(low) up to \(high)"
    case .varianceScaling(let scale, _, _, let inputAxes, let outputAxes):
      guard scale.isFinite, scale > 0 else { return "a scale is above 0, not \(scale)" }
      let missing = ((inputAxes ?? []) + (outputAxes ?? [])).first { shape.axis($0) == nil }
      return missing.map { "\(shape) has no axis \($0)" }
    case .stft(_, let window, _, _):
      guard shape.rank == 3 else { return "a Fourier kernel is [frame, 1, bins], not \(shape)" }
      return window?.mistake(for: shape[0])
    default: return nil
    }
  }
}
