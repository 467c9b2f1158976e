import Foundation
import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Layers that move and repeat are good citizens")
struct LayersReshapingTests {
  static let first: LayerOptions = [.dataFormat(.channelsFirst)]

  @Test("Flatten, Reshape, Permute, RepeatVector")
  func shapes() throws {
    try checkLayer(Flatten(), input: [2, 5, 3], output: [2, 15], mask: .refused)
    try checkLayer(Flatten(), input: [2, 5, 1], output: [2, 5], mask: .passed)
    try checkLayer(Flatten(), input: [2, 5], output: [2, 5], mask: .passed)
    try checkLayer(Flatten(options: Self.first), input: [2, 3, 4, 5], output: [2, 60])
    try checkLayer(Reshape([5, -1, 3]), input: [2, 5, 6], output: [2, 5, 2, 3], mask: .passed)
    try checkLayer(Reshape([-1]), input: [2, 5, 6], output: [2, 30], mask: .refused)
    try checkLayer(Reshape([]), input: [2, 1], output: [2])
    try checkLayer(Permute([2, 1]), input: [2, 5, 3], output: [2, 3, 5], mask: .refused)
    try checkLayer(Permute([1, 3, 2]), input: [2, 5, 3, 4], output: [2, 5, 4, 3], mask: .passed)
    try checkLayer(RepeatVector(3), input: [2, 5], output: [2, 3, 5], mask: .refused)
  }

  @Test("Cropping1D, Cropping2D, Cropping3D")
  func cropping() throws {
    try checkLayer(
      Cropping1D([1, 2]), input: [2, 7, 3], output: [2, 4, 3], mask: .reshaped([2, 4]))
    try checkLayer(Cropping1D(), input: [2, 7, 3], output: [2, 5, 3], mask: .reshaped([2, 5]))
    try checkLayer(
      Cropping2D([[1, 0], [2, 1]]), input: [2, 3, 5, 2], output: [2, 2, 2, 2], mask: .refused)
    try checkLayer(Cropping2D(), input: [2, 3, 5, 2], output: [2, 3, 5, 2])
    try checkLayer(
      Cropping2D([1, 2], options: Self.first), input: [1, 2, 3, 5], output: [1, 2, 1, 1])
    try checkLayer(
      Cropping3D([[1, 0], [0, 1], [1, 1]]), input: [1, 3, 3, 4, 2], output: [1, 2, 2, 2, 2],
      mask: .refused)
    try checkLayer(Cropping3D(), input: [1, 3, 3, 4, 2], output: [1, 1, 1, 2, 2])
  }

  @Test("ZeroPadding1D, ZeroPadding2D, ZeroPadding3D")
  func padding() throws {
    try checkLayer(
      ZeroPadding1D([1, 2]), input: [2, 4, 3], output: [2, 7, 3], mask: .reshaped([2, 7]))
    try checkLayer(
      ZeroPadding1D(2, options: Self.first), input: [2, 3, 4], output: [2, 3, 8])
    try checkLayer(
      ZeroPadding2D([[1, 0], [2, 1]]), input: [2, 3, 4, 2], output: [2, 4, 7, 2], mask: .refused)
    try checkLayer(ZeroPadding2D([1, 2]), input: [2, 3, 4, 2], output: [2, 5, 8, 2])
    try checkLayer(
      ZeroPadding3D([1, 0, 2]), input: [1, 2, 3, 1, 2], output: [1, 4, 3, 5, 2], mask: .refused)
  }

  @Test("UpSampling1D, UpSampling2D, UpSampling3D", arguments: Interpolation.allCases)
  func upSampling(_ interpolation: Interpolation) throws {
    try checkLayer(
      UpSampling1D(3), input: [2, 4, 3], output: [2, 12, 3], mask: .reshaped([2, 12]))
    try checkLayer(
      UpSampling2D([2, 3], interpolation: interpolation), input: [2, 3, 4, 2],
      output: [2, 6, 12, 2], mask: .refused)
    try checkLayer(
      UpSampling2D(2, interpolation: interpolation, options: Self.first), input: [1, 2, 3, 2],
      output: [1, 2, 6, 4])
    try checkLayer(
      UpSampling3D([2, 1, 3]), input: [1, 2, 3, 2, 2], output: [1, 4, 3, 6, 2], mask: .refused)
  }

