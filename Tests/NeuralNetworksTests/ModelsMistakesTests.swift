import Strata
import Testing

private let reference = ReferenceEngine()

/// The text of what `body` throws.
private func mistake(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "nothing was thrown"
  } catch {
    return "\(error)"
  }
}

@Suite("Mistakes in models")
struct ModelsMistakesTests {
  @Test("A mistake in a layer is reported with the layer's line")
  func line() {
    let line = #line + 3
    let text = mistake {
      _ = try Model(input: [4], name: "net", engine: reference) {
        Dense(0)
      }
    }
    #expect(
      text == """
        error: Dense needs at least 1 unit, not 0
          in    net › dense = Dense(0)   NeuralNetworksTests/ModelsMistakesTests.swift:\(line)
        """)
  }

  @Test("A layer called for two shapes")
  func twoShapes() {
    let dense = Dense(3)
    let line = #line + 4
    let text = mistake {
      _ = try Model(input: [4], engine: reference) {
        dense
        dense
      }
    }
    #expect(
      text == """
        error: kernel was built with shape [4, 3], and is now asked for with [3, 3]
          in    sequential › dense = Dense(3)   NeuralNetworksTests/ModelsMistakesTests.swift:\(line)
          help  a layer called twice shares its weights; make two layers for two shapes
        """)
  }

  @Test("Two layers of one name")
  func names() {
    let text = mistake {
      _ = try Model(input: [4], engine: reference) {
        Dense(3, name: "a")
        Dense(3, name: "a")
      }
    }
    #expect(
      text == """
        error: two layers are named a
          in    sequential = Sequential()
          help  give each layer a name of its own
        """)
  }

  @Test("A weight whose shape follows from an open size")
  func openSize() {
    let text = mistake {
      _ = try Model(input: [nil, 8], engine: reference) {
        Flatten()
        Dense(3)
      }
    }
    #expect(text.hasPrefix("error: kernel was built with shape [2048, 3]"))
    #expect(
      text.hasSuffix("help  its shape follows from an open size of the input: give that a number"))
  }

  @Test("An input that is used and not given")
  func missingInput() {
    let a = Input([2], name: "a")
    let b = Input([2], name: "b"), line = #line
    let text = mistake {
      _ = try Model(inputs: a, outputs: Add()([a, b]), name: "sum", engine: reference)
    }
    #expect(
      text == """
        error: b is used, and is not among the inputs of the network
          in    sum = Functional()
          help  NeuralNetworksTests/ModelsMistakesTests.swift:\(line): add it to Model(inputs:)
        """)
  }

  @Test("Data that does not fit")
  func data() throws {
    let model = try Model(input: [2], name: "net", engine: reference) { Dense(1) }
    #expect(
      mistake { _ = try model.predict(Tensor([2], [1, 2] as [Float])) } == """
        error: input_layer expects [None, 2]
          got   float32[2]
          help  add the axis of the batch: one sample is a batch of 1
        """)
    #expect(
      mistake { _ = try model.predict([]) as [Tensor] } == "error: net takes 1 input, not 0")
  }

  @Test("Names in files that are not known")
  func files() {
    func layer(_ className: String, _ config: JSONValue) -> String {
      mistake { _ = try LayerRegistry.standard.layer(className: className, config: config) }
    }
    #expect(
      layer("Dens", ["name": "d"]) == """
        error: there is no layer Dens
          in    d
          help  did you mean Dense?
        """)
    #expect(
      layer("Dense", ["name": "d", "unit": 3]) == """
        error: Dense has no hyperparameter unit
          in    d
          help  did you mean units?
        """)
    #expect(
      layer("Dense", ["name": "d", "units": 3, "activation": "rellu"]) == """
        error: Dense cannot be read: activation: there is no activation rellu; did you mean relu?
          in    d
        """)
    #expect(
      layer("Conv2D", ["name": "c", "filters": 3, "data_format": "channels"]) == """
        error: data_format channels of Conv2D is not supported
          in    c
          help  it is channels_last or channels_first
        """)
  }
}
