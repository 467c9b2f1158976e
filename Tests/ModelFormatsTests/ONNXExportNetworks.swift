import Foundation
import ModelFormats
import Strata

/// Whole networks that are written as ONNX.
enum ExportNetworks {
  private static func numbers(_ shape: Shape, from start: Int = 0) -> Tensor {
    KerasInPython.numbers(shape, from: start)
  }

  static func all() throws -> [ExportCase] {
    try builtIn() + [
      convolutional(), residual(), uNet(), separable(), channelsFirst(), transposed(), shared(),
      nested(), several(), transformer(), maskedStack(), lstms(), convLSTM(), causal(), seq2seq(),
      half(), brain(), double(), openImages(), openSequences(), openAverages(), openPositions(),
      bytes(),
    ]
  }

  static func builtIn() throws -> [ExportCase] {
    try BuiltInModel.all.map { network in
      let model = try network.model(seed: 3, engine: CPUEngine())
      let shape = Shape([1] + model.inputs[0].shape.map { $0 ?? 7 })
      let x =
        model.inputs[0].dtype.isFloatingPoint
        ? numbers(shape)
        : Tensor(
          TensorType(model.inputs[0].dtype, shape),
          numbers: (0..<shape.count).map { Double($0 * 7919 % 211) })
      var item = ExportCase("built-in \(network.name)", model, inputs: [x], tolerance: 2e-5)
      if network.name == "lstm" { item.has = ["LSTM"] }
      if network.name == "cnn" { item.most = ["Transpose": 2] }
      return item
    }
  }

  private static func convolutional() throws -> ExportCase {
    let model = try Model(input: [12, 12, 3], name: "cnn", seed: 1) {
      Conv2D(8, kernelSize: 3, padding: .same, activation: .relu)
      BatchNormalization()
      MaxPooling2D()
      Conv2D(8, kernelSize: 3, strides: 2, padding: .same)
      BatchNormalization()
      ReLU()
      Dropout(0.5)
      GlobalAveragePooling2D()
      Dense(5, activation: .softmax)
    }
    try moveStatistics(model)
    return ExportCase(
      "convolutional", model, inputs: [numbers([2, 12, 12, 3])],
      has: ["Conv", "BatchNormalization", "MaxPool", "Gemm", "Softmax", "Relu"],
      most: ["Transpose": 1, "Conv": 2, "Add": 0, "BatchNormalization": 2])
  }

  /// Moving averages as after a training.
  private static func moveStatistics(_ model: Model) throws {
    for (path, tensor) in model.weights where path.contains("moving_") {
      try model.setWeights([
        path: Tensor(tensor.type, numbers: numbers(tensor.shape).numbers.map { $0 * $0 + 0.1 })
      ])
    }
  }

  private static func residual() throws -> ExportCase {
    let x = Input([8, 8, 4])
    let first = Conv2D(6, kernelSize: 3, padding: .same, activation: .relu)(x)
    var y = Conv2D(6, kernelSize: 3, padding: .same, useBias: false)(first)
    y = BatchNormalization()(y)
    y = ActivationLayer(.relu)(Add()([y, first]))
    y = AveragePooling2D(2, padding: .same)(y)
    let model = try Model(
      inputs: x, outputs: Dense(3)(Flatten()(y)), name: "residual", seed: 2)
    try moveStatistics(model)
    return ExportCase(
      "residual", model, inputs: [numbers([3, 8, 8, 4])], most: ["Transpose": 2])
  }

  private static func uNet() throws -> ExportCase {
    let x = Input([nil, nil, 3])
    let a = Conv2D(4, kernelSize: 3, padding: .same, activation: .relu)(x)
    let b = Conv2D(6, kernelSize: 3, padding: .same, activation: .elu)(MaxPooling2D()(a))
    let c = Conv2D(8, kernelSize: 3, padding: .same, activation: .silu)(MaxPooling2D()(b))
    let d = Concatenate()([UpSampling2D()(c), b])
    let e = Conv2DTranspose(4, kernelSize: 3, strides: 2, padding: .same, activation: .relu)(d)
    let y = Conv2D(2, kernelSize: 1, activation: .sigmoid)(Concatenate()([e, a]))
    let model = try Model(inputs: x, outputs: y, name: "unet", seed: 3)
    return ExportCase(
      "U-Net", model, [[numbers([1, 8, 12, 3])], [numbers([3, 16, 4, 3])]])
  }

