import NeuralNetworks
import TensorGraph

/// The layers of a model as Keras's older files list them: each with all the weights in it.
///
/// The weights of a layer are those that are trained, then the others, each in the order in which
/// Keras counts them. A layer that is not trained has all of them in that order.
struct LegacyLayout {
  /// A layer of the model itself.
  struct Layer {
    /// What it is called.
    let name: String
    /// The places of its weights among the model's, in the order of the file.
    let weights: [Int]
    /// The same, layer by layer: files before Keras 2.1 have the weights of a network so.
    let byLayer: [Int]
  }

  /// The layers in Keras's order, with those that have no weights.
  let layers: [Layer]
  /// The weights that are the model's own, and no layer's.
  let own: [Int]

  /// Finds the layout of `model`.
  init(_ model: Model) throws(FormatError) {
    var names: [String] = [], found: [String: [Int]] = [:]
    for group in try WeightLayout(model).groups {
      let name = group.layer.split(separator: "/").first.map(String.init) ?? ""
      if found[name] == nil, !name.isEmpty { names.append(name) }
      for weight in group.weights where !found[name, default: []].contains(weight) {
        found[name, default: []].append(weight)
      }
      found[name] = found[name] ?? []
    }
    func trains(_ weight: Int) -> Bool {
      let declaration = model.declarations[weight]
      guard declaration.isTrainable else { return false }
      var path = Substring(declaration.path)
      while let slash = path.lastIndex(of: "/") {
        path = path[..<slash]
        if model.isFrozen(layer: String(path)) { return false }
      }
      return true
    }
    func inOrder(_ weights: [Int]) -> [Int] {
      weights.filter(trains) + weights.filter { !trains($0) }
    }
    layers = names.map { name in
      let weights = found[name] ?? []
      return Layer(
        name: name, weights: model.isFrozen(layer: name) ? weights : inOrder(weights),
        byLayer: weights)
    }
    own = inOrder(found[""] ?? [])
  }
}
