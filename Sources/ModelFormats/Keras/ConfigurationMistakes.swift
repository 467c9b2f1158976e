import NeuralNetworks
import TensorGraph

/// What a file names and Strata does not have, found at once.
struct ConfigurationMistakes {
  /// The unknown classes of layers, each with the names of the layers.
  private var layers: [(className: String, names: [String])] = []
  /// Other mistakes.
  private var others: [String] = []
  /// The optimizer, losses and metrics that nobody knows.
  private var settings: [String] = []

  /// Looks at `network`, and at `settings` if the model is compiled.
  init(_ network: JSONValue, settings: JSONValue?, _ registry: LayerRegistry) {
    for mistake in NetworkConfiguration.mistakes(in: network, registry: registry) {
      guard let name = mistake.unknown else {
        others.append(mistake.message + (mistake.layer.map { " (\($0))" } ?? ""))
        continue
      }
      let index = layers.firstIndex { $0.className == name } ?? layers.count
      if index == layers.count { layers.append((name, [])) }
      if let layer = mistake.layer { layers[index].names.append(layer) }
    }
    self.settings = settings.map { CompileSettings.unknown(in: $0) } ?? []
  }

  /// The error that lists all of them, in `part` of the file; nothing when there are none.
  func error(in part: String) -> FormatError? {
    guard !layers.isEmpty || !settings.isEmpty || others.count > 1 else { return nil }
    let classes = layers.map { layer in
      layer.className + (layer.names.isEmpty ? "" : " (\(layer.names.joined(separator: ", ")))")
    }
    var hints: [String] = []
    if layers.count == 1, let near = spelling(of: layers[0].className) { hints.append(near) }
    if layers.contains(where: { $0.className == "Lambda" }) {
      hints.append("a Lambda is a piece of Python: write it as a layer of your own, called Lambda")
    }
    if !layers.isEmpty {
      hints.append("give your own layers in the registry: LayerRegistry(adding: […])")
      hints.append(
        "or make the model in code, and load the weights by name: loadWeights(from:byName: true)")
    }
    if !settings.isEmpty {
      hints.append("load the model with compile: false, and compile it anew")
    }
    let named = layers.isEmpty ? [] : ["layers " + classes.joined(separator: ", ")]
    return FormatError(
      "the file names what is not known",
      got: (named + others + settings).joined(separator: "; "), at: .part(part),
      hint: hints.isEmpty ? nil : hints.joined(separator: "; "))
  }

  private func spelling(of name: String) -> String? {
    LayerRegistry.standard.nearestClass(to: name).map { "did you mean \($0)?" }
  }
}
