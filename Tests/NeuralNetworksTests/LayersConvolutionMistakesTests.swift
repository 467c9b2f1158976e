import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Mistakes in layers over windows are errors")
struct LayersConvolutionMistakesTests {
  /// A layer, the shape of its input, and what the message has to say.
  typealias Mistake = (layer: any NamedLayer, input: Shape, says: String)

  static let image: Shape = [2, 5, 5, 3]
  static let sequence: Shape = [2, 5, 3]
  static let volume: Shape = [1, 3, 3, 3, 2]

  static let convolutions: [Mistake] = [
    (Conv1D(4, kernelSize: 0), sequence, "kernel_size must be positive"),
    (Conv1D(4, kernelSize: 9), sequence, "does not fit"),
    (Conv1D(0, kernelSize: 1), sequence, "0 filters"),
    (Conv2D(.max, kernelSize: 3), image, "filters"),
    (Conv2D(4, kernelSize: WindowSize(.max)), image, "at most"),
    (Conv2D(4, kernelSize: [3, 3, 3]), image, "needs 2 numbers, not 3"),
    (Conv2D(4, kernelSize: 3, strides: [1, 0]), image, "strides must be positive"),
    (Conv2D(4, kernelSize: 3, dilationRate: -1), image, "dilation_rate must be positive"),
    (Conv2D(4, kernelSize: 2, strides: 2, dilationRate: 2), image, "both strides and a dilation"),
    (Conv2D(4, kernelSize: 3, padding: .causal), image, "no causal padding"),
    (Conv2D(4, kernelSize: 3, groups: 2), image, "groups"),
    (Conv2D(4, kernelSize: 3, groups: 0), image, "groups"),
    (Conv2D(4, kernelSize: 3), sequence, "[batch, height, width, channels]"),
    (Conv3D(4, kernelSize: 3), image, "[batch, depth, height, width, channels]"),
    (Conv1DTranspose(0, kernelSize: 1), sequence, "at least 1 filter, not 0"),
    (Conv1DTranspose(.max, kernelSize: 1), sequence, "at least 1 filter"),
    (Conv1DTranspose(1, kernelSize: 0), sequence, "kernel_size must be positive"),
    (Conv2DTranspose(1, kernelSize: 1, strides: WindowSize(.max)), image, "at most 65536"),
    (Conv2DTranspose(1, kernelSize: 1, dilationRate: 0), image, "dilation_rate must be positive"),
    (Conv2DTranspose(1, kernelSize: 2, strides: 2, dilationRate: 2), image, "both strides"),
    (Conv2DTranspose(1, kernelSize: 2, padding: .causal), image, "no causal padding"),
    (Conv2DTranspose(1, kernelSize: 2, strides: 2, outputPadding: 2), image, "smaller than the"),
    (Conv2DTranspose(1, kernelSize: 2, strides: 2, outputPadding: -1), image, "at least 0"),
    (Conv2DTranspose(1, kernelSize: 2, outputPadding: [1]), image, "output_padding needs 2"),
    (Conv2DTranspose(1, kernelSize: 2, outputPadding: WindowSize(.max)), image, "at most"),
    (Conv3DTranspose(1, kernelSize: 2), image, "[batch, depth, height, width, channels]"),
    (DepthwiseConv1D(0), sequence, "kernel_size must be positive"),
    (DepthwiseConv1D(9), sequence, "does not fit"),
    (DepthwiseConv2D(3, depthMultiplier: 0), image, "depth_multiplier of at least 1, not 0"),
    (DepthwiseConv2D(3, depthMultiplier: .max), image, "depth_multiplier"),
    (DepthwiseConv2D(3, strides: 0), image, "strides must be positive"),
    (DepthwiseConv2D(3, dilationRate: 0), image, "dilation_rate must be positive"),
    (DepthwiseConv1D(3, padding: .causal), sequence, "no causal padding"),
    (DepthwiseConv2D(3), sequence, "[batch, height, width, channels]"),
    (SeparableConv1D(0, kernelSize: 1), sequence, "at least 1 filter, not 0"),
    (SeparableConv1D(1, kernelSize: 1, depthMultiplier: -1), sequence, "depth_multiplier"),
    (SeparableConv1D(1, kernelSize: 1, padding: .causal), sequence, "no causal padding"),
    (SeparableConv2D(1, kernelSize: [1, .max]), image, "at most"),
    (SeparableConv2D(1, kernelSize: 1), sequence, "[batch, height, width, channels]"),
  ]

