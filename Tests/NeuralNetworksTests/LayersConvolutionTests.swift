import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Convolutions are good citizens")
struct LayersConvolutionTests {
  @Test("Conv1D, Conv2D, Conv3D")
  func plain() throws {
    try checkLayer(
      Conv1D(4, kernelSize: 3, strides: 2, padding: .causal), input: [2, 7, 3],
      output: [2, 4, 4], weights: [("kernel", [3, 3, 4]), ("bias", [4])], mask: .reshaped([2, 4]))
    try checkLayer(
      Conv1D(4, kernelSize: 2, dilationRate: 3), input: [2, 7, 3], output: [2, 4, 4],
      weights: [("kernel", [2, 3, 4]), ("bias", [4])], mask: .reshaped([2, 4]))
    try checkLayer(
      Conv2D(4, kernelSize: [3, 2], padding: .same, groups: 2, activation: .sigmoid),
      input: [2, 5, 4, 2], output: [2, 5, 4, 4],
      weights: [("kernel", [3, 2, 1, 4]), ("bias", [4])], mask: .refused)
    try checkLayer(
      Conv2D(4, kernelSize: 3, options: [.dataFormat(.channelsFirst)]), input: [2, 3, 4, 5],
      output: [2, 4, 2, 3], weights: [("kernel", [3, 3, 3, 4]), ("bias", [4])])
    try checkLayer(
      Conv3D(2, kernelSize: 2, useBias: false), input: [1, 3, 3, 3, 2], output: [1, 2, 2, 2, 2],
      weights: [("kernel", [2, 2, 2, 2, 2])], mask: .refused)
  }

  @Test("Conv1DTranspose, Conv2DTranspose, Conv3DTranspose")
  func transposed() throws {
    try checkLayer(
      Conv1DTranspose(4, kernelSize: 3, strides: 2), input: [2, 5, 3], output: [2, 11, 4],
      weights: [("kernel", [3, 4, 3]), ("bias", [4])], mask: .reshaped([2, 11]))
    try checkLayer(
      Conv1DTranspose(2, kernelSize: 2, strides: 3, outputPadding: 2), input: [1, 3, 2],
      output: [1, 10, 2], weights: [("kernel", [2, 2, 2]), ("bias", [2])],
      mask: .reshaped([1, 10]))
    try checkLayer(
      Conv2DTranspose(3, kernelSize: [3, 2], strides: [2, 1], padding: .same, activation: .tanh),
      input: [1, 2, 3, 2], output: [1, 4, 3, 3],
      weights: [("kernel", [3, 2, 3, 2]), ("bias", [3])], mask: .refused)
    try checkLayer(
      Conv2DTranspose(
        3, kernelSize: 3, strides: 2, padding: .same, outputPadding: [1, 0], useBias: false,
        options: [.dataFormat(.channelsFirst)]), input: [1, 2, 3, 2], output: [1, 3, 6, 3],
      weights: [("kernel", [3, 3, 3, 2])])
    try checkLayer(
      Conv3DTranspose(2, kernelSize: 2, dilationRate: [1, 2, 1]), input: [1, 2, 2, 2, 1],
      output: [1, 3, 4, 3, 2], weights: [("kernel", [2, 2, 2, 2, 1]), ("bias", [2])],
      mask: .refused)
  }

  @Test("DepthwiseConv1D, DepthwiseConv2D")
  func depthwise() throws {
    try checkLayer(
      DepthwiseConv1D(3, depthMultiplier: 2), input: [2, 5, 3], output: [2, 3, 6],
      weights: [("kernel", [3, 3, 2]), ("bias", [6])], mask: .reshaped([2, 3]))
    try checkLayer(
      DepthwiseConv2D([3, 2], strides: 2, padding: .same, useBias: false), input: [2, 5, 4, 3],
      output: [2, 3, 2, 3], weights: [("kernel", [3, 2, 3, 1])], mask: .refused)
  }

  @Test("SeparableConv1D, SeparableConv2D")
  func separable() throws {
    try checkLayer(
      SeparableConv1D(4, kernelSize: 3, padding: .same, activation: .tanh), input: [2, 5, 3],
      output: [2, 5, 4],
      weights: [
        ("depthwise_kernel", [3, 3, 1]), ("pointwise_kernel", [1, 3, 4]), ("bias", [4]),
      ], mask: .passed)
    try checkLayer(
      SeparableConv2D(4, kernelSize: 2, dilationRate: 2, depthMultiplier: 2), input: [1, 4, 5, 3],
      output: [1, 2, 3, 4],
      weights: [
        ("depthwise_kernel", [2, 2, 3, 2]), ("pointwise_kernel", [1, 1, 6, 4]), ("bias", [4]),
      ], mask: .refused)
  }

  @Test("Each convolution has its own penalties and constraints, by Keras's words")
  func roles() throws {
    let options: LayerOptions = [
      .depthwiseRegularizer(.l2(1)), .depthwiseConstraint(.nonNeg), .biasRegularizer(.l2(1)),
    ]
    let x = TensorType(.float32, [2, 5, 3])
    for layer in [
      DepthwiseConv1D(3, options: options), SeparableConv1D(4, kernelSize: 3, options: options),
    ] as [any NamedLayer] {
      let trace = Trace()
      let model = layer.traced(on: [trace.input("x", x)], isTraining: true).model
      #expect(model.losses.count == 2, "\(layer.className)")
      #expect(
        model.declarations.map { $0.constraint != nil }
          == model.declarations.indices.map { $0 == 0 })
    }
    let config = try LayerRegistry.config(of: DepthwiseConv1D(3, options: options))
    #expect(config["depthwise_regularizer"] != nil && config["depthwise_initializer"] != nil)
    #expect(config["kernel_regularizer"] == nil)
  }
}
