/// `x` itself.
public func linear(_ x: Symbol) -> Symbol { x }

/// eˣ
public func exponential(_ x: Symbol) -> Symbol { exp(x) }

/// max(x, 0), in general with a slope below a threshold and a maximum, by Keras's rules:
///
///     maxValue                              if x ≥ maxValue
///     x                                     if threshold ≤ x < maxValue
///     negativeSlope · (x − threshold)       otherwise
public func relu(
  _ x: Symbol, negativeSlope: Double = 0, maxValue: Double? = nil, threshold: Double = 0
) -> Symbol {
  guard x.isValid else { return x }
  if negativeSlope != 0, maxValue == nil, threshold == 0 {
    return leakyReLU(x, negativeSlope: negativeSlope)
  }
  var y = threshold == 0 ? relu(x) : select(x .> threshold, x, 0)
  if maxValue == 6, threshold == 0 {
    y = relu6(x)
  } else if let maxValue {
    y = clip(y, 0, maxValue)
  }
  return negativeSlope == 0 ? y : y - negativeSlope * relu(threshold - x)
}

/// min(max(x, 0), 6), with derivative 0 at both ends.
public func relu6(_ x: Symbol) -> Symbol { x.trace.emit(Unary.relu6, [x]) }

/// x where it is not negative, else negativeSlope · x.
public func leakyReLU(_ x: Symbol, negativeSlope: Double = 0.2) -> Symbol {
  select(x .>= 0, x, negativeSlope * x)
}

/// x where it is positive, else alpha (eˣ − 1).
///
/// Reference: Clevert et al., 2016, https://arxiv.org/abs/1511.07289
public func elu(_ x: Symbol, alpha: Double = 1) -> Symbol {
  exponentialBelow(x) { alpha * expm1($0) }
}

/// The scaled exponential linear unit: scale · elu(x, alpha), with the constants of the paper that
/// keep mean 0 and variance 1.
///
/// Reference: Klambauer et al., 2017, https://arxiv.org/abs/1706.02515
public func selu(_ x: Symbol) -> Symbol {
  1.0507009873554804934193349852946 * elu(x, alpha: 1.6732632423543772848170429916717)
}

/// x where it is positive, else alpha (e^(x / alpha) − 1).
///
/// Reference: Barron, 2017, https://arxiv.org/abs/1704.07483
public func celu(_ x: Symbol, alpha: Double = 1) -> Symbol {
  exponentialBelow(x) { alpha * expm1($0 / alpha) }
}

/// x · Φ(x), where Φ is the distribution function of the normal distribution.
///
///     x/2 · (1 + erf(x / √2)),  or if approximate:  x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))
///
/// Reference: Hendrycks and Gimpel, 2016, https://arxiv.org/abs/1606.08415
public func gelu(_ x: Symbol, approximate: Bool = false) -> Symbol {
  let x = x.floatingPoint
  if approximate {
    return 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
  }
  return 0.5 * x * (1 + erf(x * 0.5.squareRoot()))
}

/// The gated linear unit a · σ(b), where a and b are the halves of `x` along `axis`.
///
/// Reference: Dauphin et al., 2017, https://arxiv.org/abs/1612.08083
public func glu(_ x: Symbol, axis: Int = -1) -> Symbol {
  let halves = x.split(2, axis: axis)
  return halves[0] * sigmoid(halves[1])
}

/// x · σ(x)
///
/// Reference: Ramachandran et al., 2017, https://arxiv.org/abs/1710.05941
public func silu(_ x: Symbol) -> Symbol { x * sigmoid(x) }

/// x · tanh(log(1 + eˣ))
///
/// Reference: Misra, 2019, https://arxiv.org/abs/1908.08681
public func mish(_ x: Symbol) -> Symbol { x * tanh(softplus(x)) }

/// log σ(x)
public func logSigmoid(_ x: Symbol) -> Symbol { -softplus(-x.floatingPoint) }

