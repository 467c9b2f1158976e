import TensorGraph

extension BuiltInModel {
  /// One hidden layer: 784 → 128 → 10 for Fashion-MNIST.
  static let mlp = BuiltInModel(
    name: "mlp", summary: "a hidden layer of 128 units, for samples of any shape",
    sample: Sample([28, 28], dtype: .uint8), batchSize: 32, dataset: "fashion-mnist",
    body: { x, sample in
      let flat = sample.shape.count == 1 ? x : Flatten()(x)
      return Dense(128, activation: .relu)(scaled(flat, sample))
    }, expected: "samples of any shape", rank: nil)

  /// Two convolutions with pooling, as in Keras's example for MNIST.
  static let cnn = BuiltInModel(
    name: "cnn", summary: "two convolutions with pooling, for pictures",
    sample: Sample([28, 28, 1], dtype: .uint8), batchSize: 128, dataset: "fashion-mnist",
    body: { image, sample in
      var x = scaled(image, sample)
      for filters in [32, 64] {
        x = MaxPooling2D(2)(Conv2D(filters, kernelSize: 3, activation: .relu)(x))
      }
      return Flatten()(x)
    }, expected: "pictures: [height, width] or [height, width, channels]", rank: 3)

  /// A recurrent layer that reads a picture row by row.
  static let lstm = BuiltInModel(
    name: "lstm", summary: "an LSTM of 128 units, for sequences",
    sample: Sample([28, 28]), batchSize: 128, dataset: "fashion-mnist",
    body: { x, sample in LSTM(128)(scaled(x, sample)) },
    expected: "sequences: [steps] or [steps, features]", rank: 2)

  /// The residual network with 20 layers for small pictures.
  ///
  /// Reference: He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, 2015, section
  /// 4.2, with a projection (its option B) where the size changes.
  static let resnet20 = BuiltInModel(
    name: "resnet20", summary: "a residual network of 20 layers, for pictures",
    sample: Sample([32, 32, 3]), batchSize: 64, dataset: nil,
    body: { image, sample in
      var x = ReLU()(normalizedConvolution(scaled(image, sample), filters: 16))
      for (stage, filters) in [16, 32, 64].enumerated() {
        for block in 0..<3 {
          x = residualBlock(x, filters: filters, strides: stage > 0 && block == 0 ? 2 : 1)
        }
      }
      return GlobalAveragePooling2D()(x)
    }, expected: "pictures: [height, width] or [height, width, channels]", rank: 3)

  /// Two encoder blocks over embedded tokens, and their mean.
  ///
  /// Reference: Vaswani et al., Attention Is All You Need, 2017, figure 1.
  static let transformer = BuiltInModel(
    name: "transformer", summary: "two blocks of attention with 4 heads, for tokens",
    sample: Sample([64], dtype: .int32), batchSize: 32, dataset: nil,
    body: { tokens, sample in
      guard sample.shape.count == 1 else { return nil }
      var x = Embedding(sample.vocabulary, 128)(tokens)
      for _ in 0..<2 {
        let attended = MultiHeadAttention(numHeads: 4, keyDim: 32)(x, x)
        x = LayerNormalization()(Add()(x, attended))
        let hidden = Dense(128)(Dense(256, activation: .relu)(x))
        x = LayerNormalization()(Add()(x, hidden))
      }
      return GlobalAveragePooling1D()(x)
    }, expected: "tokens: [steps]", rank: nil)
}

/// `x` from 0 to 1 where samples are bytes.
private func scaled(_ x: SymbolicTensor, _ sample: BuiltInModel.Sample) -> SymbolicTensor {
  sample.dtype == .uint8 ? Rescaling(1.0 / 255)(x) : x
}

private func normalizedConvolution(
  _ x: SymbolicTensor, filters: Int, size: Int = 3, strides: Int = 1
) -> SymbolicTensor {
  let window = WindowSize<2>(integerLiteral: size), steps = WindowSize<2>(integerLiteral: strides)
  return BatchNormalization()(
    Conv2D(filters, kernelSize: window, strides: steps, padding: .same, useBias: false)(x))
}

/// x + F(x), where F is two convolutions.
private func residualBlock(
  _ x: SymbolicTensor, filters: Int, strides: Int
) -> SymbolicTensor {
  let first = ReLU()(normalizedConvolution(x, filters: filters, strides: strides))
  let second = normalizedConvolution(first, filters: filters)
  let shortcut =
    strides == 1 ? x : normalizedConvolution(x, filters: filters, size: 1, strides: strides)
  return ReLU()(Add()(shortcut, second))
}
