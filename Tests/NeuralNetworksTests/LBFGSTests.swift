import Foundation
import NeuralNetworks
import TensorGraph
import Testing

@Suite struct LBFGSTests {
  private func rosenbrock(_ x: [Double]) -> (value: Double, gradient: [Double]) {
    let a = 1 - x[0], b = x[1] - x[0] * x[0]
    return (a * a + 100 * b * b, [-2 * a - 400 * x[0] * b, 200 * b])
  }

  @Test("finds the minimum in Rosenbrock's valley")
  func valley() {
    let minimum = LBFGS().minimize([-1.2, 1], rosenbrock)
    #expect(minimum.point.allSatisfy { abs($0 - 1) < 1e-7 })
    #expect(minimum.values.count < 60)
    #expect(minimum.evaluations < 80)
    #expect(minimum.ending != .limited)
    #expect(zip(minimum.values, minimum.values.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test("a quadratic function of many numbers takes few steps")
  func quadratic() {
    let minimum = LBFGS().minimize([Double](repeating: 1, count: 50)) { x in
      let gradient = x.enumerated().map { Double($0 + 1) * $1 }
      return (zip(x, gradient).reduce(0) { $0 + $1.0 * $1.1 / 2 }, gradient)
    }
    #expect(minimum.ending == .converged)
    #expect(minimum.values.count < 80)
  }

  @Test("an end where the value is not finite is shied away from")
  func boundary() {
    // x − log x, which is NaN below 0, from far to the right.
    let minimum = LBFGS().minimize([50]) { x in
      x[0] > 0 ? (x[0] - log(x[0]), [1 - 1 / x[0]]) : (.nan, [.nan])
    }
    #expect(abs(minimum.point[0] - 1) < 1e-6)
  }

  @Test("a start without a value ends at once")
  func nan() {
    let minimum = LBFGS().minimize([1]) { _ in (.nan, [.nan]) }
    #expect(minimum.ending == .stalled)
    #expect(minimum.evaluations == 1)
    #expect(LBFGS(maxIterations: 3).minimize([-1.2, 1], rosenbrock).ending == .limited)
    #expect(LBFGS().minimize([], { _ in (0, []) }).ending == .converged)
  }

  @Test("the line search satisfies Wolfe's conditions")
  func wolfe() {
    // A function whose first trial is far too long, and one whose first is far too short.
    for first in [1e-4, 0.1, 1, 100] {
      func f(_ a: Double) -> (Double, Double, Double) { (a * a - a, 2 * a - 1, a) }
      let search = WolfeSearch(value: 0, slope: -1)
      let length = search.point(first: first, f)
      #expect(length.map { f($0).0 <= -1e-4 * $0 && abs(f($0).1) <= 0.9 } == true, "\(first)")
    }
  }

  @Test("a small network is fitted far better than by as many steps of Adam")
  func network() throws {
    let x = Tensor([60, 2], (0..<120).map { Float(($0 * 37) % 101) / 50 - 1 })
    let y = Tensor(
      [60, 1],
      (0..<60).map { i in
        let a = x.numbers[2 * i], b = x.numbers[2 * i + 1]
        return Float(a * b + 0.5 * a * a)
      })
    func model() throws -> Model {
      let model = try Model(input: [2], seed: 1, engine: ReferenceEngine()) {
        Dense(8, activation: .tanh)
        Dense(1)
      }
      try model.compile(optimizer: .adam(learningRate: 0.01), loss: .meanSquaredError)
      return model
    }
    let adam = try model(), newton = try model()
    let history = try adam.fit(x, y, batchSize: 60, epochs: 200, verbose: .silent)
    let minimum = try newton.minimize(x, y, by: LBFGS(maxIterations: 200))
    let last = try #require(history["loss"].last), reached = try #require(minimum.values.last)
    #expect(reached < last / 20)
    #expect(abs(try #require(newton.evaluate(x, y)["loss"]) - reached) < 1e-6)
    #expect(newton.iterations == 0)
  }

  @Test("settings that make no sense")
  func mistakes() {
    #expect(LBFGS(historySize: 0).mistake == "LBFGS needs a historySize of at least 1, not 0")
    #expect(
      LBFGS(maxIterations: -1).mistake == "LBFGS needs maxIterations of at least 0, not -1")
    #expect(
      LBFGS(changeTolerance: .nan).mistake
        == "LBFGS needs a changeTolerance of at least 0, not nan")
    #expect(LBFGS().mistake == nil)
  }
}
