import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("Poolings are good citizens")
struct LayersPoolingTests {
  @Test("Poolings of windows")
  func windows() throws {
    for layer in [MaxPooling1D(2), AveragePooling1D(2)] as [any NamedLayer] {
      try checkLayer(layer, input: [2, 5, 3], output: [2, 2, 3], mask: .reshaped([2, 2]))
    }
    let two: [any NamedLayer] = [
      MaxPooling2D([2, 3], strides: 2, padding: .same),
      AveragePooling2D([2, 3], strides: 2, padding: .same),
    ]
    for layer in two {
      try checkLayer(layer, input: [2, 5, 4, 3], output: [2, 3, 2, 3], mask: .refused)
    }
    for layer in [MaxPooling3D(), AveragePooling3D()] as [any NamedLayer] {
      try checkLayer(layer, input: [1, 4, 2, 2, 2], output: [1, 2, 1, 1, 2], mask: .refused)
    }
  }

  @Test("Global poolings")
  func global() throws {
    let first: LayerOptions = [.dataFormat(.channelsFirst)]
    for keepdims in [false, true] {
      func output(_ shape: Shape) -> Shape { keepdims ? shape : [shape[0], shape.dims.max() ?? 0] }
      for layer in [
        GlobalAveragePooling1D(keepdims: keepdims), GlobalMaxPooling1D(keepdims: keepdims),
      ]
        as [any NamedLayer]
      {
        try checkLayer(layer, input: [2, 5, 3], output: output([2, 1, 3]), mask: .consumed)
      }
      for layer in [
        GlobalAveragePooling1D(keepdims: keepdims, options: first),
        GlobalMaxPooling1D(keepdims: keepdims, options: first),
      ] as [any NamedLayer] {
        try checkLayer(layer, input: [2, 3, 5], output: output([2, 3, 1]))
      }
      for layer in [
        GlobalAveragePooling2D(keepdims: keepdims), GlobalMaxPooling2D(keepdims: keepdims),
      ]
        as [any NamedLayer]
      {
        try checkLayer(layer, input: [2, 5, 4, 3], output: output([2, 1, 1, 3]), mask: .refused)
      }
      for layer in [
        GlobalAveragePooling3D(keepdims: keepdims), GlobalMaxPooling3D(keepdims: keepdims),
      ]
        as [any NamedLayer]
      {
        try checkLayer(
          layer, input: [1, 3, 2, 2, 2], output: output([1, 1, 1, 1, 2]), mask: .refused)
      }
    }
  }

  @Test("Adaptive poolings")
  func adaptive() throws {
    for layer in [AdaptiveMaxPooling1D(3), AdaptiveAveragePooling1D(3)] as [any NamedLayer] {
      try checkLayer(layer, input: [2, 5, 3], output: [2, 3, 3], mask: .reshaped([2, 3]))
      try checkLayer(layer, input: [2, 2, 3], output: [2, 3, 3], mask: .reshaped([2, 3]))
      try checkLayer(layer, input: [2, 6, 3], output: [2, 3, 3], mask: .reshaped([2, 3]))
    }
    for layer in [AdaptiveMaxPooling2D([2, 3]), AdaptiveAveragePooling2D([2, 3])]
      as [any NamedLayer]
    {
      try checkLayer(layer, input: [1, 5, 6, 2], output: [1, 2, 3, 2], mask: .refused)
    }
    for layer in [AdaptiveMaxPooling3D([2, 1, 3]), AdaptiveAveragePooling3D([2, 1, 3])]
      as [any NamedLayer]
    {
      try checkLayer(layer, input: [1, 3, 2, 2, 2], output: [1, 2, 1, 3, 2], mask: .refused)
    }
  }

  @Test("Masked steps never win")
  func masked() throws {
    let layer = GlobalMaxPooling1D()
    let trace = try LayerTrace(layer, [TensorType(.float32, [2, 3, 2])], masks: [0: [2, 3]])
    let x = ReferenceTensor([2, 3, 2], [-1, 5, -3, 2, 7, 9, -1, -2, -3, -4, -5, -6])
    let mask = ReferenceTensor([2, 3], [1, 1, 0, 0, 0, 1])
    let dy = ReferenceTensor([2, 2], [1, 2, 3, 4])
    let results = trace.results(ReferenceEngine.evaluate(trace.graph, [x, mask, dy]))
    #expect(results.outputs[0].numbers == [-1, 5, -5, -6])
    #expect(results.inputGradients[0]?.numbers == [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4])
    let none = ReferenceTensor([2, 3], repeating: 0)
    let empty = trace.results(ReferenceEngine.evaluate(trace.graph, [x, none, dy]))
    #expect(empty.outputs[0].numbers.allSatisfy { $0 == -.infinity })
    #expect(empty.inputGradients[0]?.numbers.allSatisfy { $0 == 0 } == true)
  }
}