/// x / (1 + |x|)
public func softsign(_ x: Symbol) -> Symbol { x / (1 + abs(x)) }

/// (x + √(x² + b)) / 2
///
/// Reference: Barron, 2021, https://arxiv.org/abs/2112.11687
public func squareplus(_ x: Symbol, b: Double = 4) -> Symbol { 0.5 * (x + sqrt(square(x) + b)) }

/// x − tanh(x)
public func tanhShrink(_ x: Symbol) -> Symbol { x - tanh(x) }

/// x where |x| > threshold, else 0.
public func hardShrink(_ x: Symbol, threshold: Double = 0.5) -> Symbol {
  select(abs(x) .> threshold, x, 0)
}

/// x moved toward 0 by the threshold, and 0 where it would cross it.
public func softShrink(_ x: Symbol, threshold: Double = 0.5) -> Symbol {
  select(x .> threshold, x - threshold, select(x .< -threshold, x + threshold, 0))
}

/// x where it is above `threshold`, else `defaultValue`.
public func threshold(_ x: Symbol, _ threshold: Double, defaultValue: Double) -> Symbol {
  select(x .> threshold, x, defaultValue)
}

/// x held between −1 and 1.
public func hardTanh(_ x: Symbol) -> Symbol {
  select(x .> 1, x.constant(1), select(x .< -1, x.constant(-1), x))
}

/// relu6(x + 3) / 6
public func hardSigmoid(_ x: Symbol) -> Symbol { relu6(x.floatingPoint + 3) / 6 }

/// x · relu6(x + 3) / 6
///
/// Reference: Howard et al., 2019, https://arxiv.org/abs/1905.02244
public func hardSiLU(_ x: Symbol) -> Symbol { x * hardSigmoid(x) }

/// 0 up to −1, (x + 1)² / 4 between −1 and 1, x from there on.
public func sparsePlus(_ x: Symbol) -> Symbol {
  let x = x.floatingPoint
  return select(x .<= -1, x.constant(0), select(x .>= 1, x, 0.25 * square(x + 1)))
}

/// (x + 1) / 2, held between 0 and 1.
///
/// Reference: Blondel et al., 2019, https://arxiv.org/abs/1901.02324
public func sparseSigmoid(_ x: Symbol) -> Symbol { 0.5 * clip(x.floatingPoint + 1, 0, 2) }

/// `x` where it is positive, else `curve` of it. The curve never sees a positive number, whose
/// exponential could overflow and spoil the gradient.
private func exponentialBelow(_ x: Symbol, _ curve: (Symbol) -> Symbol) -> Symbol {
  let x = x.floatingPoint
  let isBelow = x .<= 0
  return select(isBelow, curve(select(isBelow, x, 0)), x)
}

/// max(x − τ, 0), which unlike the softmax gives zeros. In the paper τ makes the sum along `axis` 1;
/// Keras's τ, and so this one, is larger where several elements are positive.
///
/// Reference: Martins and Astudillo, 2016, https://arxiv.org/abs/1602.02068
public func sparsemax(_ x: Symbol, axis: Int = -1) -> Symbol {
  let x = x.floatingPoint
  guard x.isValid, let axis = x.shape.axis(axis) else {
    return x.isValid ? x.trace.fail("\(x.shape) has no axis \(axis)", operands: [x.type]) : x
  }
  let sorted = x.sorted(axis: axis, descending: true)
  let sums = sorted.cumulativeSum(axis: axis)
  guard sums.isValid else { return sums }
  // The largest k elements are the support while the last of them stays above its threshold.
  let k = x.trace.iota(x.shape, axis: axis, dtype: x.dtype) + 1
  let isSupport = sorted .> (sums - 1) / k
  let count = isSupport.cast(to: x.dtype).sum(axes: [axis], keepDims: true)
  // Keras adds up the sums of all of the support, where the paper takes the last of them.
  let total = select(isSupport, sums, 0).sum(axes: [axis], keepDims: true)
  return relu(x - (total - 1) / count)
}
