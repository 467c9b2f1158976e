import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("What recurrent layers do")
struct LayersRecurrentPropertiesTests {
  /// Runs `layer` on `x` with all its weights drawn from one seed.
  static func run(
    _ layer: any Layer, _ x: [Tensor], mask: Tensor? = nil, isTraining: Bool = false
  ) throws -> [Tensor] {
    let trace = try LayerTrace(
      layer, x.map(\.type), masks: mask.map { [0: $0.shape] } ?? [:], isTraining: isTraining)
    var random = SeededGenerator(seed: 5)
    var variables = trace.weights.map { weight in
      weight.path.contains("rnn_state")
        ? Tensor(zeros: weight.type)
        : Tensor(weight.type, numbers: random.spreadTensor(weight.type.shape, in: -1...1).numbers)
    }
    let executable = try CPUEngine().compile(trace.forward)
    return executable.run(x + (mask.map { [$0] } ?? []), variables: &variables)
  }

  static func numbers(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
    var random = SeededGenerator(seed: seed)
    return Tensor(
      TensorType(.float32, shape), numbers: random.spreadTensor(shape, in: -1...1).numbers)
  }

  static func difference(_ a: Tensor, _ b: Tensor) -> Double {
    a.shape == b.shape ? zip(a.numbers, b.numbers).map { abs($0 - $1) }.max() ?? 0 : .infinity
  }

  static let layers: [@Sendable (Recurrence) -> any RecurrentLayer] = [
    { SimpleRNN(cell: SimpleRNNCell(9), recurrence: $0, options: []) },
    { LSTM(cell: LSTMCell(9), recurrence: $0, options: []) },
    { LSTM(cell: LSTMCell(3, activation: .relu), recurrence: $0, options: []) },
    { GRU(cell: GRUCell(9), recurrence: $0, options: []) },
    { GRU(cell: GRUCell(3, resetAfter: false), recurrence: $0, options: []) },
    { made(StackedRNNCells([LSTMCell(4), SimpleRNNCell(3), GRUCell(5)]), $0) },
    { made(LeakySum(3), $0) },
  ]

  static func made(_ cell: any RNNCell, _ r: Recurrence) -> RNN {
    RNN(
      cell, returnSequences: r.returnSequences, returnState: r.returnState,
      goBackwards: r.goBackwards, stateful: r.stateful, unroll: r.unroll,
      zeroOutputForMask: r.zeroOutputForMask)
  }

