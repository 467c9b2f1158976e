import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Mistakes in layers are errors")
struct LayersMistakesTests {
  /// A layer, the shape of its input, and what the message has to say.
  typealias Mistake = (layer: any NamedLayer, input: Shape, says: String)

  @Test("Hyperparameters and inputs that do not fit")
  func mistakes() throws {
    let mistakes: [Mistake] = [
      (Dense(0), [2, 3], "at least 1 unit"),
      (Dense(.max), [2, 3], "unit"),
      (LSTM(.max), [2, 5, 3], "units"),
      (Dense(4), [2], "[batch, …, features]"),
      (Embedding(0, 4), [2, 3], "above 0"),
      (Masking(), [2, 3], "[batch, time, features]"),
      (BatchNormalization(axis: 3), [2, 3], "axis"),
      (LayerNormalization(axis: [1, 9]), [2, 3], "cannot normalize along"),
      (Dropout(1.5), [2, 3], "rate from 0 to 1"),
      (Dropout(0.5, noiseShape: [2, 2]), [2, 3], "noise shape"),
      (Softmax(axis: 5), [2, 3], "does not have"),
      (PReLU(sharedAxes: [0]), [2, 3], "cannot share"),
      (Rescaling([1, 2]), [2, 3], "2 numbers"),
      (LSTM(4), [2, 3], "[batch, time, features]"),
      (GRU(0), [2, 5, 3], "units above 0"),
      (SimpleRNN(4, dropout: 2), [2, 5, 3], "dropouts from 0 to 1"),
      (MultiHeadAttention(numHeads: 2, keyDim: 2), [2, 5, 3], "query, value"),
      (Subtract(), [2, 3], "takes 2 inputs"),
      (Concatenate(axis: 0), [2, 3], "other than the batch's"),
      (Dot(axes: 1), [2, 3], "two inputs"),
    ]
    for mistake in mistakes {
      let error = #expect(throws: GraphError.self) {
        try LayerTrace(mistake.layer, [TensorType(.float32, mistake.input)])
      }
      #expect(
        error?.message.contains(mistake.says) == true,
        "\(mistake.layer.className): \(error?.message ?? "no error")")
    }
  }

  @Test("A token that is none has a vector of NaN")
  func outOfRange() throws {
    let trace = try LayerTrace(Embedding(3, 2), [TensorType(.int32, [1, 4])])
    let table = ReferenceTensor([3, 2], [1, 2, 3, 4, 5, 6])
    let tokens = ReferenceTensor([1, 4], [0, 2, 3, -1])
    let dy = ReferenceTensor([1, 4, 2], repeating: 1)
    let y = ReferenceEngine.evaluate(trace.graph, [tokens, dy, table])[0].numbers
    #expect(Array(y.prefix(4)) == [1, 2, 5, 6])
    #expect(y.dropFirst(4).allSatisfy { $0.isNaN })
  }
}
