import ModelFormats
import Strata

extension KerasInPython {
  /// Models of normalizations, of attention, and of the layers of the folder Core.
  static func attentionLayers() throws -> [Written] {
    func one(_ layer: any NamedLayer, _ input: [Int], name: String? = nil) throws -> Written {
      let model = try Model(input: input, seed: 1) { layer }
      return Written(
        name: name ?? layer.className, model: model, inputs: [numbers(Shape([2] + input))])
    }
    func pair(_ name: String, _ layer: any AttentionLayer, isCausal: Bool = false) throws -> Written
    {
      let (x, y) = (Input([4, 6]), Input([5, 6]))
      let (output, scores) = layer.withScores(
        Masking(name: "padded")(x), RMSNormalization()(y), useCausalMask: isCausal)
      return Written(
        name: name, model: try Model(inputs: [x, y], outputs: [output, scores], seed: 1),
        inputs: [numbers([2, 4, 6]), numbers([2, 5, 6], from: 9)])
    }
    func words(tieWeights: Bool) throws -> Written {
      let tokens = Input([4], dtype: .int32)
      let words = ReversibleEmbedding(7, 6, tieWeights: tieWeights, logitSoftCap: 3)
      let x = LayerNormalization(axis: [1, 2])(words(tokens))
      return Written(
        name: tieWeights ? "tied words" : "untied words",
        model: try Model(inputs: tokens, outputs: words.reversed(x), seed: 1),
        inputs: [Tensor([2, 4], [1, 2, 3, 4, 6, 5, 0, 1] as [Int32])])
    }
    return [
      try one(GroupNormalization(groups: 2), [3, 4]),
      try one(UnitNormalization(axis: [1, 2]), [3, 4]),
      try one(LayerNormalization(rmsScaling: true), [3, 4]),
      try one(
        BatchNormalization(renorm: true, renormClipping: RenormClipping(rmax: 2)), [3, 4],
        name: "renormalization"),
      try one(SpectralNormalization(Dense(3)), [4]),
      try one(
        SpectralNormalization(Conv2D(2, kernelSize: 3), powerIterations: 2), [4, 5, 3],
        name: "spectral convolution"),
      try one(
        EinsumDense(
          "abc,cde->abde", outputShape: [nil, 2, 3], activation: .relu, biasAxes: "de"), [4, 5]),
      try pair("Attention", Attention(useScale: true)),
      try pair("concat attention", Attention(useScale: true, scoreMode: .concat), isCausal: true),
      try pair("AdditiveAttention", AdditiveAttention()),
      try pair(
        "GroupQueryAttention",
        GroupQueryAttention(
          headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2, slidingWindow: 3, useGate: true)),
      try pair(
        "gated heads",
        MultiHeadAttention(
          numHeads: 2, keyDim: 3, valueDim: 4, outputShape: [2, 2], attentionAxes: 1,
          slidingWindow: 2, useGate: true), isCausal: true),
      try words(tieWeights: true), try words(tieWeights: false),
    ]
  }
}
