import TensorGraph

/// Draws from distributions over shares of a whole, as functions of a key like all draws.
extension LayerContext {
  /// Whole numbers from 0 to below `count`, all as likely, as `int32`.
  func choices(_ shape: Shape, of count: Int) -> Symbol {
    minimum(floor(uniform((0, Double(count)), shape)), Double(count - 1)).cast(to: .int32)
  }

  /// An order of `count` things, all as likely: `int32[count]`.
  func permutation(_ count: Int) -> Symbol { uniform((0, 1), [count]).argsort(axis: 0) }

  /// Numbers of the beta distribution with both parameters `alpha`, a scalar.
  ///
  ///     x / (x + y),  where x and y have the gamma distribution
  func beta(_ shape: Shape, alpha: Symbol) -> Symbol {
    sigmoid(logGamma(shape, alpha: alpha) - logGamma(shape, alpha: alpha))
  }

  /// Shares of `count` parts that are 1 together, of the Dirichlet distribution with all
  /// parameters `alpha`, a scalar.
  func dirichlet(_ count: Int, alpha: Symbol) -> Symbol {
    softmax(logGamma([count], alpha: alpha))
  }

  /// The logarithms of numbers of the gamma distribution of shape `alpha`, a scalar.
  ///
  ///     d = a − 1/3,   v = (1 + z / √(9d))³,   z normal, u uniform
  ///     d · v where log u < z²/2 + d − d · v + d · log v        for a = alpha + 1
  ///     times w^(1 / alpha), w uniform                          for alpha itself
  ///
  /// A candidate is good with a chance above 0.95 whatever the parameter, so that the first good
  /// one of sixteen is as good as the first of any number. Logarithms keep apart what would
  /// otherwise be 0: with a parameter of 1e-6 the numbers are near e^−1000000.
  ///
  /// - Reference: [Marsaglia and Tsang, 2000](https://doi.org/10.1145/358407.358414)
  func logGamma(_ shape: Shape, alpha: Symbol) -> Symbol {
    let candidates = 16
    let several = Shape([candidates] + shape.dims)
    let (key, stream) = random
    let z = randomNormal(key, stream: stream, several)
    let u = uniform((0, 1), several), w = uniform((0, 1), shape)
    let d = alpha + (1 - 1.0 / 3)
    let root = 1 + z / sqrt(9 * d)
    let v = root * root * root
    let logV = log(select(root .> 0, v, 1))
    let isGood = (root .> 0) .& (log(1 - u) .< 0.5 * square(z) + d - d * v + d * logV)
    var chosen = logV.entry(candidates - 1, axis: 0)
    for index in (0..<candidates - 1).reversed() {
      chosen = select(isGood.entry(index, axis: 0), logV.entry(index, axis: 0), chosen)
    }
    return log(d) + chosen + log(1 - w) / alpha
  }
}
