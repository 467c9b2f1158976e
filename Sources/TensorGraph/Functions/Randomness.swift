/// The stream of random numbers for `path`, such as a layer's: its FNV-1a hash.
public func streamHash(_ path: String) -> UInt64 {
  path.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

/// Uniform numbers from `low` to below `high`.
///
/// The numbers are a function of `key` (`int64[2]`: seed and step) and of `stream`: draws that
/// are to differ need another of the two.
public func randomUniform(
  _ key: Symbol, stream: UInt64, _ shape: Shape, low: Double = 0, high: Double = 1,
  dtype: DType = .float32
) -> Symbol {
  // In float32 whatever the result: fewer bits would round the numbers below 1 up to 1.
  let u = key.trace.emit(
    RandomUniform(stream: stream, type: TensorType(.float32, shape)), [key])
  let scaled = low == 0 && high == 1 ? u : u * (high - low) + low
  return scaled.cast(to: dtype)
}

/// Normally distributed numbers.
///
/// The numbers are a function of `key` (`int64[2]`: seed and step) and of `stream`.
public func randomNormal(
  _ key: Symbol, stream: UInt64, _ shape: Shape, mean: Double = 0, stddev: Double = 1,
  dtype: DType = .float32
) -> Symbol {
  let z = key.trace.emit(RandomNormal(stream: stream, type: TensorType(.float32, shape)), [key])
  let scaled = mean == 0 && stddev == 1 ? z : z * stddev + mean
  return scaled.cast(to: dtype)
}

/// `true` with this probability, independently for each element.
public func bernoulli(
  _ key: Symbol, stream: UInt64, _ shape: Shape, probability: Double
) -> Symbol {
  randomUniform(key, stream: stream, shape) .< probability
}

/// Normally distributed numbers of those within two standard deviations of the mean.
///
/// The inverse of the distribution applied to uniform numbers: no number is drawn twice, as
/// redrawing those outside would.
///
/// - Reference: [Giles, 2012](https://people.maths.ox.ac.uk/gilesm/files/gems_erfinv.pdf), whose
///   central polynomial for the inverse of `erf` is good to single precision this far out
public func randomTruncatedNormal(
  _ key: Symbol, stream: UInt64, _ shape: Shape, mean: Double = 0, stddev: Double = 1,
  dtype: DType = .float32
) -> Symbol {
  let bound = 0.9544997361036416  // erf(2 / √2)
  let u = randomUniform(key, stream: stream, shape, low: -bound, high: bound)
  let w = -log((1 - u) * (1 + u)) - 2.5
  let coefficients = [
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
    -0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
  ]
  let polynomial = coefficients.dropFirst().reduce(coefficients[0] * (w * 0 + 1)) { $0 * w + $1 }
  let z = clip(2.0.squareRoot() * u * polynomial, -2, 2)
  return (z * stddev + mean).cast(to: dtype)
}
