import NeuralNetworks
import TensorGraph

/// Where Keras's files keep the weights of a model: groups named by class and position.
///
/// A layer is the group `layers/<class>[_k]`, with `k` counting the layers of one class; a model
/// in it has `layers` of its own. What a layer holds is a group by the name of the property in
/// Keras. The weights of a group are `vars/0`, `vars/1` and so on: first those that are trained.
struct WeightLayout {
  /// A group of weights.
  struct Group {
    /// The path of the group; empty for the model itself.
    let path: String
    /// The name of the layer.
    let name: String
    /// The places of its weights among the model's, in order.
    var weights: [Int] = []

    /// The path of the group that holds the arrays.
    var variables: String { path.isEmpty ? "vars" : path + "/vars" }
    /// The path of the array of each weight.
    var arrays: [(weight: Int, path: String)] {
      weights.enumerated().map { ($1, "\(variables)/\($0)") }
    }
  }

  /// Finds the group of a layer in a file that has it elsewhere than its position says.
  typealias Search = (
    _ container: String, _ layers: [(stem: String, name: String)]
  ) throws(FormatError) -> [String]?

  /// The groups, each before those in it, in Keras's order.
  private(set) var groups: [Group] = []

  private let model: Model
  private let records: [ObjectIdentifier: NetworkStructure.LayerRecord]
  private var own: [String: [Int]] = [:]
  private var visited: Set<ObjectIdentifier> = []

  /// Finds the layout of `model`. `search` may know better where the layers of a container are.
  init(_ model: Model, search: Search = { _, _ in nil }) throws(FormatError) {
    self.model = model
    let layers = model.structure.layers
    records = Dictionary(
      layers.map { (ObjectIdentifier($0.layer), $0) }, uniquingKeysWith: { $1 })
    let paths = Set(layers.map(\.path))
    for (index, weight) in model.declarations.enumerated() {
      var owner = weight.path.split(separator: "/").dropLast()
      while !owner.isEmpty, !paths.contains(owner.joined(separator: "/")) { owner.removeLast() }
      own[owner.joined(separator: "/"), default: []].append(index)
    }
    addGroups(of: model.network, at: "", path: "", name: model.name)
    try addLayers(of: model.network, at: "", search)
  }

  /// All weights in Keras's order.
  var weights: [Int] { groups.flatMap(\.weights) }

  /// Adds the layer whose path in the model is `path`, with the weights that are its own.
  private mutating func addGroups(of layer: any Layer, at place: String, path: String, name: String)
  {
    var found = [Group(path: place, name: name)]
    func add(_ weight: Int, _ path: String, _ name: String) {
      let index = found.firstIndex { $0.path == path } ?? found.count
      if index == found.count { found.append(Group(path: path, name: name)) }
      found[index].weights.append(weight)
    }
    func add(_ weight: Int, ofRecurrent layer: any Layer, at place: String, _ name: String) {
      let isState = !model.declarations[weight].isTrainable
      add(
        weight, isState ? place : place + "/cell",
        isState ? name : layer.className.snakeCased + "_cell")
    }
    for weight in own[path] ?? [] {
      let names = model.declarations[weight].path.split(separator: "/").map(String.init)
        .dropFirst(path.isEmpty ? 0 : path.split(separator: "/").count).dropLast()
      let part = names.joined(separator: "/")
      switch layer {
      case let layer as any RecurrentLayer: add(weight, ofRecurrent: layer, at: place, name)
      case let layer as Bidirectional:
        let isForward = part == names.first.map { _ in forwardName(of: path) } ?? part
        let inner = place + (isForward ? "/forward_layer" : "/backward_layer")
        add(
          weight, ofRecurrent: isForward ? layer.layer : layer.backwardLayer ?? layer.layer,
          at: inner, part)
      case is MultiHeadAttention where !part.isEmpty:
        let property = part == "attention_output" ? "output_dense" : part + "_dense"
        add(weight, place + "/" + property, part)
      default: add(weight, part.isEmpty ? place : place + "/" + part, names.last ?? name)
      }
    }
    for index in found.indices {
      let trained = found[index].weights.filter { model.declarations[$0].isTrainable }
      let states = found[index].weights.filter { !model.declarations[$0].isTrainable }
      found[index].weights = trained + states
    }
    groups += found
  }

  /// The name under which a Bidirectional has its forward layer: that of its first weight.
  private func forwardName(of path: String) -> String {
    let first = own[path]?.first.map { model.declarations[$0].path } ?? ""
    return String(first.dropFirst(path.count + 1).prefix { $0 != "/" })
  }

  /// Adds the layers in `layer`.
  private mutating func addLayers(
    of layer: any Layer, at place: String, _ search: Search
  ) throws(FormatError) {
    for (container, layers) in Self.containers(of: layer) {
      let known = layers.filter { records[ObjectIdentifier($0)] != nil }
      let prefix = place.isEmpty ? container : "\(place)/\(container)"
      // A layer with a property of its own is the property; others are numbered by class.
      let isList = layer is Sequential || layer is Functional || layers.count > 1
      var counts: [String: Int] = [:]
      var names = layers.map { layer in
        let stem = layer.className.snakeCased
        defer { counts[stem, default: 0] += 1 }
        return counts[stem, default: 0] == 0 ? stem : "\(stem)_\(counts[stem, default: 0])"
      }
      let weighted = layers.indices.filter { index in
        let path = records[ObjectIdentifier(layers[index])]?.path
        return path.map { path in own.keys.contains { $0 == path || $0.hasPrefix(path + "/") } }
          ?? false
      }
      if isList,
        let better = try search(
          prefix,
          weighted.map { (layers[$0].className.snakeCased, name(of: layers[$0])) })
      {
        for (index, name) in zip(weighted, better) { names[index] = name }
      }
      for (layer, name) in zip(layers, names) where known.contains(where: { $0 === layer }) {
        guard visited.insert(ObjectIdentifier(layer)).inserted,
          let record = records[ObjectIdentifier(layer)]
        else { continue }
        let place = isList ? "\(prefix)/\(name)" : prefix
        addGroups(of: layer, at: place, path: record.path, name: record.name)
        try addLayers(of: layer, at: place, search)
      }
    }
  }

  private func name(of layer: any Layer) -> String {
    records[ObjectIdentifier(layer)]?.name ?? ""
  }

  /// The layers in `layer` by the name of what holds them.
  private static func containers(of layer: any Layer) -> [(String, [any Layer])] {
    switch layer {
    case let network as Sequential: return [("layers", network.layers)]
    case let network as Functional: return [("layers", network.layers)]
    default:
      return Mirror(reflecting: layer).children.compactMap { child in
        guard let label = child.label?.snakeCased else { return nil }
        if let inner = child.value as? any Layer { return (label, [inner]) }
        if let inner = child.value as? [any Layer] { return (label, inner) }
        return nil
      }
    }
  }
}