  @Test(
    "With any mask, a sample is what its steps that count give alone", arguments: layers.indices)
  func masks(_ index: Int) throws {
    let (batch, time) = (6, 11)
    let x = Self.numbers([batch, time, 3])
    var random = SeededGenerator(seed: 7)
    for turn in 0..<4 {
      var counts = (0..<batch).map { _ in
        (0..<time).map { _ in Bool.random(using: &random) }
      }
      counts[0] = (0..<time).map { $0 >= 4 }  // padded before, as some data is
      counts[1] = (0..<time).map { $0 == turn }
      let mask = Tensor([batch, time], counts.flatMap(\.self))
      for backwards in [false, true] {
        let layer = Self.layers[index](Recurrence(returnState: true, goBackwards: backwards))
        let together = try Self.run(layer, [x], mask: mask)
        for sample in 0..<batch {
          let steps = (0..<time).filter { counts[sample][$0] }
          guard !steps.isEmpty else { continue }
          let alone = steps.flatMap { step in
            (0..<3).map { x.numbers[(sample * time + step) * 3 + $0] }
          }
          let own = try Self.run(
            layer, [Tensor(TensorType(.float32, [1, steps.count, 3]), numbers: alone)])
          for (y, own) in zip(together, own) {
            let size = own.numbers.count
            let part = y.numbers[sample * size..<(sample + 1) * size]
            for (a, b) in zip(part, own.numbers) { #expect(abs(a - b) < 1e-5) }
          }
        }
      }
    }
  }

  @Test("Steps written out give what the loop gives", arguments: layers.indices)
  func unrolled(_ index: Int) throws {
    let x = Self.numbers([4, 6, 3])
    let mask = Tensor([4, 6], (0..<24).map { $0 % 5 != 1 && $0 > 2 })
    for masked in [nil, mask] {
      let results = try [false, true].map { unroll in
        try Self.run(
          Self.layers[index](
            Recurrence(returnSequences: true, returnState: true, unroll: unroll)),
          [x], mask: masked)
      }
      for (a, b) in zip(results[0], results[1]) { #expect(Self.difference(a, b) < 1e-5) }
    }
  }

  @Test("Dropout drops the same at each step, in a loop and written out", arguments: [false, true])
  func dropout(unroll: Bool) throws {
    // A cell that only adds: each step adds the same inputs, doubled, or none of them.
    let layer = RNN(Dropping(), returnSequences: true, unroll: unroll)
    let x = Tensor([1, 4, 16], [Float](repeating: 1, count: 64))
    let y = try Self.run(layer, [x], isTraining: true)[0].numbers
    let first = Array(y[0..<16])
    #expect(Set(first) == [0, 2])
    for step in 1..<4 {
      #expect(Array(y[step * 16..<(step + 1) * 16]) == first.map { $0 * Double(step + 1) })
    }
    let cells: [any RNNCell] = [
      LSTMCell(3, dropout: 0.4, recurrentDropout: 0.4), GRUCell(3, dropout: 0.4),
      SimpleRNNCell(3, recurrentDropout: 0.4),
      StackedRNNCells([LSTMCell(3, dropout: 0.4), GRUCell(2, recurrentDropout: 0.4)]),
    ]
    let sequence = Self.numbers([3, 5, 4])
    for cell in cells {
      let looped = try Self.run(RNN(cell), [sequence], isTraining: true)[0]
      let written = try Self.run(RNN(cell, unroll: true), [sequence], isTraining: true)[0]
      #expect(Self.difference(looped, written) < 1e-5)
      #expect(Self.difference(looped, try Self.run(RNN(cell), [sequence])[0]) > 1e-3)
    }
  }

  @Test("A cell of one's own is as good as a layer of ours")
  func ownCell() throws {
    let x = Self.numbers([3, 5, 4])
    let ours = try Self.run(SimpleRNN(6, useBias: false, returnSequences: true), [x])[0]
    let own = try Self.run(RNN(MinimalCell(6), returnSequences: true), [x])[0]
    #expect(Self.difference(ours, own) < 1e-6)
  }

  @Test("An output that is no state is kept where the mask leaves steps out")
  func keptOutput() throws {
    let x = Tensor([2, 4, 1], [1, 2, 3, 4, 5, 6, 7, 8] as [Float])
    let mask = Tensor([2, 4], [true, false, true, false, false, true, false, false])
    let kept = try Self.run(RNN(Echo(), returnSequences: true), [x], mask: mask)[0]
    #expect(kept.numbers == [1, 1, 3, 3, 0, 6, 6, 6])
    let zeros = try Self.run(
      RNN(Echo(), returnSequences: true, zeroOutputForMask: true), [x], mask: mask)[0]
    #expect(zeros.numbers == [1, 0, 3, 0, 0, 6, 0, 0])
    let last = try Self.run(RNN(Echo()), [x], mask: mask)[0]
    #expect(last.numbers == [3, 6])
  }

  @Test("Layers in a cell have weights of their own in each direction, and share them over time")
  func nested() throws {
    let trace = try LayerTrace(
      Bidirectional(RNN(Deep())), [TensorType(.float32, [2, 5, 3])])
    let directions = ["forward", "backward"].flatMap { direction in
      ["kernel", "bias"].map { "bidirectional/\(direction)_rnn/cell/dense/\($0)" }
    }
    #expect(trace.weights.map(\.path) == directions)
    let twice = try LayerTrace(RNN(Deep(), unroll: true), [TensorType(.float32, [2, 5, 3])])
    #expect(twice.weights.map(\.path) == ["rnn/cell/dense/kernel", "rnn/cell/dense/bias"])
  }

  @Test("Penalties of a cell and of a layer add to the loss once")
  func penalties() throws {
    func losses(_ layer: any Layer) -> Int {
      let trace = Trace()
      let x = trace.input("x", TensorType(.float32, [2, 5, 3]))
      return layer.traced(on: [x], isTraining: true).model.losses.count
    }
    #expect(losses(RNN(LSTMCell(4, options: [.recurrentRegularizer(.l2(0.1))]))) == 1)
    #expect(
      losses(RNN(LSTMCell(4, options: [.recurrentRegularizer(.l2(0.1))]), unroll: true)) == 1)
    #expect(losses(LSTM(4, options: [.kernelRegularizer(.l2(0.1))])) == 1)
    #expect(losses(Bidirectional(GRU(2, options: [.biasRegularizer(.l1(0.1))]))) == 2)
    #expect(losses(Bidirectional(GRU(2, options: [.activityRegularizer(.l1(0.1))]))) == 2)
    #expect(
      losses(
        RNN(
          StackedRNNCells([
            GRUCell(2, options: [.kernelRegularizer(.l2(1))]),
            GRUCell(2, options: [.kernelRegularizer(.l2(1)), .biasRegularizer(.l2(1))]),
          ]))) == 3)
    #expect(
      losses(ConvertingLayer(TimeDistributed(Dense(2, options: [.kernelRegularizer(.l2(1))])))) == 1
    )
  }
}

/// Hands its input to another layer.
private final class ConvertingLayer: Layer {
  let inner: any Layer
  init(_ inner: any Layer) { self.inner = inner }
  func call(_ x: Symbol, _ context: LayerContext) -> Symbol { inner(x) }
}

/// The cell of the documentation.
final class MinimalCell: RNNCell {
  let units: Int
  init(_ units: Int) { self.units = units }
  var stateSizes: [Int] { [units] }

  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) {
    let kernel = context.weight("kernel", [x.shape[-1], units], .glorotUniform)
    let recurrent = context.weight("recurrent_kernel", [units, units], .orthogonal())
    let h = tanh(matmul(x, kernel) + matmul(states[0], recurrent))
    return (h, [h])
  }
}

/// A cell without weights that forgets a part of its sum, and gives another number than its state.
private final class LeakySum: RNNCell {
  let units: Int
  init(_ units: Int) { self.units = units }
  var stateSizes: [Int] { [units] }
  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) {
    let sum = 0.5 * states[0] + x
    return (sin(sum), [sum])
  }
}

/// A cell that sums what dropout leaves.
private final class Dropping: RNNCell {
  let dropout = Dropout(0.5)
  var stateSizes: [Int] { [16] }
  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) {
    let sum = states[0] + dropout(x)
    return (sum, [sum])
  }
}

/// A cell that gives its input.
private final class Echo: RNNCell {
  var stateSizes: [Int] { [1] }
  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) { (x, states) }
}

/// A cell with a layer in it.
private final class Deep: RNNCell {
  let dense = Dense(3, activation: .tanh)
  var stateSizes: [Int] { [3] }
  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) {
    let h = dense(concatenate([x, states[0]], axis: -1))
    return (h, [h])
  }
}
