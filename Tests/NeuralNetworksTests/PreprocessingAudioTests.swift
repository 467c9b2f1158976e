import Foundation
import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Spectrograms")
struct PreprocessingAudioTests {
  private func run(_ layer: any Layer, _ x: Tensor) throws -> Tensor {
    try layer.outputs(for: [x], engine: CPUEngine())[0]
  }

  /// A tone of `frequency` for `count` steps at `rate`.
  private func tone(_ frequency: Double, rate: Double, count: Int) -> Tensor {
    Tensor([1, count], (0..<count).map { Float(sin(2 * .pi * frequency * Double($0) / rate)) })
  }

  @Test("A tone is strongest where its frequency is", arguments: [300.0, 1000, 2500, 6000])
  func tones(_ frequency: Double) throws {
    let layer = MelSpectrogram(
      fftLength: 512, sequenceStride: 128, samplingRate: 16_000, numMelBins: 40)
    let y = try run(layer, tone(frequency, rate: 16_000, count: 4000))
    #expect(y.shape == [1, 40, 32])
    func mel(_ f: Double) -> Double { 1127 * log(1 + f / 700) }
    let width = (mel(8000) - mel(20)) / 41
    let place = (mel(frequency) - mel(20)) / width - 1
    let column = (0..<40).map { y.numbers[$0 * 32 + 15] }
    let found = column.indices.max { column[$0] < column[$1] } ?? 0
    #expect((Double(found) - place).magnitude <= 1)
    #expect((y.numbers.max() ?? 0) - (y.numbers.min() ?? 0) <= 80 + 1e-3)
  }

  @Test("Silence has finite spectra and gradients", arguments: [1.0, 2, 0.5, 0])
  func silence(_ exponent: Double) throws {
    let layer = MelSpectrogram(
      fftLength: 16, sequenceStride: 4, samplingRate: 800, numMelBins: 4, magExp: exponent)
    let trace = try LayerTrace(layer, [TensorType(.float32, [1, 40])])
    var variables: [Tensor] = []
    let fed = trace.graph.inputs.map { Tensor(zeros: trace.graph.type($0)) }
    for result in try CPUEngine().compile(trace.graph).run(fed, variables: &variables) {
      #expect(result.numbers.allSatisfy { $0.isFinite })
    }
  }

  @Test("The kernels of a spectrogram are a Fourier transform")
  func transform() throws {
    let model = try Model(input: [64, 1], seed: 1) {
      STFTSpectrogram(.stft, frameLength: 32, frameStep: 32, window: nil)
    }
    let signal = (0..<64).map { Double(($0 * 37) % 19) - 9 }
    let y = try model.predict(Tensor([1, 64, 1], signal.map(Float.init))).numbers
    for (frame, bin) in [(0, 0), (0, 5), (1, 16), (1, 3)] {
      let part = signal[frame * 32..<(frame + 1) * 32]
      var (real, imaginary) = (0.0, 0.0)
      for (time, value) in part.enumerated() {
        real += value * cos(2 * .pi * Double(time * bin) / 32)
        imaginary -= value * sin(2 * .pi * Double(time * bin) / 32)
      }
      #expect((y[frame * 34 + bin] - real).magnitude < 1e-3)
      #expect((y[frame * 34 + 17 + bin] - imaginary).magnitude < 1e-3)
    }
  }

  @Test("Shapes, weights, configurations and gradients")
  func citizens() throws {
    let small = MelSpectrogram(
      fftLength: 16, sequenceStride: 5, sequenceLength: 12, samplingRate: 800, numMelBins: 4,
      topDb: 500)
    try checkLayer(small, input: [2, 40], output: [2, 4, 9])
    try checkLayer(small, input: [40], output: [4, 9])
    try checkLayer(
      MelSpectrogram(
        fftLength: 8, sequenceStride: 3, window: .values([1, 2, 3, 4, 4, 3, 2, 1]),
        samplingRate: 100, numMelBins: 2, maxFreq: 40, powerToDb: false, magExp: 1),
      input: [1, 2, 11], output: [1, 2, 2, 4])
    let kernels: [(String, Shape)] = [("real_kernel", [6, 1, 5]), ("imag_kernel", [6, 1, 5])]
    for mode in STFTSpectrogram.Mode.allCases {
      let weights = mode == .real ? [kernels[0]] : mode == .imag ? [kernels[1]] : kernels
      let bins = mode == .stft ? 10 : 5
      try checkLayer(
        STFTSpectrogram(mode, frameLength: 6), input: [2, 14, 2], output: [2, 3, 2 * bins],
        weights: weights)
      try checkLayer(
        STFTSpectrogram(
          mode, frameLength: 6, frameStep: 2, padding: .same, expandDims: true,
          options: [.dataFormat(.channelsFirst)]),
        input: [1, 2, 9], output: [1, 2, 5, bins], weights: weights)
    }
    try checkLayer(
      STFTSpectrogram(.real, frameLength: 4, window: nil, scaling: nil), input: [1, 9, 1],
      output: [1, 3, 3], weights: [("real_kernel", [4, 1, 3])], mask: .refused)
  }

