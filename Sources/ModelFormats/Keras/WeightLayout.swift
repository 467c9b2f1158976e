import NeuralNetworks
import TensorGraph

/// Where Keras's files keep the weights of a model: groups named by class and position.
///
/// A layer is the group `layers/<class>[_k]`, with `k` counting the layers of one class; a model
/// in it has `layers` of its own. A layer that another one holds is a group named by the property.
/// The weights of a group are `vars/0`, `vars/1` and so on: first those that are trained.
package struct WeightLayout {
  /// A group of weights.
  package struct Group {
    /// The path of the group; empty for the model itself.
    package let path: String
    /// The name of the layer.
    package let name: String
    /// The path of the layer in the model; empty for the model itself.
    package let layer: String
    /// The places of its weights among the model's, in order.
    package var weights: [Int] = []
    /// The arrays that Keras expects beside them, by their place in the group.
    package var constants: [(path: String, tensor: Tensor)] = []

    /// The path of the group that holds the arrays.
    package var variables: String { path.isEmpty ? "vars" : path + "/vars" }
    /// The path of the array of each weight.
    var arrays: [(weight: Int, path: String)] {
      weights.enumerated().map { ($1, "\(variables)/\($0)") }
    }
  }

  /// Says which groups in `container` the layers of these classes and names are, where a file has
  /// them elsewhere than their positions say.
  package typealias Search = (
    _ container: String, _ layers: [(stem: String, name: String)]
  ) throws(FormatError) -> [String]?

  /// The groups, each before those in it, in Keras's order.
  package private(set) var groups: [Group] = []

  /// All weights in Keras's order, each once.
  package var weights: [Int] {
    var known: Set<Int> = []
    return groups.flatMap(\.weights).filter { known.insert($0).inserted }
  }

  private let model: Model
  /// Where each layer was met: several times if a layer around it has copies of it.
  private let records: [ObjectIdentifier: [NetworkStructure.LayerRecord]]
  /// The weights of each layer's own, by the path of the layer.
  private var own: [String: [Int]] = [:]
  /// The weights in each layer, its own and those of the layers in it, by the path of the layer.
  private var inner: [String: [Int]] = [:]
  private var visited: Set<String> = []

  /// Finds the layout of `model`.
  package init(_ model: Model, search: Search = { _, _ in nil }) throws(FormatError) {
    self.model = model
    let layers = model.structure.layers
    records = Dictionary(grouping: layers) { ObjectIdentifier($0.layer) }
    let paths = Set(layers.map(\.path))
    for (index, weight) in model.declarations.enumerated() {
      var names = weight.path.split(separator: "/").dropLast()
      var owner: String?
      while !names.isEmpty {
        let path = names.joined(separator: "/")
        inner[path, default: []].append(index)
        if owner == nil, paths.contains(path) { owner = path }
        names.removeLast()
      }
      own[owner ?? "", default: []].append(index)
    }
    addGroups(of: model.network, at: "", path: "", name: model.name)
    try addLayers(of: model.network, at: "", path: "", search)
  }

  /// Where `layer` was met inside the layer at `path`, or else anywhere.
  private func record(
    of layer: any Layer, in path: String, as name: String? = nil
  ) -> NetworkStructure.LayerRecord? {
    let all = records[ObjectIdentifier(layer)] ?? []
    let inner = all.filter { path.isEmpty || $0.path.hasPrefix(path + "/") }
    return inner.first { name == nil || $0.name == name } ?? inner.first ?? all.last
  }

  /// Adds the groups with the weights that are the layer's own.
  private mutating func addGroups(of layer: any Layer, at place: String, path: String, name: String)
  {
    var found = [Group(path: place, name: name, layer: path)]
    found[0].constants = (layer as? any AssetLayer)?.storedArrays ?? []
    for weight in own[path] ?? [] {
      let declaration = model.declarations[weight]
      if layer is any RecurrentLayer, !declaration.isTrainable { continue }  // in no file
      let part = declaration.path.split(separator: "/").dropLast()
        .dropFirst(path.split(separator: "/").count).joined(separator: "/")
      let (property, partName) = Self.property(of: layer, part)
      let inner = [place, property].filter { !$0.isEmpty }.joined(separator: "/")
      let index = found.firstIndex { $0.path == inner } ?? found.count
      if index == found.count { found.append(Group(path: inner, name: partName, layer: path)) }
      found[index].weights.append(weight)
    }
    for index in inner[path] ?? []
    where layer.sharesWeight(at: model.declarations[index].path) {
      if !found[0].weights.contains(index) { found[0].weights.append(index) }
    }
    for index in found.indices {
      let weights = found[index].weights
      found[index].weights =
        weights.filter { model.declarations[$0].isTrainable }
        + weights.filter { !model.declarations[$0].isTrainable }
    }
    groups += found
  }

  /// The property of Keras's layer that holds the weights which `layer` has under `part`, and the
  /// name of what it is.
  private static func property(
    of layer: any Layer, _ part: String
  ) -> (property: String, name: String) {
    (layer as? any RecurrentLayer).map { ("cell", $0.stepCell.defaultName) }
      ?? (layer.property(holding: part), part)
  }

  /// Adds the layers in `layer`.
  private mutating func addLayers(
    of layer: any Layer, at place: String, path: String, _ search: Search
  ) throws(FormatError) {
    for holder in Holder.all(of: layer) {
      let container = place.isEmpty ? holder.name : "\(place)/\(holder.name)"
      var places = [container]
      if holder.isList {
        var counts: [String: Int] = [:]
        var names = holder.layers.map { layer in
          let stem = layer.defaultName
          let count = counts[stem, default: 0]
          counts[stem] = count + 1
          return count == 0 ? stem : "\(stem)_\(count)"
        }
        let searched = holder.layers.enumerated().compactMap { index, layer in
          record(of: layer, in: path).flatMap { record in
            inner[record.path] != nil
              ? (index: index, stem: layer.defaultName, name: record.name) : nil
          }
        }
        if let better = try search(container, searched.map { ($0.stem, $0.name) }) {
          for (layer, name) in zip(searched, better) { names[layer.index] = name }
        }
        places = names.map { "\(container)/\($0)" }
      }
      for (layer, place) in zip(holder.layers, places) {
        guard let record = record(of: layer, in: path, as: holder.met),
          visited.insert(record.path).inserted
        else { continue }
        addGroups(of: layer, at: place, path: record.path, name: record.name)
        try addLayers(of: layer, at: place, path: record.path, search)
      }
    }
  }
}

/// What holds layers in a layer: the list of a network, or a property.
private struct Holder {
  let name: String
  let layers: [any Layer]
  /// Whether its layers are numbered by class.
  let isList: Bool
  /// The name under which the only layer was met, if that alone tells it from a copy.
  var met: String?

  static func all(of layer: any Layer) -> [Holder] {
    switch layer {
    case let network as Sequential:
      return [Holder(name: "layers", layers: network.layers, isList: true)]
    case let network as Functional:
      return [Holder(name: "layers", layers: network.layers, isList: true)]
    case let both as Bidirectional:
      return [
        Holder(
          name: "forward_layer", layers: [both.layer], isList: false, met: both.forwardName),
        Holder(
          name: "backward_layer", layers: [both.backwardLayer ?? both.layer], isList: false,
          met: both.backwardName),
      ]
    default:
      return Mirror(reflecting: layer).children.compactMap { child in
        guard let name = child.label?.snakeCased else { return nil }
        if let inner = child.value as? any Layer {
          return Holder(name: name, layers: [inner], isList: false)
        }
        return (child.value as? [any Layer]).map { Holder(name: name, layers: $0, isList: true) }
      }
    }
  }
}