  @Test("A step of a window's output counts if one that it sees does")
  func masks() throws {
    let layers: [(any NamedLayer, [Double])] = [
      (MaxPooling1D(2), [1, 0, 1]),
      (AveragePooling1D(2, strides: 3), [1, 0]),
      (MaxPooling1D(3, strides: 2, padding: .same), [1, 0, 1]),
      (AdaptiveMaxPooling1D(4), [1, 0, 0, 1]),
      (AdaptiveAveragePooling1D(3), [1, 0, 1]),
      (Conv1D(1, kernelSize: 2, dilationRate: 4), [1, 1]),
      (Conv1D(1, kernelSize: 3, padding: .causal), [1, 1, 1, 0, 0, 1]),
      (Conv1D(1, kernelSize: 3, padding: .same), [1, 1, 0, 0, 1, 1]),
      (DepthwiseConv1D(3, padding: .same), [1, 1, 0, 0, 1, 1]),
      (SeparableConv1D(1, kernelSize: 3, strides: 3), [1, 1]),
      (Conv1DTranspose(1, kernelSize: 2), [1, 1, 0, 0, 0, 1, 1]),
      (
        Conv1DTranspose(1, kernelSize: 3, strides: 2, padding: .same),
        [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1]
      ),
      (Cropping1D([0, 2]), [1, 0, 0, 0]),
      (Cropping1D(1), [0, 0, 0, 0]),
      (ZeroPadding1D([1, 2]), [0, 1, 0, 0, 0, 0, 1, 0, 0]),
      (UpSampling1D(2), [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]),
      (Permute([1, 2]), [1, 0, 0, 0, 0, 1]),
      (Flatten(), [1, 0, 0, 0, 0, 1]),
    ]
    for (layer, expected) in layers {
      let trace = try LayerTrace(layer, [TensorType(.float32, [1, 6, 1])], masks: [0: [1, 6]])
      let values = trace.graph.inputs.dropFirst(2) + trace.graph.variables
      let results = ReferenceEngine.evaluate(
        trace.graph,
        [
          ReferenceTensor([1, 6, 1], repeating: 1),
          ReferenceTensor([1, 6], [1, 0, 0, 0, 0, 1]),
        ] + values.map { ReferenceTensor(trace.graph.type($0).shape, repeating: 1) })
      #expect(trace.results(results).masks[0]?.numbers == expected, "\(layer.className)")
    }
  }

  @Test("Borders are read as Keras writes them")
  func borders() throws {
    func read(_ layer: String, _ config: String) throws -> JSONValue? {
      let layer = try LayerRegistry.standard.layer(
        className: layer, config: JSONValue(parsing: Data(config.utf8)))
      let config = try LayerRegistry.config(of: layer)
      return config["padding"] ?? config["cropping"]
    }
    #expect(try read("ZeroPadding1D", #"{"padding": 2}"#) == [2, 2])
    #expect(try read("ZeroPadding1D", #"{"padding": [1, 2]}"#) == [1, 2])
    #expect(try read("ZeroPadding2D", #"{"padding": 2}"#) == [[2, 2], [2, 2]])
    #expect(try read("ZeroPadding2D", #"{"padding": [1, 2]}"#) == [[1, 1], [2, 2]])
    #expect(try read("Cropping2D", #"{"cropping": [[1, 0], 2]}"#) == [[1, 0], [2, 2]])
    #expect(try read("Cropping3D", "{}") == [[1, 1], [1, 1], [1, 1]])
    #expect(throws: ConfigurationError.self) { try read("Cropping2D", #"{"cropping": "x"}"#) }
  }
}