  @Test("Mistakes are errors that say what is wrong")
  func mistakes() throws {
    typealias Mistake = (layer: any NamedLayer, input: Shape, says: String)
    let table: [Mistake] = [
      (MelSpectrogram(fftLength: 0), [2, 50], "must be positive"),
      (MelSpectrogram(fftLength: .max), [2, 50], "must be positive"),
      (MelSpectrogram(fftLength: 1 << 20), [2, 50], "at most"),
      (MelSpectrogram(fftLength: 16, sequenceLength: 17), [2, 50], "must not be above fft_length"),
      (MelSpectrogram(fftLength: 16, sequenceLength: 0), [2, 50], "must be positive"),
      (MelSpectrogram(sequenceStride: 0), [2, 50], "sequence_stride must be positive"),
      (MelSpectrogram(sequenceStride: .max), [2, 50], "sequence_stride must be positive"),
      (MelSpectrogram(fftLength: 16, window: .values([1])), [2, 50], "window has 1 values"),
      (MelSpectrogram(samplingRate: 0), [2, 50], "sampling_rate"),
      (MelSpectrogram(samplingRate: .nan), [2, 50], "sampling_rate"),
      (MelSpectrogram(numMelBins: 0), [2, 50], "num_mel_bins"),
      (MelSpectrogram(numMelBins: .max), [2, 50], "num_mel_bins"),
      (MelSpectrogram(minFreq: -1), [2, 50], "min_freq"),
      (MelSpectrogram(minFreq: 9000), [2, 50], "min_freq"),
      (MelSpectrogram(maxFreq: .infinity), [2, 50], "min_freq"),
      (MelSpectrogram(magExp: .nan), [2, 50], "mag_exp"),
      (MelSpectrogram(minPower: 0), [2, 50], "min_power above 0"),
      (MelSpectrogram(topDb: .infinity), [2, 50], "top_db"),
      (MelSpectrogram(), [], "[…, time]"), (MelSpectrogram(), [2, 0], "one step or more"),
      (STFTSpectrogram(frameLength: 1), [2, 50, 1], "frame_length must be from 2"),
      (STFTSpectrogram(frameLength: .max), [2, 50, 1], "frame_length must be from 2"),
      (STFTSpectrogram(frameLength: 8, frameStep: 0), [2, 50, 1], "frame_step"),
      (STFTSpectrogram(frameLength: 8, frameStep: 9), [2, 50, 1], "frame_step"),
      (STFTSpectrogram(frameLength: 8, fftLength: 7), [2, 50, 1], "must not be above"),
      (STFTSpectrogram(frameLength: 8, fftLength: .max), [2, 50, 1], "must be positive"),
      (STFTSpectrogram(frameLength: 1 << 16), [2, 50, 1], "at most"),
      (STFTSpectrogram(frameLength: 8, window: .values([1])), [2, 50, 1], "window has 1"),
      (STFTSpectrogram(frameLength: 8, padding: .causal), [2, 50, 1], "valid or same"),
      (STFTSpectrogram(frameLength: 8), [2, 50], "[batch, time, channels]"),
      (STFTSpectrogram(frameLength: 60), [2, 50, 1], "does not fit"),
    ]
    for mistake in table {
      let error = #expect(throws: GraphError.self, "\(mistake.says)") {
        try LayerTrace(mistake.layer, [TensorType(.float32, mistake.input)])
      }
      let text = "\(error?.message ?? "no error") \(error?.hint ?? "")"
      #expect(text.contains(mistake.says), "\(mistake.layer.className): \(text)")
    }
    #expect(throws: GraphError.self) {
      try LayerTrace(STFTSpectrogram(frameLength: 4), [TensorType(.int32, [1, 9, 1])])
    }
    for (key, value) in [("window", JSONValue.string("han ning")), ("mode", "loud")] {
      #expect(throws: ConfigurationError.self) {
        try LayerRegistry.standard.layer(
          className: "STFTSpectrogram", config: .object([key: value]))
      }
    }
  }
}
