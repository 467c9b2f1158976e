import TensorGraph

/// How a weight starts.
///
///     Dense(10, kernelInitializer: .heNormal)
///
/// The values of a weight follow from the seed of the model and the path of the weight alone, so
/// they do not depend on the order of the layers or on threads.
public enum Initializer: Sendable, Hashable {
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
  case varianceScaling(
    scale: Double = 1, mode: FanMode = .fanIn, distribution: Distribution = .truncatedNormal)
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
  /// The bias of an LSTM: 1 in the second quarter, the forget gate, and 0 elsewhere.
  case unitForgetGate

  /// What variance scaling divides by.
  public enum FanMode: String, Sendable, Hashable, Codable {
    /// The number of inputs of a unit.
    case fanIn = "fan_in"
    /// The number of units an input feeds.
    case fanOut = "fan_out"
    /// The average of both.
    case fanAverage = "fan_avg"
  }

  /// What variance scaling draws from.
  public enum Distribution: String, Sendable, Hashable, Codable {
    case truncatedNormal = "truncated_normal"
    case untruncatedNormal = "untruncated_normal"
    case uniform
  }
}

extension Initializer {
  /// The inputs of a unit and the units of an input, for a weight of `shape`.
  ///
  /// A kernel of a convolution `[spatial…, channels, filters]` counts each place of its window.
  static func fans(_ shape: Shape) -> (in: Double, out: Double) {
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
    case .varianceScaling(let scale, let mode, let distribution): (scale, mode, distribution)
    case .glorotUniform: (1, .fanAverage, .uniform)
    case .glorotNormal: (1, .fanAverage, .truncatedNormal)
    case .heUniform: (2, .fanIn, .uniform)
    case .heNormal: (2, .fanIn, .truncatedNormal)
    case .lecunUniform: (1, .fanIn, .uniform)
    case .lecunNormal: (1, .fanIn, .truncatedNormal)
    default: nil
    }
  }
}
