import NeuralNetworks
import Strata
import TensorGraph
import Testing

@Suite("Layers over windows have kernels")
struct LayersConvolutionKernelsTests {
  static let sequences: [any NamedLayer] = [
    Conv1D(8, kernelSize: 3, padding: .causal, dilationRate: 2), DepthwiseConv1D(3),
    DepthwiseConv1D(3, depthMultiplier: 2), SeparableConv1D(8, kernelSize: 3),
    Conv1DTranspose(8, kernelSize: 3, strides: 2, padding: .same), MaxPooling1D(),
    AveragePooling1D(), GlobalMaxPooling1D(), GlobalAveragePooling1D(), AdaptiveMaxPooling1D(3),
    AdaptiveAveragePooling1D(3), Cropping1D(), ZeroPadding1D(), UpSampling1D(),
  ]
  static let images: [any NamedLayer] = [
    Conv2D(8, kernelSize: 3, groups: 2, activation: .relu), DepthwiseConv2D(3, activation: .relu),
    DepthwiseConv2D(3, strides: 2, depthMultiplier: 2), SeparableConv2D(8, kernelSize: 3),
    Conv2DTranspose(8, kernelSize: 3, strides: 2, activation: .relu),
    Conv2DTranspose(8, kernelSize: 2, strides: 3, outputPadding: 2), AdaptiveMaxPooling2D(3),
    AdaptiveAveragePooling2D(3), Cropping2D(1), ZeroPadding2D(), UpSampling2D(),
    UpSampling2D(interpolation: .bicubic), Flatten(options: [.dataFormat(.channelsFirst)]),
  ]
  static let volumes: [any NamedLayer] = [
    Conv3D(4, kernelSize: 3), Conv3DTranspose(4, kernelSize: 2, strides: 2), MaxPooling3D(),
    AveragePooling3D(), AdaptiveMaxPooling3D(3), AdaptiveAveragePooling3D(3), UpSampling3D(),
  ]

  @Test("None of them, and none of their gradients, runs through its reference")
  func kernels() throws {
    let all: [(layers: [any NamedLayer], shape: Shape)] = [
      (Self.sequences, [2, 8, 4]), (Self.images, [2, 8, 8, 4]), (Self.volumes, [1, 8, 8, 8, 2]),
    ]
    for (layers, shape) in all {
      for layer in layers {
        let trace = Trace()
        let x = trace.input("x", TensorType(.float32, shape))
        let (y, model) = layer.traced(on: [x], isTraining: true)
        let weights = model.declarations.compactMap { model.weights[$0.path] }
        let graph = try trace.graph(
          returning: y + gradients(of: (y[0] * y[0]).sum(), with: [x] + weights))
        let executable = try #require(try CPUEngine().compile(graph) as? CPUExecutable)
        var variables = weights.map { Tensor($0.type, repeating: 0.5) }
        let steps = executable.profile(
          [Tensor(x.type, repeating: 1)], variables: &variables, repeats: 1)
        let slow = steps.map(\.name).filter { $0.hasPrefix("reference") }
        #expect(slow.isEmpty, "\(layer.className): \(slow)")
      }
    }
  }
}
