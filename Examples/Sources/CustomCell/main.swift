// A recurrent cell of one's own: one step, in the letters of its paper. `RNN` runs it over time.

import Strata

/// A minimal gated unit (Zhou et al., 2016, https://arxiv.org/abs/1603.09420): one gate that both
/// forgets and takes in.
///
///     f = σ(x · W_f + h · U_f + b_f);  n = tanh(x · W_h + f · h · U_h + b_h)
///     h = (1 − f) · h + f · n
final class MinimalGatedUnit: RNNCell {
  let units: Int
  init(_ units: Int) { self.units = units }
  var stateSizes: [Int] { [units] }

  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) {
    func sum(_ x: Symbol, _ h: Symbol, _ gate: String) -> Symbol {
      matmul(x, context.weight("W_" + gate, [x.shape[-1], units], .glorotUniform))
        + matmul(h, context.weight("U_" + gate, [units, units], .orthogonal()))
        + context.weight("b_" + gate, [units], .zeros)
    }
    let h = states[0]
    let f = sigmoid(sum(x, h, "f"))
    let next = (1 - f) * h + f * tanh(sum(x, f * h, "h"))
    return (next, [next])
  }
}

// The adding problem: of ten numbers two are marked, and the answer is the sum of those two.
let (count, length) = (1000, 10)
var numbers: [Float] = [], sums: [Float] = []
for sample in 0..<count {
  let marked = [sample % 5, 5 + sample * 7 % 5]
  let values = (0..<length).map { Float((sample * 31 + $0 * 57 + sample * $0 * 13) % 101) / 101 }
  for (step, value) in values.enumerated() {
    numbers += [value, marked.contains(step) ? 1 : 0]
  }
  sums.append(values[marked[0]] + values[marked[1]])
}
let x = Tensor([count, length, 2], numbers), y = Tensor([count, 1], sums)

let model = try Model(input: [nil, 2], seed: 3) {
  RNN(MinimalGatedUnit(24))
  Dense(1)
}
print(model.summary())

try model.compile(optimizer: .adam(learningRate: 0.01), loss: .meanSquaredError)
let history = try model.fit(x, y, epochs: 30, validationSplit: 0.1, verbose: .silent)
for epoch in [0, 9, 29] {
  let error = history["val_loss"][epoch].squareRoot()
  print("epoch \(epoch + 1): wrong by \((1000 * error).rounded() / 1000) on other numbers")
}

let found = try model.predict(x)
for sample in [0, 500, 999] {
  print("the sum \(sums[sample]) is taken for \(found.numbers[sample])")
}
