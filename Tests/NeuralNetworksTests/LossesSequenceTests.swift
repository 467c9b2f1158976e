import Foundation
import NeuralNetworks
import TensorGraph
import Testing

@Suite("CTC is the probability of all paths") struct LossesSequenceTests {
  /// The loss of each sample, and the gradient of their sum.
  private func ctc(
    _ target: Tensor, _ logits: Tensor, mask: Tensor? = nil
  ) throws -> (values: [Double], gradient: [Double]) {
    let trace = Trace()
    let y = trace.input("y", target.type)
    let x = trace.input("x", logits.type)
    let steps = mask.map { trace.input("mask", $0.type) }
    let loss = CTC(reduction: .sum)
    let prediction = x.masked(by: steps)
    let values = loss.values(loss.targets.aligned(y, with: prediction), prediction)
    let total = loss(y, prediction)
    let graph = try trace.graph(returning: [values] + gradients(of: total, with: [x]))
    let results = try ReferenceEngine().compile(graph).run(
      [target, logits] + [mask].compactMap(\.self))
    return (results[0].numbers, results[1].numbers)
  }

  private func logits(_ shape: Shape) -> Tensor {
    var random = SeededGenerator(seed: 5)
    return Tensor(shape, (0..<shape.count).map { _ in Float(random.uniform() * 4 - 2) })
  }

  @Test("of a few steps, counted one by one", arguments: [[1, 2], [1, 1], [2], []])
  func paths(_ labels: [Int]) throws {
    let (time, classes) = (4, 3)
    let x = logits([1, time, classes])
    let padded = labels + Array(repeating: 0, count: 2 - labels.count)
    let value = try ctc(Tensor([1, 2], padded.map { Int32($0) }), x).values[0]
    var total = 0.0
    for path in 0..<81 {
      let steps = (0..<time).map { path / [27, 9, 3, 1][$0] % classes }
      let spelled = steps.indices.filter { $0 == 0 || steps[$0] != steps[$0 - 1] }
        .map { steps[$0] }.filter { $0 != 0 }
      guard spelled == labels else { continue }
      var probability = 1.0
      for (step, chosen) in steps.enumerated() {
        let row = (0..<classes).map { Foundation.exp(x.numbers[step * classes + $0]) }
        probability *= row[chosen] / row.reduce(0, +)
      }
      total += probability
    }
    #expect((value + Foundation.log(total)).magnitude < 1e-5)
  }

  @Test("Zeros are no labels, wherever they stand")
  func padding() throws {
    let x = logits([1, 6, 4])
    let expected = try ctc(Tensor([1, 2], [3, 1] as [Int32]), x)
    for target in [[0, 0, 3, 1], [3, 0, 1, 0], [3, 1, 0, 0]] as [[Int32]] {
      let padded = try ctc(Tensor([1, 4], target), x)
      #expect((padded.values[0] - expected.values[0]).magnitude < 1e-6)
    }
  }

  @Test("Steps that the mask leaves out are skipped")
  func mask() throws {
    let x = logits([1, 6, 4])
    let short = x.reshaped([6, 4]).rows(0..<4).reshaped([1, 4, 4])
    let target = Tensor([1, 2], [3, 1] as [Int32])
    let mask = Tensor([1, 6], [true, true, true, true, false, false])
    let masked = try ctc(target, x, mask: mask)
    let expected = try ctc(target, short)
    #expect((masked.values[0] - expected.values[0]).magnitude < 1e-6)
    #expect(zip(masked.gradient, expected.gradient).allSatisfy { ($0 - $1).magnitude < 1e-6 })
    #expect(masked.gradient.suffix(8).allSatisfy { $0 == 0 })
  }

  @Test("What cannot be spelled costs much, and is no NaN")
  func impossible() throws {
    let (values, gradient) = try ctc(Tensor([1, 3], [1, 1, 2] as [Int32]), logits([1, 3, 4]))
    #expect(values[0] > 9e4 && values[0].isFinite)
    #expect(gradient.allSatisfy { $0.isFinite })
  }

  @Test("A label that is no class makes the loss NaN", arguments: [-1, 4])
  func labelOutOfRange(_ label: Int32) throws {
    #expect(try ctc(Tensor([1, 2], [1, label]), logits([1, 5, 4])).values[0].isNaN)
  }

  @Test("A network learns to spell")
  func learns() throws {
    let model = try Model(input: [5, 3], seed: 1, engine: ReferenceEngine()) { Dense(4) }
    try model.compile(optimizer: .adam(learningRate: 0.1), loss: .ctc)
    let x = Tensor([2, 5, 3], (0..<30).map { Float(($0 * $0) % 7) / 6 })
    let y = Tensor([2, 2], [1, 2, 3, 0] as [Int32])
    let history = try model.fit(x, y, epochs: 40, verbose: .silent)
    #expect(history["loss"][39] < history["loss"][0] / 2)
    #expect(throws: FormatError.self) {
      try model.fit(x, Tensor([2, 2], [1, 2, 4, 0] as [Int32]), verbose: .silent)
    }
  }
}
