extension Fused {
  /// Normalizes each row to mean 0 and variance 1, then scales and shifts it.
  ///
  ///     rstd = 1 / √(variance(x) + epsilon)
  ///     y = (x − mean(x)) · rstd · gamma + beta
  ///     x [rows, features], gamma, beta [features] → y [rows, features], mean [rows], rstd [rows]
  ///
  /// Reference: Ba, Kiros and Hinton, 2016, https://arxiv.org/abs/1607.06450
  public struct LayerNormalization: FusedOperation {
    /// Added to the variance.
    public let epsilon: Double

    /// Creates the operation.
    public init(epsilon: Double) { self.epsilon = epsilon }
    public var name: String { "layerNormalization epsilon \(epsilon)" }
    public var operands: [OperandPattern] {
      ["x [rows, features]", "gamma [features]", "beta [features]"]
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let mean = x[0].mean(axes: [-1], keepDims: true)
      let centered = x[0] - mean
      let rstd = rsqrt(square(centered).mean(axes: [-1], keepDims: true) + epsilon)
      return [centered * rstd * x[1] + x[2], mean.squeezed(-1), rstd.squeezed(-1)]
    }
    public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
      guard let dy0 = dy[0], dy[1] == nil, dy[2] == nil else { return definitionGradient(x, dy) }
      return dy0.trace.emit(
        LayerNormalizationGradient(), [dy0, x[0], x[1], y[1], y[2]], results: 3)
    }
  }

  /// The gradient of the layer normalization. With x̂ = (x − mean) · rstd and g = dy · gamma:
  ///
  ///     dx = (g − mean(g) − x̂ · mean(g · x̂)) · rstd
  ///     dgamma = Σ dy · x̂
  ///     dbeta = Σ dy
  ///     dy, x [rows, features], gamma [features], mean, rstd [rows]
  ///       → dx [rows, features], dgamma, dbeta [features]
  ///
  /// Means are over features, sums over rows.
  public struct LayerNormalizationGradient: FusedOperation {
    /// Creates the operation.
    public init() {}
    public var name: String { "layerNormalizationGradient" }
    public var operands: [OperandPattern] {
      [
        "dy [rows, features]", "x [rows, features]", "gamma [features]", "mean [rows]",
        "rstd [rows]",
      ]
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let (dy, gamma) = (x[0], x[2])
      let (mean, rstd) = (x[3].expandingDims(at: -1), x[4].expandingDims(at: -1))
      let normal = (x[1] - mean) * rstd
      return normalizationGradient(dy, normal, gamma, rstd, means: [-1], sums: [0])
    }
  }

  /// Normalizes each channel to mean 0 and variance 1 over the rows, then scales and shifts it.
  ///
  ///     y = (x − mean) / √(variance + epsilon) · gamma + beta
  ///     x [rows, channels], gamma, beta [channels]
  ///       → y [rows, channels], mean [channels], variance [channels]
  ///
  /// The variance is the mean of squares: it is not corrected for the number of rows.
  /// Reference: Ioffe and Szegedy, 2015, https://arxiv.org/abs/1502.03167
  public struct BatchNormalization: FusedOperation {
    /// Added to the variance.
    public let epsilon: Double

    /// Creates the operation.
    public init(epsilon: Double) { self.epsilon = epsilon }
    public var name: String { "batchNormalization epsilon \(epsilon)" }
    public var operands: [OperandPattern] {
      ["x [rows, channels]", "gamma [channels]", "beta [channels]"]
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let mean = x[0].mean(axes: [0])
      let centered = x[0] - mean
      let variance = square(centered).mean(axes: [0])
      return [centered * rsqrt(variance + epsilon) * x[1] + x[2], mean, variance]
    }
    public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
      guard let dy0 = dy[0], dy[1] == nil, dy[2] == nil else { return definitionGradient(x, dy) }
      return dy0.trace.emit(
        BatchNormalizationGradient(epsilon: epsilon), [dy0, x[0], x[1], y[1], y[2]], results: 3)
    }
  }

  /// The gradient of the batch normalization. With rstd = 1 / √(variance + epsilon),
  /// x̂ = (x − mean) · rstd and g = dy · gamma:
  ///
  ///     dx = (g − mean(g) − x̂ · mean(g · x̂)) · rstd
  ///     dgamma = Σ dy · x̂
  ///     dbeta = Σ dy
  ///     dy, x [rows, channels], gamma, mean, variance [channels]
  ///       → dx [rows, channels], dgamma, dbeta [channels]
  ///
  /// Means and sums are over rows.
  public struct BatchNormalizationGradient: FusedOperation {
    /// Added to the variance.
    public let epsilon: Double

    /// Creates the operation.
    public init(epsilon: Double) { self.epsilon = epsilon }
    public var name: String { "batchNormalizationGradient epsilon \(epsilon)" }
    public var operands: [OperandPattern] {
      [
        "dy [rows, channels]", "x [rows, channels]", "gamma [channels]", "mean [channels]",
        "variance [channels]",
      ]
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let rstd = rsqrt(x[4] + epsilon)
      let normal = (x[1] - x[3]) * rstd
      return normalizationGradient(x[0], normal, x[2], rstd, means: [0], sums: [0])
    }
  }
}

/// dx, dgamma and dbeta of a normalization with the result `normal` before scale and shift.
private func normalizationGradient(
  _ dy: Symbol, _ normal: Symbol, _ gamma: Symbol, _ rstd: Symbol, means: [Int], sums: [Int]
) -> [Symbol] {
  let g = dy * gamma
  let average = g.mean(axes: means, keepDims: true)
  let slope = (g * normal).mean(axes: means, keepDims: true)
  return [
    (g - average - normal * slope) * rstd, (dy * normal).sum(axes: sums), dy.sum(axes: sums),
  ]
}
