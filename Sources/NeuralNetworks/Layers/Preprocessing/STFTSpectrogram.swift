import TensorGraph

/// The short-time Fourier transform of signals, by convolutions whose kernels can be trained.
///
///     let spectrogram = STFTSpectrogram(.log, frameLength: 256)
///
/// - Input: `[batch, time, channels]`
/// - Output: `[batch, frames, channels · bins]`, all bins of a channel together, or with
///   `expandDims` `[batch, frames, bins, channels]`; of bins there are `fftLength / 2 + 1`, and
///   twice as many in the mode `stft`
/// - Weights: `real_kernel` and `imag_kernel`, `[frameLength, 1, fftLength / 2 + 1]`, as far as
///   the mode needs them
public final class STFTSpectrogram: NamedLayer, DataFormatLayer {
  /// What is given of a transform.
  public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
    /// The logarithm of the magnitude.
    case log
    /// The magnitude.
    case magnitude
    /// The squared magnitude, twice for frequencies that have a negative counterpart.
    case psd
    /// The real part.
    case real
    /// The imaginary part.
    case imag
    /// The angle, from −π to π.
    case angle
    /// The real parts, and then the imaginary ones.
    case stft
  }

  /// What is given of the transform.
  public let mode: Mode
  /// The number of steps of a frame, 2 or more.
  public let frameLength: Int
  /// The number of steps from each frame to the next; half a frame by default.
  public let frameStep: Int?
  /// The number of steps of the transform; the next power of two by default.
  public let fftLength: Int?
  /// What frames are multiplied by; nothing without one.
  public let window: WindowFunction?
  /// Whether the window is that of one more step, without the last.
  public let periodic: Bool
  /// What the window is divided by: its length for `.density`, its sum for `.spectrum`.
  public let scaling: Initializer.WindowScaling?
  /// What lies beyond the ends.
  public let padding: Padding
  /// Whether channels keep an axis of their own.
  public let expandDims: Bool
  public let options: LayerOptions

  public static let example = STFTSpectrogram()
  public var spatialAxisCount: Int? { nil }
  public var masking: MaskHandling { .refused(hint: "a mask of steps is none of frames") }

  /// Creates a layer that gives `mode` of frames of `frameLength` steps.
  public init(
    _ mode: Mode = .log, frameLength: Int = 256, frameStep: Int? = nil, fftLength: Int? = nil,
    window: WindowFunction? = .hann, periodic: Bool = false,
    scaling: Initializer.WindowScaling? = .density, padding: Padding = .valid,
    expandDims: Bool = false, name: String? = nil, options: LayerOptions = []
  ) {
    self.mode = mode
    self.frameLength = frameLength
    self.frameStep = frameStep
    self.fftLength = fftLength
    self.window = window
    self.periodic = periodic
    self.scaling = scaling
    self.padding = padding
    self.expandDims = expandDims
    self.options = LayerOptions(name, options)
  }

  /// The number of steps of the transform.
  private var transformLength: Int {
    if let fftLength { return fftLength }
    return 1 << (Int.bitWidth - max(frameLength - 1, 1).leadingZeroBitCount)
  }

  /// What is wrong with the hyperparameters; nothing if they are fine.
  private var mistake: String? {
    guard (2...1 << 16).contains(frameLength) else {
      return "frame_length must be from 2 to 65536, not \(frameLength)"
    }
    if let step = frameStep, !(1...frameLength).contains(step) {
      return "frame_step must be positive, and at most frame_length, not \(step)"
    }
    if padding == .causal { return "padding must be valid or same" }
    return FourierTransform.mistake("frame_length", frameLength, transformLength)
      ?? window?.mistake(for: frameLength)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    if let mistake { return context.fail("STFTSpectrogram: \(mistake)") }
    guard x.shape.rank == 3, x.dtype.isFloatingPoint else {
      return context.fail("STFTSpectrogram expects floats [batch, time, channels]", x)
    }
    let real = mode == .imag ? nil : part(.real, of: x, context)
    let imaginary = mode == .real ? nil : part(.imag, of: x, context)
    guard let part = real ?? imaginary, part.isValid, imaginary?.isValid ?? true else {
      return x.trace.invalid
    }
    guard let real, let imaginary else { return arranged(part, x) }
    let power = square(real) + square(imaginary)
    let magnitude = sqrt(maximum(power, smallest))
    switch mode {
    case .real: return arranged(real, x)
    case .imag: return arranged(imaginary, x)
    case .angle: return arranged(atan2(imaginary, real), x)
    case .stft: return arranged(concatenate([real, imaginary], axis: 2), x)
    case .psd:
      let twice = power.sliced(axis: 2, 1..<power.shape[2] - 1)
      return arranged(power + twice.padded(low: [0, 0, 1], high: [0, 0, 1]), x)
    case .magnitude: return arranged(magnitude, x)
    case .log: return arranged(TensorGraph.log(maximum(magnitude, smallest)), x)
    }
  }

  /// What stands for a power of 0.
  private var smallest: Double { 1e-7 }

  /// One side of the transforms of all channels: `[batch · channels, frames, bins]`.
  private func part(
    _ side: Initializer.FourierSide, of x: Symbol, _ context: LayerContext
  ) -> Symbol {
    let kernel = context.weight(
      side == .real ? "real_kernel" : "imag_kernel", [frameLength, 1, transformLength / 2 + 1],
      .stft(side: side, window: window, scaling: scaling, periodic: periodic))
    let signals = x.transposed().reshaped([x.shape[0] * x.shape[2], x.shape[1], 1])
    return convolution(
      signals, kernel, strides: [frameStep ?? frameLength / 2], padding: padding)
  }

  /// `y`, `[batch · channels, frames, bins]`, as the output has it.
  private func arranged(_ y: Symbol, _ x: Symbol) -> Symbol {
    guard y.isValid else { return y }
    let (batch, channels) = (x.shape[0], x.shape[2])
    let (frames, bins) = (y.shape[1], y.shape[2])
    let apart = y.reshaped([batch, channels, frames, bins])
    return expandDims
      ? apart.transposed([0, 2, 3, 1])
      : apart.transposed([0, 2, 1, 3]).reshaped([batch, frames, channels * bins])
  }
}
