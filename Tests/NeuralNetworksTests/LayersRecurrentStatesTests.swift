import NeuralNetworks
import Strata
import TensorGraph
import Testing

@Suite("Stateful recurrent layers")
struct LayersRecurrentStatesTests {
  typealias Properties = LayersRecurrentPropertiesTests

  private static func layer(_ kind: Int, stateful: Bool) -> any Layer {
    switch kind {
    case 0: return LSTM(3, stateful: stateful, name: "r")
    case 1:
      return RNN(StackedRNNCells([GRUCell(2), LSTMCell(3)]), stateful: stateful, name: "r")
    case 2: return SimpleRNN(3, stateful: stateful, unroll: true, name: "r")
    default: return GRU(3, stateful: stateful, resetAfter: false, name: "r")
    }
  }

  @Test("Parts of sequences one after another give what the whole gives", arguments: [0, 1, 2, 3])
  func parts(_ kind: Int) throws {
    let x = Properties.numbers([2, 6, 4])
    func part(_ steps: Range<Int>) -> Tensor {
      var numbers: [Double] = []
      for sample in 0..<2 {
        let start = sample * 24
        numbers += x.numbers[start + 4 * steps.lowerBound..<start + 4 * steps.upperBound]
      }
      return Tensor(TensorType(.float32, [2, steps.count, 4]), numbers: numbers)
    }
    let input = Input([nil, 4], batchSize: 2)
    let model = try Model(
      inputs: input, outputs: Self.layer(kind, stateful: true).apply(to: [input])[0], seed: 3)
    let open = Input([nil, 4])
    let plain = try Model(
      inputs: open, outputs: Self.layer(kind, stateful: false).apply(to: [open])[0], seed: 3)

    let expected = try plain.predict(x)
    for _ in 0..<2 {
      _ = try model.predict(part(0..<2))
      _ = try model.predict(part(2..<3))
      let last = try model.predict(part(3..<6))
      #expect(Properties.difference(last, expected) < 1e-5)
      model.resetStates()  // the second time is like the first
    }
    for (path, value) in model.weights where path.contains("rnn_state") {
      #expect(value.numbers.allSatisfy { $0 == 0 }, "\(path)")
    }
  }

  @Test("A batch of another size is refused, and an open one too")
  func batchSize() throws {
    let input = Input([5, 4], batchSize: 2)
    let model = try Model(inputs: input, outputs: LSTM(3, stateful: true)(input))
    #expect(throws: (any Error).self) { try model.predict(Properties.numbers([3, 5, 4])) }
    let open = Input([5, 4])
    let error = #expect(throws: GraphError.self) {
      try Model(inputs: open, outputs: LSTM(3, stateful: true)(open))
    }
    #expect(error?.hint?.contains("open size") == true, "\(String(describing: error))")
  }

  @Test("A stateful layer called twice in a step goes on where it was")
  func twice() throws {
    let x = Input([3, 4], batchSize: 2)
    let layer = GRU(3, stateful: true, name: "r")
    let model = try Model(inputs: [x], outputs: [layer(x), layer(x)], seed: 2)
    let long = Input([6, 4])
    let plain = try Model(inputs: long, outputs: GRU(3, name: "r")(long), seed: 2)
    let half = Properties.numbers([2, 3, 4])
    let (first, second) = (Array(half.numbers[0..<12]), Array(half.numbers[12..<24]))
    let both = Tensor(
      TensorType(.float32, [2, 6, 4]), numbers: first + first + second + second)
    let outputs = try model.predict([half])
    #expect(Properties.difference(outputs[1], try plain.predict(both)) < 1e-5)
  }
}
