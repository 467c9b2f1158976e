import Foundation
import TensorGraph

/// How strong frequencies are over time, on the mel scale of hearing.
///
///     let spectrogram = MelSpectrogram(samplingRate: 16_000, numMelBins: 64)
///
/// The magnitudes of a short-time Fourier transform to the power `magExp` are summed over
/// triangles of equal width on the scale mel(f) = 1127 log(1 + f / 700), and by default given in
/// decibels, 10 log₁₀(power / refPower), of which at most `topDb` below the largest.
///
/// - Input: `[time]`, or `[…, time]`
/// - Output: `[…, melBins, frames]`
/// - Reference: [Stevens et al., 1937](https://doi.org/10.1121/1.1915893)
public final class MelSpectrogram: NamedLayer {
  /// The number of steps of the Fourier transform.
  public let fftLength: Int
  /// The number of steps from each frame to the next.
  public let sequenceStride: Int
  /// The number of steps of a frame; `fftLength` by default, and at most that.
  public let sequenceLength: Int?
  /// What frames are multiplied by: `hann` or `hamming`, or values; nothing without one.
  public let window: WindowFunction?
  /// The number of steps in a second.
  public let samplingRate: Double
  /// The number of triangles.
  public let numMelBins: Int
  /// The frequency at which the first triangle begins, in hertz.
  public let minFreq: Double
  /// The frequency at which the last triangle ends, in hertz; half of the sampling rate by default.
  public let maxFreq: Double?
  /// Whether the result is in decibels.
  public let powerToDb: Bool
  /// How far below the largest decibels may be.
  public let topDb: Double
  /// The power of magnitudes.
  public let magExp: Double
  /// The least power that decibels are computed of.
  public let minPower: Double
  /// The power of 0 decibels.
  public let refPower: Double
  public let options: LayerOptions

  public static let example = MelSpectrogram()
  public var masking: MaskHandling { .refused(hint: "a mask of steps is none of frames") }

  /// Creates a mel spectrogram with `numMelBins` frequencies.
  public init(
    fftLength: Int = 2048, sequenceStride: Int = 512, sequenceLength: Int? = nil,
    window: WindowFunction? = .hann, samplingRate: Double = 16_000, numMelBins: Int = 128,
    minFreq: Double = 20, maxFreq: Double? = nil, powerToDb: Bool = true, topDb: Double = 80,
    magExp: Double = 2, minPower: Double = 1e-10, refPower: Double = 1, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.fftLength = fftLength
    self.sequenceStride = sequenceStride
    self.sequenceLength = sequenceLength
    self.window = window
    self.samplingRate = samplingRate
    self.numMelBins = numMelBins
    self.minFreq = minFreq
    self.maxFreq = maxFreq
    self.powerToDb = powerToDb
    self.topDb = topDb
    self.magExp = magExp
    self.minPower = minPower
    self.refPower = refPower
    self.options = LayerOptions(name, options)
  }

  private var frameLength: Int { sequenceLength ?? fftLength }
  private var highestFrequency: Double { maxFreq ?? (samplingRate / 2).rounded(.down) }

  /// What is wrong with the hyperparameters; nothing if they are fine.
  private var mistake: String? {
    if let mistake = FourierTransform.mistake("sequence_length", frameLength, fftLength)
      ?? window?.mistake(for: frameLength)
    {
      return mistake
    }
    guard isSize(sequenceStride) else {
      return "sequence_stride must be positive, not \(sequenceStride)"
    }
    guard (1...1 << 16).contains(numMelBins) else {
      return "num_mel_bins must be positive, and at most 65536, not \(numMelBins)"
    }
    guard samplingRate > 0, samplingRate.isFinite else {
      return "sampling_rate must be positive, not \(samplingRate)"
    }
    guard minFreq >= 0, minFreq < highestFrequency, highestFrequency.isFinite else {
      return "min_freq must be at least 0 and below max_freq, not \(minFreq) of "
        + "\(highestFrequency)"
    }
    guard magExp.isFinite, topDb.isFinite, refPower.isFinite, minPower > 0, minPower.isFinite
    else { return "mag_exp, top_db and ref_power must be numbers, and min_power above 0" }
    return nil
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    if let mistake { return context.fail("MelSpectrogram: \(mistake)") }
    guard x.shape.rank >= 1, x.shape.count > 0 else {
      return context.fail("MelSpectrogram expects […, time]", x, hint: "give it one step or more")
    }
    let precise = context.policy.compute == .float64 ? DType.float64 : .float32
    let signal = x.cast(to: precise).reshaped([-1, x.shape[-1]])
    let transform = FourierTransform(
      frameLength: frameLength, frameStep: sequenceStride, fftLength: fftLength, window: window)
    let (real, imaginary) = transform(signal)
    guard real.isValid else { return real }
    let power = power(square(real) + square(imaginary), magExp / 2)
    var y = matmul(power, x.trace.constant(triangles(transform.binCount)).cast(to: precise))
    if powerToDb { y = decibels(y) }
    guard y.isValid else { return y }
    let shape = Shape(x.shape.dims.dropLast() + [numMelBins, y.shape[1]])
    return y.transposed().reshaped(shape).cast(to: context.policy.compute)
  }

  /// `x` to the power `exponent`, without a slope at 0.
  private func power(_ x: Symbol, _ exponent: Double) -> Symbol {
    guard exponent != 1 else { return x }
    let isPositive = x .> 0
    return select(isPositive, pow(select(isPositive, x, 1), exponent), exponent == 0 ? 1 : 0)
  }

  /// 10 log₁₀(power / refPower), and not too far below the largest.
  private func decibels(_ power: Symbol) -> Symbol {
    let reference = 10 * log10(max(abs(refPower), minPower))
    let level = log(maximum(power, minPower)) * (10 / log(10.0)) - reference
    let axes = Array(0..<level.shape.rank)
    return maximum(level, level.max(axes: axes, keepDims: true) - topDb)
  }

  /// The weight of each frequency in each triangle, `[bins, melBins]`; that of frequency 0 is 0.
  private func triangles(_ binCount: Int) -> Tensor {
    func mel(_ frequency: Double) -> Double { 1127 * log(1 + frequency / 700) }
    let (low, high) = (mel(minFreq), mel(highestFrequency))
    let width = (high - low) / Double(numMelBins + 1)
    var numbers = Array(repeating: 0.0, count: numMelBins)
    for bin in 1..<max(binCount, 2) where binCount > 1 {
      let place = mel(samplingRate / 2 * Double(bin) / Double(binCount - 1))
      for triangle in 0..<numMelBins {
        let center = low + Double(triangle + 1) * width
        numbers.append(max(1 - abs(place - center) / width, 0))
      }
    }
    return Tensor(TensorType(.float32, [max(binCount, 1), numMelBins]), numbers: numbers)
  }
}
