import Foundation
import NeuralNetworks
import Strata
import TensorGraph
import Testing

@Suite("ZTiming", .serialized)
struct LayersConvolutionTimingTests {
  @Test("look")
  func look() throws {
    let big: Shape = [4, 56, 56, 64]
    let all: [(any NamedLayer, Shape)] = [
      (Conv2D(64, kernelSize: 3, padding: .same, activation: .relu), big),
      (DepthwiseConv2D(3, padding: .same, activation: .relu), big),
      (DepthwiseConv2D(3, padding: .same, depthMultiplier: 2), big),
      (Conv2D(64, kernelSize: 3, padding: .same, groups: 4), big),
      (DepthwiseConv1D(3, padding: .same, activation: .relu), [4, 3136, 64]),
      (SeparableConv2D(64, kernelSize: 3, padding: .same, activation: .relu), big),
      (
        Conv2DTranspose(64, kernelSize: 3, strides: 2, padding: .same, activation: .relu),
        [4, 28, 28, 64]
      ),
      (
        Conv1DTranspose(64, kernelSize: 4, strides: 2, padding: .same, activation: .relu),
        [4, 784, 64]
      ),
      (Conv3DTranspose(16, kernelSize: 2, strides: 2), [1, 14, 14, 14, 16]),
      (AdaptiveAveragePooling2D(7), [4, 30, 30, 64]),
      (AdaptiveMaxPooling2D(7), [4, 30, 30, 64]),
      (UpSampling2D(2, interpolation: .bilinear), [4, 56, 56, 16]),
      (UpSampling2D(2, interpolation: .bilinear), [4, 112, 112, 3]),
      (UpSampling2D(2), [4, 56, 56, 16]),
    ]
    for (layer, shape) in all {
      let trace = Trace()
      let x = trace.input("x", TensorType(.float32, shape))
      let (y, model) = layer.traced(on: [x], isTraining: true)
      let dy = trace.input("dy", y[0].type)
      let weights = model.declarations.compactMap { model.weights[$0.path] }
      let graph = try trace.graph(
        returning: y + gradients(of: (y[0] * dy).sum(), with: [x] + weights))
      let executable = try #require(try CPUEngine().compile(graph) as? CPUExecutable)
      var variables = weights.map { Tensor($0.type, repeating: 0.5) }
      let fed = [Tensor(x.type, repeating: 1), Tensor(dy.type, repeating: 1)]
      _ = executable.profile(fed, variables: &variables, repeats: 2)
      let steps = executable.profile(fed, variables: &variables, repeats: 10)
      print("== \(layer.className) \(shape) → \(y[0].shape)")
      for s in steps { print("   \(s.name)  \(Int(s.microseconds)) µs") }
    }
  }
}
