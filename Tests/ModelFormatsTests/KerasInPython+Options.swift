import ModelFormats
import Strata

extension KerasInPython {
  /// Models whose layers have every option, and those of the layers that are noise in training.
  static func options() throws -> [Written] {
    try [penalized(), recurrent(), images(), noise(), typed(), started()]
  }

  private static func compiled(
    _ model: Model, _ x: Tensor, classes: Int, name: String
  ) throws -> Written {
    try model.compile(
      optimizer: .sgd(learningRate: 0.05, momentum: 0.9), loss: .sparseCategoricalCrossentropy,
      metrics: [.accuracy])
    let y = Tensor([x.shape[0]], (0..<x.shape[0]).map { Int32($0 % classes) })
    try model.fit(x, y, batchSize: 4, epochs: 2, verbose: .silent)
    return Written(name: name, model: model, inputs: [x], targets: [y])
  }

  private static func penalized() throws -> Written {
    let model = try Model(input: [6], name: "penalized", seed: 2) {
      Dense(
        5, activation: .tanh,
        options: [
          .kernelRegularizer(.l1l2(l1: 0.01, l2: 0.02)), .biasRegularizer(.l1(0.1)),
          .kernelConstraint(.maxNorm(0.9)), .biasConstraint(.nonNeg),
          .activityRegularizer(.l2(0.03)),
        ])
      BatchNormalization(
        options: [
          .gammaRegularizer(.l2(0.1)), .betaRegularizer(.l1(0.1)), .gammaConstraint(.nonNeg),
          .betaConstraint(.minMaxNorm(minValue: 0.1, maxValue: 0.5, rate: 0.5)),
        ])
      Dense(4, options: [.trainable(false), .kernelRegularizer(.l2(0.5))])
      PReLU(options: [.alphaRegularizer(.l2(0.1)), .alphaConstraint(.nonNeg)])
      ActivityRegularization(l1: 0.01, l2: 0.02)
      Dense(
        3, activation: .softmax,
        options: [
          .kernelRegularizer(.orthogonal(factor: 0.1, mode: .columns)),
          .kernelConstraint(.unitNorm(axis: 0)),
        ])
    }
    var written = try compiled(model, numbers([8, 6]), classes: 3, name: "penalized")
    written.frozen = ["dense_1"]
    return written
  }

  private static func recurrent() throws -> Written {
    let model = try Model(input: [5, 4], name: "recurrent", seed: 2) {
      LSTM(
        3, returnSequences: true,
        options: [
          .kernelRegularizer(.l2(0.1)), .recurrentRegularizer(.l1(0.1)), .biasRegularizer(.l2(1)),
          .recurrentConstraint(.maxNorm(0.5, axis: 0)), .activityRegularizer(.l1(0.01)), .seed(5),
        ])
      MaxPooling1D(2)
      Flatten()
      Dense(3, activation: .softmax)
    }
    return try compiled(model, numbers([8, 5, 4]), classes: 3, name: "recurrent")
  }

  private static func images() throws -> Written {
    let first: LayerOptions = [.dataFormat(.channelsFirst)]
    let model = try Model(input: [2, 6, 5], name: "images", seed: 2) {
      Conv2D(
        4, kernelSize: 3, activation: .relu,
        options: [
          .dataFormat(.channelsFirst), .kernelConstraint(.maxNorm(0.5, axis: [0, 1, 2])),
          .kernelRegularizer(.l1(0.01)),
        ])
      SpatialDropout2D(0.25, options: first)
      MaxPooling2D(2, options: first)
      GlobalAveragePooling2D(options: first)
      Dense(3, activation: .softmax)
    }
    return try compiled(model, numbers([8, 2, 6, 5]), classes: 3, name: "images")
  }

  private static func noise() throws -> Written {
    let model = try Model(input: [4, 6], name: "noise", seed: 2) {
      Dropout(0.2, noiseShape: [nil, 1, nil], options: [.seed(3)])
      SpatialDropout1D(0.2, options: [.seed(3)])
      GaussianDropout(0.2, options: [.seed(3)])
      GaussianNoise(0.2, options: [.seed(3)])
      AlphaDropout(0.2, noiseShape: [nil, nil, 1], options: [.seed(3)])
      Reshape([2, 2, 2, 3])
      SpatialDropout3D(0.2, options: [.seed(3)])
      Flatten()
      Dense(3, activation: .softmax)
    }
    return try compiled(model, numbers([8, 4, 6]), classes: 3, name: "noise")
  }

  private static func typed() throws -> Written {
    let model = try Model(input: [6, 6, 2], name: "typed", seed: 2, dtypePolicy: .mixedBFloat16) {
      Conv2D(4, kernelSize: 3, activation: .relu)
      Flatten()
      Dense(4, options: [.dtype(.bfloat16)])
      Dense(3, activation: .softmax, options: [.dtype(.float32)])
    }
    var written = try compiled(model, numbers([8, 6, 6, 2]), classes: 3, name: "typed")
    written.tolerance = 0.03
    return written
  }

  /// Weights whose starts have hyperparameters of their own.
  private static func started() throws -> Written {
    let model = try Model(input: [12, 1], name: "started", seed: 2) {
      Conv1D(5, kernelSize: 8, kernelInitializer: .stft(side: .imag, window: .hamming))
      Conv1D(
        4, kernelSize: 2,
        kernelInitializer: .varianceScaling(inputAxes: [1], outputAxes: [2]).seeded(4),
        biasInitializer: .randomNormal(stddev: 0.1).seeded(5))
      Dense(4, kernelInitializer: .identity(gain: 0.5), biasInitializer: .constant(0.1))
      LSTM(3, recurrentInitializer: .orthogonal(gain: 0.5).seeded(1))
      Dense(3, activation: .softmax, kernelInitializer: .heUniform.seeded(2))
    }
    return try compiled(model, numbers([8, 12, 1]), classes: 3, name: "started")
  }
}