  private static func separable() throws -> ExportCase {
    let model = try Model(input: [10, 9, 4], name: "separable", seed: 4) {
      DepthwiseConv2D(3, strides: 2, padding: .same, depthMultiplier: 2)
      BatchNormalization()
      ReLU(maxValue: 6)
      SeparableConv2D(6, kernelSize: 3, padding: .same, activation: .hardSilu)
      GlobalMaxPooling2D()
      Dense(3, activation: .logSoftmax)
    }
    return ExportCase(
      "depthwise separable", model, inputs: [numbers([2, 10, 9, 4])], has: ["Clip"],
      most: ["Transpose": 1, "Conv": 3])
  }

  private static func channelsFirst() throws -> ExportCase {
    let first: LayerOptions = [.dataFormat(.channelsFirst)]
    let model = try Model(input: [3, 9, 8], name: "first", seed: 5) {
      Conv2D(4, kernelSize: 3, activation: .relu, options: first)
      MaxPooling2D(2, options: first)
      BatchNormalization(axis: 1)
      Flatten(options: first)
      Dense(2)
    }
    return ExportCase(
      "channels first", model, inputs: [numbers([2, 3, 9, 8])], has: ["BatchNormalization"],
      most: ["Transpose": 1])
  }

  private static func transposed() throws -> ExportCase {
    let model = try Model(input: [5], name: "generator", seed: 6) {
      Dense(3 * 3 * 4, activation: .leakyReLU)
      Reshape([3, 3, 4])
      Conv2DTranspose(4, kernelSize: 4, strides: 2, padding: .same, activation: .leakyReLU)
      Conv2DTranspose(1, kernelSize: 3, strides: 2, activation: .tanh)
    }
    return ExportCase(
      "generator", model, inputs: [numbers([2, 5])], has: ["ConvTranspose", "LeakyRelu"])
  }

  private static func shared() throws -> ExportCase {
    let (x, y) = (Input([6], name: "left"), Input([6], name: "right"))
    let tower = Dense(4, activation: .tanh)
    let model = try Model(
      inputs: [x, y], outputs: [Dot(axes: 1, normalize: true).apply(to: [tower(x), tower(y)])[0]],
      name: "siamese", seed: 7)
    return ExportCase("shared", model, inputs: [numbers([3, 6]), numbers([3, 6], from: 50)])
  }

  private static func nested() throws -> ExportCase {
    let model = try Model(input: [6, 4], name: "nested", seed: 8) {
      Sequential(name: "inner") {
        Dense(5, activation: .gelu)
        Sequential {
          LayerNormalization()
          Dense(3, activation: .selu)
        }
      }
      TimeDistributed(Dense(2, activation: .softplus))
      Flatten()
    }
    return ExportCase(
      "nested", model, inputs: [numbers([2, 6, 4])], has: ["LayerNormalization"])
  }

  private static func several() throws -> ExportCase {
    let (image, text) = (Input([6, 6, 1], name: "image"), Input([5], dtype: .int32, name: "text"))
    let seen = Flatten()(Conv2D(2, kernelSize: 3, activation: .relu)(image))
    let read = GRU(4)(Embedding(20, 3)(text))
    let both = Concatenate()([seen, read])
    let model = try Model(
      inputs: [image, text],
      outputs: [
        Dense(3, activation: .softmax, name: "class")(both), Dense(1, name: "value")(both), seen,
      ],
      name: "several", seed: 9)
    return ExportCase(
      "several", model,
      inputs: [
        numbers([2, 6, 6, 1]), Tensor([2, 5], [1, 2, 3, 4, 5, 19, 0, 7, 8, 9] as [Int32]),
      ],
      has: ["GRU", "Gather"])
  }

