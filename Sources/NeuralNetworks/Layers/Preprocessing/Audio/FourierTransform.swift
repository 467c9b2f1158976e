import Foundation
import TensorGraph

/// The Fourier transform of frames of a signal, as a convolution with waves.
struct FourierTransform {
  /// The number of steps of a frame.
  let frameLength: Int
  /// From each frame to the next.
  let frameStep: Int
  /// The number of steps of the transform; frames are padded to it with zeros on both sides.
  let fftLength: Int
  /// What frames are multiplied by, in its periodic form.
  let window: WindowFunction?

  /// The number of frequencies, from 0 to half the rate.
  var binCount: Int { fftLength / 2 + 1 }

  /// Why there cannot be frames of this length in a transform of `fftLength`, or nothing.
  static func mistake(_ name: String, _ frameLength: Int, _ fftLength: Int) -> String? {
    guard isSize(frameLength), isSize(fftLength) else {
      return "\(name) and fft_length must be positive, not \(frameLength) and \(fftLength)"
    }
    guard frameLength <= fftLength else {
      return "\(name) \(frameLength) must not be above fft_length \(fftLength)"
    }
    return frameLength * fftLength <= 1 << 27
      ? nil : "\(name) times fft_length must be at most \(1 << 27)"
  }

  /// The spectra of the frames of `x`, one more than as many as fit after the first.
  ///
  /// The signal is mirrored at its ends, so that the first frame stands around its first step.
  ///
  /// - x: `[batch, time]`
  /// - Result: real and imaginary parts `[batch, frames, bins]`
  func callAsFunction(_ x: Symbol) -> (real: Symbol, imaginary: Symbol) {
    let before = (fftLength - frameLength) / 2, after = fftLength - frameLength - before
    let centered = mirrored(x, by: fftLength / 2)
    let time = before..<max(centered.shape[1] - after, before)
    let signal = centered.sliced(axis: 1, time).expandingDims(at: -1)
    let spectra = convolution(signal, x.trace.constant(waves(before)), strides: [frameStep])
    guard spectra.isValid else { return (spectra, spectra) }
    let parts = spectra.split(2, axis: 2)
    return (parts[0], parts[1])
  }

  /// The cosines and the negative sines of all frequencies, windowed, from step `first` of the
  /// transform on: `[frameLength, 1, 2 · bins]`.
  private func waves(_ first: Int) -> Tensor {
    let values =
      window?.values(frameLength, periodic: true) ?? Array(repeating: 1, count: frameLength)
    let cosines = (0..<fftLength).map { cos(2 * Double.pi * Double($0) / Double(fftLength)) }
    let sines = (0..<fftLength).map { sin(2 * Double.pi * Double($0) / Double(fftLength)) }
    var numbers: [Double] = []
    numbers.reserveCapacity(frameLength * 2 * binCount)
    for (time, value) in values.enumerated() {
      let step = first + time
      for bin in 0..<binCount { numbers.append(value * cosines[step * bin % fftLength]) }
      for bin in 0..<binCount { numbers.append(-value * sines[step * bin % fftLength]) }
    }
    return Tensor(TensorType(.float32, [frameLength, 1, 2 * binCount]), numbers: numbers)
  }

  /// `x` with `margin` more steps at both ends, mirrored at the first and the last step, again and
  /// again if need be.
  private func mirrored(_ x: Symbol, by margin: Int) -> Symbol {
    let count = x.shape[1], period = max(2 * (count - 1), 1)
    let indices = (-margin..<count + margin).map { step in
      let place = (step % period + period) % period
      return Double(min(place, period - place) % count)
    }
    let places = Tensor(TensorType(.int32, [indices.count]), numbers: indices)
    return x.transposed().gathered(at: x.trace.constant(places)).transposed()
  }
}