  static let poolings: [Mistake] = [
    (MaxPooling2D(0), image, "pool_size must be positive"),
    (MaxPooling2D(WindowSize(.max)), image, "at most"),
    (AveragePooling1D(2, strides: -1), sequence, "strides must be positive"),
    (AveragePooling2D(2, padding: .causal), image, "no causal padding"),
    (MaxPooling1D(9), sequence, "does not fit"),
    (MaxPooling3D(), image, "[batch, depth, height, width, channels]"),
    (GlobalMaxPooling1D(), image, "[batch, time, channels]"),
    (GlobalMaxPooling2D(), sequence, "[batch, height, width, channels]"),
    (GlobalAveragePooling3D(), image, "[batch, depth, height, width, channels]"),
    (AdaptiveMaxPooling1D(0), sequence, "output_size must be positive"),
    (AdaptiveMaxPooling2D(WindowSize(.max)), image, "at most"),
    (AdaptiveAveragePooling2D([1, 2, 3]), image, "needs 2 numbers, not 3"),
    (AdaptiveAveragePooling2D(-1), image, "output_size must be positive"),
    (AdaptiveAveragePooling3D(1), image, "[batch, depth, height, width, channels]"),
    (AdaptiveMaxPooling1D(2), [2, 0, 3], "cannot be shared out"),
    (AdaptiveAveragePooling1D(65536), [1, 4096, 1], "cannot be shared out"),
  ]

  static let reshapings: [Mistake] = [
    (Reshape([.max, .max]), [2, 6], "cannot give 6 elements"),
    (Reshape([4, -1]), [2, 6], "cannot give 6 elements"),
    (Reshape([-1, -1]), [2, 6], "cannot give 6 elements"),
    (Reshape([0, -1]), [2, 6], "cannot give 6 elements"),
    (Permute([2, 2]), [2, 3, 4], "no order"),
    (Permute([1]), [2, 3, 4], "no order"),
    (RepeatVector(0), [2, 3], "at least 1"),
    (RepeatVector(.max), [2, 3], "at least 1"),
    (RepeatVector(2), sequence, "[batch, features]"),
    (UpSampling1D(0), sequence, "size must be positive"),
    (UpSampling1D(.max), sequence, "at most"),
    (UpSampling1D(), [2, 3], "[batch, time, channels]"),
    (UpSampling2D(WindowSize(.max)), image, "at most"),
    (UpSampling2D([2, 2, 2]), image, "needs 2 numbers"),
    (UpSampling2D(65536, interpolation: .bicubic), [1, 2000, 5, 3], "cannot be resized"),
    (UpSampling2D(2, interpolation: .bilinear), [2, 0, 5, 3], "with pixels"),
    (UpSampling3D(65536), volume, "cannot make a tensor"),
    (UpSampling3D(0), volume, "size must be positive"),
    (ZeroPadding1D(-1), sequence, "padding [before, after] of at least 0"),
    (ZeroPadding1D([1, 2, 3]), sequence, "[before, after]"),
    (ZeroPadding2D(.init(.max)), image, "at least 0"),
    (ZeroPadding2D([[1, 2], [3]]), image, "[[top, bottom], [left, right]]"),
    (ZeroPadding2D(), sequence, "[batch, height, width, channels]"),
    (ZeroPadding3D([1, 2]), volume, "[[front, back], [top, bottom], [left, right]]"),
    (Cropping1D([2, 3]), sequence, "leaves nothing"),
    (Cropping1D(-1), sequence, "cropping [before, after] of at least 0"),
    (Cropping2D(.init(.max)), image, "at least 0"),
    (Cropping2D([[1, 2], [0, 5]]), image, "leaves nothing"),
    (Cropping3D(2), volume, "leaves nothing"),
    (Cropping3D(), image, "[batch, depth, height, width, channels]"),
  ]

  @Test("Hyperparameters and inputs that do not fit")
  func mistakes() throws {
    for mistake in Self.convolutions + Self.poolings + Self.reshapings {
      let error = #expect(throws: GraphError.self, "\(mistake.layer.className)") {
        try LayerTrace(mistake.layer, [TensorType(.float32, mistake.input)])
      }
      let said = [error?.message, error?.hint].compactMap { $0 }.joined(separator: "\n")
      #expect(said.contains(mistake.says), "\(mistake.layer.className): \(said)")
    }
  }
}