  private static func transformer() throws -> ExportCase {
    let tokens = Input([nil], dtype: .int32)
    var x = Embedding(30, 8, maskZero: true)(tokens)
    for _ in 0..<2 {
      let seen = MultiHeadAttention(numHeads: 2, keyDim: 4)(x, x)
      x = LayerNormalization()(Add()([x, seen]))
      let wide = Dense(8)(Dense(16, activation: .gelu)(x))
      x = LayerNormalization()(Add()([x, wide]))
    }
    let model = try Model(
      inputs: tokens, outputs: Dense(4, activation: .softmax)(GlobalAveragePooling1D()(x)),
      name: "transformer", seed: 10)
    return ExportCase(
      "transformer", model,
      [
        [Tensor([2, 5], [1, 2, 3, 0, 0, 5, 6, 7, 8, 9] as [Int32])],
        [Tensor([3, 3], [1, 2, 0, 29, 28, 27, 4, 0, 0] as [Int32])],
      ], has: ["Softmax", "LayerNormalization"])
  }

  private static func maskedStack() throws -> ExportCase {
    let tokens = Input([nil], dtype: .int32)
    var x = Embedding(20, 6, maskZero: true)(tokens)
    x = Bidirectional(GRU(4, returnSequences: true))(x)
    x = Bidirectional(LSTM(3, returnSequences: true), mergeMode: .sum)(x)
    x = GRU(5, activation: .relu, resetAfter: false)(x)
    let model = try Model(inputs: tokens, outputs: Dense(2)(x), name: "stack", seed: 11)
    return ExportCase(
      "masked stack", model,
      [
        [Tensor([3, 4], [1, 2, 3, 0, 5, 0, 7, 8, 0, 0, 0, 0] as [Int32])],
        [Tensor([2, 6], [0, 0, 3, 19, 0, 1, 2, 2, 2, 2, 2, 2] as [Int32])],
      ], has: ["GRU", "LSTM"], most: ["Scan": 0])
  }

  private static func lstms() throws -> ExportCase {
    let model = try Model(input: [nil, 3], name: "recurrent", seed: 12) {
      Bidirectional(LSTM(4, returnSequences: true))
      LSTM(
        3, activation: .softsign, recurrentActivation: .hardSigmoid, returnSequences: true,
        goBackwards: true)
      GRU(4, returnSequences: true, resetAfter: false)
      GRU(4, useBias: false, returnSequences: true)
      SimpleRNN(3, returnSequences: true)
      Bidirectional(GRU(2), mergeMode: .mul)
    }
    return ExportCase(
      "LSTM, GRU and RNN", model, [[numbers([2, 5, 3])], [numbers([3, 1, 3])]],
      has: ["LSTM", "GRU", "RNN"], most: ["Scan": 0])
  }

  private static func convLSTM() throws -> ExportCase {
    let model = try Model(input: [nil, 6, 5, 2], name: "video", seed: 13) {
      ConvLSTM2D(3, kernelSize: 3, padding: .same, returnSequences: true)
      BatchNormalization()
      ConvLSTM2D(2, kernelSize: 2)
    }
    return ExportCase(
      "ConvLSTM", model, [[numbers([2, 3, 6, 5, 2])], [numbers([1, 2, 6, 5, 2])]], has: ["Scan"])
  }

  private static func causal() throws -> ExportCase {
    let model = try Model(input: [nil, 3], name: "wavenet", seed: 14) {
      Conv1D(4, kernelSize: 2, padding: .causal, dilationRate: 2, activation: .tanh)
      Conv1D(4, kernelSize: 3, strides: 2, padding: .same, activation: .mish)
      AveragePooling1D(2, strides: 2, padding: .same)
      UpSampling1D(2)
      ZeroPadding1D(2)
      Cropping1D([1, 0])
      Conv1DTranspose(2, kernelSize: 3, strides: 2)
    }
    return ExportCase(
      "causal", model, [[numbers([2, 16, 3])], [numbers([1, 13, 3])]], has: ["Conv"])
  }

  private static func seq2seq() throws -> ExportCase {
    let x = Input([nil, 3], name: "source"), y = Input([nil, 2], name: "target")
    let code = LSTM(4, returnState: true).apply(to: [x], outputs: 3)
    let text = LSTM(4, returnSequences: true).apply(to: [y] + code.dropFirst(), outputs: 1)[0]
    let whole = LSTM(4, returnSequences: true)(x)
    let seen = Attention().apply(to: [text, whole])[0]
    let model = try Model(
      inputs: [x, y], outputs: [Dense(3)(Concatenate()([text, seen])), code[2]], name: "translate",
      seed: 15)
    return ExportCase(
      "sequence to sequence", model,
      [
        [numbers([2, 5, 3]), numbers([2, 3, 2])], [numbers([1, 2, 3]), numbers([1, 4, 2])],
      ], has: ["LSTM"])
  }

