import ModelFormats
import Strata

extension KerasInPython {
  /// Models of the recurrent layers, their cells, and the layers around them.
  static func recurrentLayers() throws -> [Written] {
    func one(_ layer: any Layer, _ input: [Int], _ name: String) throws -> Written {
      let model = try Model(input: input, seed: 3) { layer }
      return Written(name: name, model: model, inputs: [numbers(Shape([2] + input))])
    }
    return [
      try one(RNN(SimpleRNNCell(3)), [4, 2], "rnn of a SimpleRNNCell"),
      try one(
        RNN(LSTMCell(3, activation: .relu), returnSequences: true, goBackwards: true), [4, 2],
        "rnn of an LSTMCell"),
      try one(
        RNN(
          StackedRNNCells([LSTMCell(3), GRUCell(2, resetAfter: false), LSTMCell(4)]),
          unroll: true), [4, 2], "rnn of a stack"),
      try one(
        Bidirectional(RNN(GRUCell(3), returnSequences: true), mergeMode: .sum), [4, 2],
        "both ways through a cell"),
      try one(
        Bidirectional(
          RNN(StackedRNNCells([GRUCell(3), LSTMCell(2)])),
          backwardLayer: RNN(SimpleRNNCell(2), goBackwards: true)), [4, 2],
        "two ways through cells"),
      try one(
        ConvLSTM1D(3, kernelSize: 2, strides: 2, padding: .same, returnSequences: true), [3, 5, 2],
        "ConvLSTM1D"),
      try one(
        ConvLSTM2D(2, kernelSize: [2, 3], dilationRate: 2, options: [.dataFormat(.channelsFirst)]),
        [3, 2, 5, 6], "ConvLSTM2D"),
      try one(
        ConvLSTM3D(2, kernelSize: 2, useBias: false, unitForgetBias: false), [2, 3, 3, 2, 1],
        "ConvLSTM3D"),
      try one(
        Bidirectional(ConvLSTM1D(2, kernelSize: 3, padding: .same)), [3, 5, 2],
        "both ways over rows"),
      try one(TimeDistributed(Dense(3, activation: .tanh)), [4, 2], "a Dense at each step"),
      try one(
        TimeDistributed(Bidirectional(LSTM(2))), [3, 4, 2], "a Bidirectional at each step"),
      try one(
        TimeDistributed(
          Sequential {
            Conv2D(3, kernelSize: 2)
            BatchNormalization()
            Flatten()
          }), [2, 4, 5, 1], "a Sequential at each step"),
      try one(
        LSTM(
          3, biasInitializer: .randomUniform(), dropout: 0.1, recurrentDropout: 0.2,
          unroll: true, zeroOutputForMask: true), [4, 2], "LSTM with everything"),
      try masked(), try cells(), try stateful(), try states(),
    ]
  }

  private static func masked() throws -> Written {
    let model = try Model(input: [4, 2], seed: 3) {
      Masking()
      TimeDistributed(Dense(3))
      RNN(StackedRNNCells([LSTMCell(3), GRUCell(2)]), returnSequences: true)
      GRU(2)
    }
    var x = numbers([2, 4, 2]).numbers.map(Float.init)
    for index in [4, 5, 14, 15] { x[index] = 0 }
    return Written(name: "masked", model: model, inputs: [Tensor([2, 4, 2], x)])
  }

  /// Cells as layers, of whom one takes the states of the other.
  private static func cells() throws -> Written {
    let x = Input([3], name: "x"), h = Input([4], name: "h"), c = Input([4], name: "c")
    let first = LSTMCell(4).apply(to: [x, h, c], outputs: 3)
    let second = GRUCell(4).apply(to: [first[0], first[2]], outputs: 2)
    let third = SimpleRNNCell(4).apply(to: [second[0], h], outputs: 2)
    let stack = StackedRNNCells([LSTMCell(4), SimpleRNNCell(4)]).apply(
      to: [third[0], h, c, third[1]], outputs: 4)
    let model = try Model(inputs: [x, h, c], outputs: stack + [first[1]], seed: 3)
    return Written(
      name: "cells", model: model,
      inputs: [numbers([2, 3]), numbers([2, 4], from: 5), numbers([2, 4], from: 9)])
  }

  private static func stateful() throws -> Written {
    let x = Input([4, 2], batchSize: 2)
    let y = LSTM(3, returnSequences: true, stateful: true)(x)
    let model = try Model(
      inputs: x, outputs: RNN(StackedRNNCells([GRUCell(3), LSTMCell(2)]), stateful: true)(y),
      seed: 3)
    return Written(name: "stateful", model: model, inputs: [numbers([2, 4, 2])])
  }

  /// An encoder whose states a decoder begins with, for stacks and both directions too.
  private static func states() throws -> Written {
    let x = Input([4, 2], name: "x"), y = Input([3, 2], name: "y")
    func cells() -> StackedRNNCells { StackedRNNCells([LSTMCell(3), GRUCell(2)]) }
    let code = RNN(cells(), returnState: true).apply(to: [x], outputs: 4)
    let text = RNN(cells()).apply(to: [y] + code.dropFirst(), outputs: 1)[0]
    let both = Bidirectional(GRU(2, returnState: true)).apply(to: [x], outputs: 3)
    let read = Bidirectional(GRU(2)).apply(to: [y] + both.dropFirst(), outputs: 1)[0]
    let model = try Model(inputs: [x, y], outputs: [text, read], seed: 3)
    return Written(
      name: "states", model: model, inputs: [numbers([2, 4, 2]), numbers([2, 3, 2], from: 3)])
  }
}
