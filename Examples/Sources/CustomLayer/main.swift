// A layer of one's own, and a model written as a class of layers.

import Strata

/// Moves each feature toward a mixture of all of them, as far as a gate is open:
/// `y = g · tanh(x · kernel) + (1 − g) · x` with `g = σ(x · gate + bias)`.
final class Highway: Layer {
  func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let features = x.shape[-1]
    let kernel = context.weight("kernel", [features, features], .glorotUniform)
    let gate = context.weight("gate", [features, features], .glorotUniform)
    let bias = context.weight("bias", [features], .constant(-1))
    let g = sigmoid(matmul(x, gate) + bias)
    return g * tanh(matmul(x, kernel)) + (1 - g) * x
  }
}

/// The model: its properties are its layers, `call` connects them.
final class Classifier: Layer {
  let enter = Dense(16, activation: .tanh)
  let blocks = (0..<3).map { _ in Highway() }
  let leave = Dense(2, activation: .softmax)

  func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    leave(blocks.reduce(enter(x)) { x, block in block(x) })
  }
}

let spirals = try SyntheticData.spirals(samples: 600, turns: 1)
let model = try Model(input: [2], Classifier(), seed: 1)
print(model.summary())

try model.compile(
  optimizer: .adam(learningRate: 0.01), loss: .sparseCategoricalCrossentropy,
  metrics: [.accuracy])
let history = try model.fit(spirals, epochs: 60, validationSplit: 0.2, verbose: .silent)
for epoch in [0, 19, 39, 59] {
  let (accuracy, other) = (history["accuracy"][epoch], history["val_accuracy"][epoch])
  print("epoch \(epoch + 1): accuracy \(percent(accuracy)), on other points \(percent(other))")
}

func percent(_ share: Double) -> String { "\((1000 * share).rounded() / 10) %" }
