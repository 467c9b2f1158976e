import Foundation
import Strata
import TestKit
import Testing

@Suite("Layers that merge their inputs")
struct LayersMergingTests {
  private func float(_ shapes: Shape...) -> [TensorType] {
    shapes.map { TensorType(.float32, $0) }
  }

  @Test("Merging layers are good citizens")
  func citizens() throws {
    let layers: [any NamedLayer] = [Add(), Multiply(), Average(), Maximum(), Minimum()]
    for layer in layers {
      try checkLayer(layer, inputs: float([2, 5, 3]), output: [2, 5, 3], mask: .passed)
      try checkLayer(
        layer, inputs: float([2, 5, 3], [2, 5, 3], [2, 5, 3]), output: [2, 5, 3], mask: .consumed)
      try checkLayer(layer, inputs: float([2, 1, 3], [2, 5, 1]), output: [2, 5, 3])
      try checkLayer(layer, inputs: float([2, 3], [2, 4, 5, 3]), output: [2, 4, 5, 3])
    }
    try checkLayer(Subtract(), inputs: float([2, 5, 3], [2, 3]), output: [2, 5, 3])
    try checkLayer(
      Concatenate(axis: 1), inputs: float([2, 5, 3], [2, 2, 3]), output: [2, 7, 3],
      mask: .reshaped([2, 7]))
    try checkLayer(
      Concatenate(), inputs: float([2, 5, 3], [2, 5, 2]), output: [2, 5, 5], mask: .passed)
    try checkLayer(
      Dot(axes: 1), inputs: float([2, 5, 3], [2, 5, 4]), output: [2, 3, 4], mask: .refused)
    try checkLayer(Dot(axes: -1, normalize: true), inputs: float([2, 5], [2, 5]), output: [2, 1])
    try checkLayer(
      Dot(axes: [3, 1]), inputs: float([2, 3, 4, 5], [2, 5, 2]), output: [2, 3, 4, 2])
  }

  /// The mask of what `layer` gives for inputs of `shapes` with masks of `masks`.
  private func mask(
    _ layer: any Layer, _ shapes: [Shape], _ masks: [Int: (Shape, [Double])]
  ) throws -> (Shape, [Double])? {
    let trace = try LayerTrace(
      layer, shapes.map { TensorType(.float32, $0) }, masks: masks.mapValues(\.0))
    guard trace.isMasked[0] else { return nil }
    let inputs =
      shapes.map { ReferenceTensor($0, repeating: 1) }
      + masks.sorted { $0.key < $1.key }.map { ReferenceTensor($1.0, $1.1) }
      + [ReferenceTensor(trace.outputs[0].shape, repeating: 1)]
    let results = trace.results(ReferenceEngine.evaluate(trace.graph, inputs))
    return results.masks[0].map { ($0.shape, $0.numbers) }
  }

  @Test("Masks of inputs with different ranks are aligned as the inputs are")
  func ranks() throws {
    let sum = try #require(
      try mask(
        Add(), [[2, 3, 1], [2, 2, 3, 1]],
        [0: ([2, 3], [1, 0, 0, 0, 0, 1]), 1: ([2, 2], [1, 0, 0, 0])]))
    #expect(sum.0 == [2, 2, 3])
    #expect(sum.1 == [1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 1])
    #expect(try mask(Maximum(), [[2, 3, 1], [2, 3]], [0: ([2, 3], [1, 0, 0, 0, 0, 1])]) == nil)
    let both = try #require(
      try mask(
        Multiply(), [[1, 3, 2], [1, 1, 2]], [0: ([1, 3], [1, 0, 0]), 1: ([1, 1], [0])]))
    #expect(both.0 == [1, 3] && both.1 == [1, 0, 0])
    let joined = try #require(
      try mask(
        Concatenate(axis: 2), [[1, 2, 2, 1], [1, 2, 1, 1]],
        [0: ([1, 2], [1, 0]), 1: ([1, 2, 1], [0, 1])]))
    #expect(joined.0 == [1, 2, 3] && joined.1 == [1, 1, 0, 0, 0, 1])
  }

  static let mistakes: [(any NamedLayer, [Shape], String)] = [
    (Add(), [[2, 3], [3, 3]], "Add takes inputs with one number of samples"),
    (Maximum(), [[2, 3], [1, 3]], "Maximum takes inputs with one number of samples"),
    (Subtract(), [[2, 3]], "Subtract takes 2 inputs, not 1"),
    (Subtract(), [[2, 3], [2, 3], [2, 3]], "Subtract takes 2 inputs, not 3"),
    (
      Concatenate(axis: 0), [[2, 3], [2, 3]],
      "Concatenate needs an axis of its inputs other than the batch's, not 0"
    ),
    (
      Concatenate(axis: .min), [[2, 3], [2, 3]],
      "Concatenate needs an axis of its inputs other than the batch's, not \(Int.min)"
    ),
    (Dot(axes: 1), [[2, 3]], "Dot takes two inputs, and one axis or two"),
    (Dot(axes: [1, 1, 1]), [[2, 3], [2, 3]], "Dot takes two inputs, and one axis or two"),
    (
      Dot(axes: [0, 1]), [[2, 2], [2, 2]],
      "Dot expects inputs of 2 axes or more, and axes of them other than the batch's, not [0, 1]"
    ),
    (
      Dot(axes: OneOrMany(Int.max)), [[2, 2], [2, 2]],
      "Dot expects inputs of 2 axes or more, and axes of them other than the batch's, "
        + "not [\(Int.max)]"
    ),
    (
      Dot(axes: 1), [[2, 3], [2, 4]],
      "Dot expects one number of samples, and one size along axes 1 and 1"
    ),
    (
      Dot(axes: 1), [[2, 3], [3, 3]],
      "Dot expects one number of samples, and one size along axes 1 and 1"
    ),
  ]

  @Test("Mistakes have their texts")
  func mistakes() throws {
    for (layer, shapes, text) in Self.mistakes {
      let error = #expect(throws: GraphError.self, "\(text)") {
        try LayerTrace(layer, shapes.map { TensorType(.float32, $0) })
      }
      #expect(error?.message == text)
    }
    #expect(throws: GraphError.self) {
      try LayerTrace(Add(), self.float([2, 3], [2, 4]))
    }
    #expect(throws: GraphError.self) {
      try LayerTrace(Concatenate(), self.float([2, 3, 1], [2, 4, 1]))
    }
  }
}
