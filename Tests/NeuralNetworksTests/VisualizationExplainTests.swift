import Foundation
import Strata
import Testing

/// A small network with the weights that the introduction has.
func firstNetwork() throws -> Model {
  let model = try Model(input: [3], name: "first_network") {
    Dense(2, activation: .relu, name: "hidden")
    Dense(3, activation: .softmax, name: "output")
  }
  try model.setWeights([
    "hidden/kernel": Tensor([3, 2], [0.2, -0.5, 0.3, 0.25, 0.8, 1] as [Float]),
    "hidden/bias": Tensor([2], [0.05, -0.1] as [Float]),
    "output/kernel": Tensor([2, 3], [1, -1, 0.5, 0, 2, -0.25] as [Float]),
    "output/bias": Tensor([3], [0, 0.1, -0.1] as [Float]),
  ])
  return model
}

let firstSample = Tensor([3], [0.9, 0.4, 0.1] as [Float])

private func random(_ shape: Shape, seed: UInt64) -> Tensor {
  Initializer.randomUniform(minval: -2, maxval: 2).tensor(
    TensorType(.float32, shape), seed: seed, path: "x")
}

private func number(_ activation: Activation, _ x: Double) -> Double? {
  switch activation {
  case .linear: x
  case .relu: max(x, 0)
  case .tanh: tanh(x)
  case .sigmoid: 1 / (1 + exp(-x))
  default: nil
  }
}

@Suite("Explaining a unit")
struct VisualizationExplainTests {
  @Test(
    "The terms sum to what the model gives",
    arguments: [
      Activation.linear, .relu, .tanh, .sigmoid,
    ])
  func sums(_ activation: Activation) throws {
    for seed in 0..<5 as Range<UInt64> {
      let model = try Model(input: [2, 3], seed: seed) {
        Flatten()
        Dense(7, activation: activation, biasInitializer: .randomNormal(), name: "a")
        Dropout(0.5)
        Dense(5, activation: activation, useBias: false, name: "b")
      }
      let x = random([2, 3], seed: seed)
      for (layer, units, inputs) in [("a", 7, 6), ("b", 5, 7)] {
        let outputs = try model.output(of: layer, for: x.reshaped([1, 2, 3])).numbers
        for unit in 0..<units {
          let explanation = try model.explain(layer: layer, unit: unit, input: x)
          #expect(explanation.terms.count == inputs)
          #expect((explanation.bias == nil) == (layer == "b"))
          let sum = explanation.terms.reduce(explanation.bias ?? 0) { $0 + $1.input * $1.weight }
          #expect(abs(sum - explanation.sum) < 1e-9)
          let expected = try #require(number(activation, sum))
          #expect(abs(expected - explanation.output) < 1e-5)
          #expect(explanation.output == outputs[unit])
        }
      }
      #expect(
        try model.output(of: "b", for: x.reshaped([1, 2, 3]))
          == model.predict(x.reshaped([1, 2, 3])))
    }
  }

  @Test("A softmax has its unit's share of all units")
  func softmax() throws {
    let model = try firstNetwork()
    let units = try (0..<3).map { try model.explain(layer: "output", unit: $0, input: firstSample) }
    let total = units.reduce(0) { $0 + exp($1.sum) }
    for unit in units { #expect(abs(unit.output - exp(unit.sum) / total) < 1e-6) }
    #expect(units[1].text().hasSuffix("softmax(-0.330 among 3 units) = 0.213"))
  }

  @Test("A sum is printed term by term")
  func text() throws {
    let explanation = try firstNetwork().explain(
      layer: "hidden", unit: 0, input: firstSample, inputNames: ["weight", "height", "ears"])
    #expect(
      explanation.description == """
        Unit 0 of 2 in hidden: relu(x1·0.200 + x2·0.300 + x3·0.800 + bias)

            x1 (weight)  0.900 · 0.200 = 0.180
            x2 (height)  0.400 · 0.300 = 0.120
            x3 (ears)    0.100 · 0.800 = 0.080
            bias                       = 0.050
            sum                        = 0.430

          relu(0.430) = 0.430
        """)
  }

  @Test("Of many terms those that contribute most are printed")
  func shortened() throws {
    let model = try Model(input: [100]) { Dense(1, name: "d") }
    try model.setWeights([
      "d/kernel": Tensor([100, 1], (0..<100).map { Float($0 % 2 == 0 ? $0 : -$0) / 8 })
    ])
    let explanation = try model.explain(
      layer: "d", unit: 0, input: Tensor([100], [Float](repeating: 1, count: 100)))
    #expect(
      explanation.text(limit: 2) == """
        Unit 0 of 1 in d: x1·0.000 - x2·0.125 + … - x100·12.375 + bias

            x100             1.000 · -12.375 = -12.375
            x99              1.000 ·  12.250 =  12.250
            … 98 more terms  sum to          =  -6.125
            bias                             =   0.000
            sum                              =  -6.250

          output = -6.250
        """)
    let copy = try JSONDecoder().decode(
      UnitExplanation.self, from: JSONEncoder().encode(explanation))
    #expect(copy == explanation)
  }

  @Test(
    "Mistakes are explained",
    arguments: [
      ("flatten", 0, "error: flatten is a Flatten, and only units of Dense can be explained"),
      ("hiden", 0, "error: m has no layer hiden"),
      ("hidden", 4, "error: hidden has no unit 4"),
      ("hidden", -1, "error: hidden has no unit -1"),
      ("deep", 0, "error: deep works at many places, and a unit is explained at one"),
      ("glu", 0, "error: the glu of glu joins two units, so no unit has an output alone"),
    ])
  func mistakes(_ layer: String, _ unit: Int, _ message: String) throws {
    let model = try Model(input: [2, 3], name: "m") {
      Dense(2, name: "deep")
      Flatten()
      Dense(4, name: "hidden")
      Dense(4, activation: .glu, name: "glu")
    }
    #expect(throws: GraphError.self) {
      do {
        _ = try model.explain(
          layer: layer, unit: unit, input: Tensor(zeros: .init(.float32, [2, 3])))
      } catch let error as GraphError {
        #expect(error.description.hasPrefix(message))
        #expect(error.hint != nil || layer == "glu")
        throw error
      }
    }
    #expect(throws: GraphError.self) {
      try model.explain(layer: "hidden", unit: 0, input: Tensor(zeros: .init(.float32, [5])))
    }
    #expect(throws: GraphError.self) {
      try model.explain(layer: "hidden", unit: 0, input: Tensor(zeros: .init(.float32, [0, 2, 3])))
    }
  }

  @Test("A layer inside others is found by its path, and by its name if only one has it")
  func nested() throws {
    let model = try Model(input: [3]) {
      Sequential(name: "left") { Dense(2, name: "d") }
      Sequential(name: "right") {
        Dense(2, name: "d")
        Dense(2, name: "e")
      }
    }
    let x = random([3], seed: 1)
    #expect(try model.explain(layer: "right/d", unit: 1, input: x).terms.count == 2)
    #expect(try model.explain(layer: "e", unit: 1, input: x).layer == "right/e")
    #expect(throws: GraphError.self) { try model.explain(layer: "d", unit: 1, input: x) }
  }
}