  private static func half() throws -> ExportCase {
    let model = try Model(input: [8, 8, 2], name: "half", seed: 16, dtypePolicy: .mixedFloat16) {
      Conv2D(4, kernelSize: 3, activation: .relu)
      BatchNormalization()
      Flatten()
      Dense(6, activation: .tanh)
      Dense(3, activation: .softmax, options: [.dtype(.float32)])
    }
    return ExportCase("float16", model, inputs: [numbers([2, 8, 8, 2])], tolerance: 4e-3)
  }

  private static func brain() throws -> ExportCase {
    let model = try Model(input: [6, 3], name: "brain", seed: 17, dtypePolicy: .mixedBFloat16) {
      LSTM(4, returnSequences: true)
      LayerNormalization()
      Dense(6, activation: .gelu)
      GlobalMaxPooling1D()
      Dense(3, activation: .softmax, options: [.dtype(.float32)])
    }
    return ExportCase("bfloat16", model, inputs: [numbers([2, 6, 3])], tolerance: 2e-2)
  }

  private static func double() throws -> ExportCase {
    let x = Input([6, 3], dtype: .float64)
    let y = Dense(4, activation: .relu, options: [.dtype(.float64)])(x)
    let z = GRU(3, options: [.dtype(.float64)])(y)
    let model = try Model(inputs: x, outputs: z, name: "double", seed: 18)
    return ExportCase("float64", model, inputs: [numbers([2, 6, 3]).cast(to: .float64)])
  }

  private static func openImages() throws -> ExportCase {
    let model = try Model(input: [nil, nil, 3], name: "open", seed: 19) {
      Conv2D(4, kernelSize: 3, strides: 2, padding: .same, activation: .relu)
      GroupNormalization(groups: 2)
      MaxPooling2D(3, strides: 2, padding: .same)
      Conv2D(4, kernelSize: 2, strides: 2)
      GlobalAveragePooling2D()
    }
    return ExportCase(
      "images of any size", model, [[numbers([2, 17, 20, 3])], [numbers([1, 14, 27, 3])]])
  }

  private static func openSequences() throws -> ExportCase {
    let (x, y) = (Input([nil, 4], name: "a"), Input([nil, 4], name: "b"))
    let model = try Model(
      inputs: [x, y],
      outputs: [
        Softmax()(Dense(3)(Add()([x, y]))), Dot(axes: 2).apply(to: [x, y])[0],
        MultiHeadAttention(numHeads: 2, keyDim: 2)(x, y),
      ], name: "pairs", seed: 20)
    return ExportCase(
      "sequences of one length", model,
      [
        [numbers([2, 5, 4]), numbers([2, 5, 4], from: 3)],
        [numbers([1, 7, 4]), numbers([1, 7, 4])],
      ])
  }

  private static func openAverages() throws -> ExportCase {
    let model = try Model(input: [nil, 4], name: "averages", seed: 21) {
      UnitNormalization()
      Permute([2, 1])
      Permute([2, 1])
      GlobalAveragePooling1D(keepdims: true)
      Flatten()
      RepeatVector(3)
      Reshape([2, 6])
    }
    return ExportCase("averages", model, [[numbers([2, 5, 4])], [numbers([4, 3, 4])]])
  }

  private static func openPositions() throws -> ExportCase {
    let x = Input([nil, 8])
    let y = MultiHeadAttention(numHeads: 2, keyDim: 4).withScores(x, x, useCausalMask: true).output
    let model = try Model(inputs: x, outputs: y, name: "causal_attention", seed: 22)
    return ExportCase("causal attention", model, [[numbers([2, 5, 8])], [numbers([1, 9, 8])]])
  }

  private static func bytes() throws -> ExportCase {
    let x = Input([4, 4, 1], dtype: .uint8)
    let y = Dense(3)(Flatten()(Rescaling(1 / 255.0)(x)))
    return ExportCase(
      "bytes", try Model(inputs: x, outputs: y, name: "bytes", seed: 23),
      inputs: [Tensor([2, 4, 4, 1], (0..<32).map { UInt8($0 * 8) })])
  }
}
