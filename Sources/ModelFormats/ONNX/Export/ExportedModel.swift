import NeuralNetworks
import TensorGraph

/// What the exporter knows of the model beside its graph.
struct ExportedModel {
  let model: Model
  /// The layers by path.
  let layers: [String: any Layer]
  /// The nodes of the graph whose values are known without being written.
  var skipped: Set<Int> = []

  init(_ model: Model) {
    self.model = model
    layers = Dictionary(
      model.structure.layers.map { ($0.path, $0.layer) }, uniquingKeysWith: { first, _ in first })
  }

  /// The layer at `path`, as traces write it: with the name of the model first.
  func layer(at path: String) -> (path: String, layer: any Layer)? {
    let path = modelPath(path)
    return layers[path].map { (path, $0) }
  }

  /// `path` without the name of the model, which traces begin with.
  func modelPath(_ path: String) -> String {
    let prefix = model.name + "/"
    return path == model.name
      ? "" : path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }

  /// The value of a weight.
  func weight(_ path: String) -> Tensor? { model.weights[path] }
}
