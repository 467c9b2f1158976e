import Foundation
import Strata
import Testing

private let reference = ReferenceEngine()

/// A model as Keras wrote and summarized it.
struct SummaryCase: Sendable, CustomTestStringConvertible {
  let name: String
  let arguments: [String: JSONValue]
  let configuration: JSONValue
  var testDescription: String { name }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden/summary")

  /// All but those of models that Strata does not have: without a shape, and wider than the
  /// terminal that cut the text.
  static let all: [SummaryCase] = {
    guard let data = try? Data(contentsOf: folder.appending(path: "cases.json")),
      let cases = try? JSONValue(parsing: data)["cases"]?.array
    else { return [] }
    return cases.compactMap { object in
      guard let name = object["name"]?.string, let configuration = object["config"],
        !["unbuilt", "two_inputs_line_100", "compiled"].contains(name)
      else { return nil }
      return SummaryCase(
        name: name, arguments: object["arguments"]?.object ?? [:], configuration: configuration)
    }
  }()
}

@Suite("Models and Keras's files")
struct ModelsFilesTests {
  @Test("The cases are there")
  func cases() { #expect(SummaryCase.all.count == 8) }

  @Test("The summary is Keras's", arguments: SummaryCase.all)
  func summary(_ golden: SummaryCase) throws {
    let model = try Model(NetworkConfiguration(golden.configuration), engine: reference)
    let text = model.summary(
      expandNested: golden.arguments["expand_nested"] == .bool(true),
      showTrainable: golden.arguments["show_trainable"] == .bool(true))
    let expected = try String(
      contentsOf: SummaryCase.folder.appending(path: "\(golden.name).txt"), encoding: .utf8)
    func rows(_ text: String) -> [String] {
      var lines = text.split(separator: "\n").map(String.init)
      lines.removeAll { $0.hasPrefix(" Forward pass") || $0.hasPrefix(" Activations") }
      return lines
    }
    if golden.name == "transformer" {  // Keras lists the operations on masks as layers
      #expect(rows(text).suffix(3) == rows(expected).suffix(3))
    } else {
      #expect(rows(text) == rows(expected))
    }
  }

  @Test("A network written and read again is the same", arguments: SummaryCase.all)
  func roundTrip(_ golden: SummaryCase) throws {
    let model = try Model(NetworkConfiguration(golden.configuration), engine: reference)
    let written = try model.configuration()
    let again = try Model(NetworkConfiguration(written), engine: reference)
    #expect(Array(again.weights.keys) == Array(model.weights.keys))
    #expect(again.summary() == model.summary())
    #expect(try again.configuration() == written)
  }

  @Test("Each layer's configuration survives writing and reading")
  func layers() throws {
    for type in LayerRegistry.all {
      let config = try LayerRegistry.config(of: type.example)
      let layer = try LayerRegistry.standard.layer(className: type.className, config: config)
      #expect(try LayerRegistry.config(of: layer) == config, "\(type.className)")
    }
  }

  @Test("What Keras wrote of a layer is what we write", arguments: SummaryCase.all)
  func sameHyperparameters(_ golden: SummaryCase) throws {
    let model = try Model(NetworkConfiguration(golden.configuration), engine: reference)
    let ours = try model.configuration()["config"]?["layers"]?.array ?? []
    let theirs = golden.configuration["config"]?["layers"]?.array ?? []
    for layer in ours {
      let name = layer["config"]?["name"]
      guard let other = theirs.first(where: { $0["config"]?["name"] == name }) else {
        Issue.record("Keras has no layer \(name ?? .null)")
        continue
      }
      for (key, value) in layer["config"]?.object ?? [:] {
        guard !["layers", "dtype", "kernel_initializer"].contains(key),
          !key.hasSuffix("_initializer"), value != .null
        else { continue }
        let theirs = other["config"]?[key]
        // Keras takes one axis alone or in a list.
        #expect(theirs == value || theirs == [value], "\(key) of \(name ?? .null)")
      }
      #expect(layer["inbound_nodes"]?.array?.count == other["inbound_nodes"]?.array?.count)
    }
  }

  @Test("A layer that is not to be trained is frozen, and written so")
  func frozen() throws {
    let model = try Model(input: [4], engine: reference) {
      Dense(3)
      Dense(1)
    }
    try model.freeze("dense")
    let again = try Model(NetworkConfiguration(model.configuration()), engine: reference)
    #expect(!again.isTrainable("dense/kernel") && again.isTrainable("dense_1/kernel"))
  }

  @Test("A network that is no network is an error, not a trap")
  func hostile() throws {
    let objects: [JSONValue] = [
      nil, [], ["class_name": "Sequential"], ["class_name": "Sequential", "config": [:]],
      ["class_name": "Functional", "config": ["layers": [], "input_layers": []]],
      [
        "class_name": "Functional",
        "config": [
          "input_layers": ["a", 0, 0], "output_layers": ["a", 0, 0],
          "layers": [
            [
              "class_name": "Dense", "name": "a", "config": ["units": 1, "name": "a"],
              "inbound_nodes": [["args": [["a", 0, 0]]]],
            ]
          ],
        ],
      ],
      [
        "class_name": "Sequential",
        "config": [
          "layers": [
            ["class_name": "InputLayer", "config": ["batch_shape": [nil, 4]]],
            ["class_name": "Dense", "config": ["units": 4_611_686_018_427_387_904]],
          ]
        ],
      ],
    ]
    for object in objects {
      #expect(throws: ConfigurationError.self, "\(object)") { try NetworkConfiguration(object) }
    }
  }
}
