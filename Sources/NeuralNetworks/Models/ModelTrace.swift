import TensorGraph

/// A weight or a state of a layer, as the layer declared it.
public struct WeightDeclaration: Sendable {
  /// The names of the enclosing layers and of the weight, joined by `/`.
  public let path: String
  /// Its element type and shape.
  public let type: TensorType
  /// How it starts.
  public let initializer: Initializer
  /// Whether training moves it along its gradient.
  public let isTrainable: Bool
}

/// What a model keeps beside a trace: names, weights, and updates of state.
package final class ModelTrace {
  let trace: Trace
  let isTraining: Bool
  /// The patterns of the weights that training leaves alone.
  let frozen: FrozenPatterns
  /// The weights in order of declaration.
  package private(set) var declarations: [WeightDeclaration] = []
  /// The symbols of the weights by path.
  package private(set) var weights: [String: Symbol] = [:]
  /// The layers in order of first call.
  private(set) var layers: [TracedLayer] = []
  /// The calls of layers, each after those inside it.
  private(set) var calls: [RecordedCall] = []
  /// What states become at the end of the step.
  package private(set) var updates: [(variable: Symbol, value: Symbol)] = []
  /// What layers add to the loss.
  package internal(set) var losses: [Symbol] = []
  /// Seed and step, `int64[2]`, from which all random numbers come.
  var randomKey: Symbol?

  private var indices: [ObjectIdentifier: Int] = [:]
  private var labels: [ObjectIdentifier: String] = [:]
  private var taken: [String: Set<String>] = [:]
  private var entered: [String] = []
  private var randomUses: [String: Int] = [:]
  private var locations: [ObjectIdentifier: SourceLocation] = [:]

  /// A layer as it was met while tracing.
  struct TracedLayer {
    let layer: any Layer
    /// Its own name and those of the layers it stands in, joined by `/`.
    let path: String
    /// Its own name.
    let name: String
    /// The types of inputs and outputs of the last call.
    var inputs: [TensorType] = []
    var outputs: [TensorType] = []
  }

  /// A call of a layer, with what it was given and what it gave.
  struct RecordedCall {
    let layer: any Layer
    /// The path of the layer.
    let path: String
    let inputs: [Symbol]
    let outputs: [Symbol]
    /// Whether no layer was called inside it.
    let isInnermost: Bool
  }

  init(_ trace: Trace, isTraining: Bool, frozen: FrozenPatterns = FrozenPatterns()) {
    self.trace = trace
    self.isTraining = isTraining
    self.frozen = frozen
    trace.companion = self
  }

  /// What is kept beside `trace`; a bare trace gets it on first use.
  static func of(_ trace: Trace) -> ModelTrace {
    trace.companion as? ModelTrace ?? ModelTrace(trace, isTraining: false)
  }

  /// The path of the layer being traced.
  private var path: String { entered.last ?? "" }

  private func path(_ name: String) -> String { path.isEmpty ? name : path + "/" + name }

  /// Whether all weights of the layer being traced are frozen.
  var isFrozen: Bool { frozen.covers(layer: path) }

  /// Declares `known` weights in advance, so that every trace of a model has them in one order.
  func declare(_ known: [WeightDeclaration]) {
    for declaration in known {
      weights[declaration.path] = trace.variable(declaration.path, declaration.type)
      declarations.append(declaration)
    }
  }

  /// Remembers where `layer` was written.
  func locate(_ layer: any Layer, _ location: SourceLocation?) {
    if let location { locations[ObjectIdentifier(layer)] = location }
  }

  /// Runs `body` with `layer` as the model itself: its layers have paths of one name.
  func root(
    _ layer: any Layer, name: String, _ body: (LayerContext) -> [Symbol]
  ) -> [Symbol] {
    label(layersOf: layer)
    return trace.entering(name, code: layer.code, location: locations[ObjectIdentifier(layer)]) {
      body(LayerContext(model: self))
    }
  }

  func entering(
    _ layer: any Layer, _ inputs: [Symbol], _ body: (LayerContext) -> [Symbol]
  ) -> [Symbol] {
    let index = index(of: layer)
    entered.append(layers[index].path)
    defer { entered.removeLast() }
    let callsBefore = calls.count
    let outputs = trace.entering(
      layers[index].name, code: layer.code, location: locations[ObjectIdentifier(layer)]
    ) { body(LayerContext(model: self)) }
    layers[index].inputs = inputs.map(\.type)
    layers[index].outputs = outputs.map(\.type)
    calls.append(
      RecordedCall(
        layer: layer, path: layers[index].path, inputs: inputs, outputs: outputs,
        isInnermost: calls.count == callsBefore))
    return outputs
  }

  /// Runs `body` with `name` added to the path of the layer being traced.
  func nesting<R>(_ name: String, _ body: () -> R) -> R {
    entered.append(path(name))
    defer { entered.removeLast() }
    return trace.entering(name, body)
  }

  /// The name of `layer` among its siblings, if it has been met.
  func name(of layer: any Layer) -> String? {
    indices[ObjectIdentifier(layer)].map { layers[$0].name }
  }

  /// Where `layer` is kept. A layer met for the first time gets its name: `dense`, `dense_1`, …
  /// counted per parent, so a name depends on the model alone.
  private func index(of layer: any Layer) -> Int {
    let id = ObjectIdentifier(layer)
    if let known = indices[id] { return known }
    label(layersOf: layer)
    let wanted = layer.name ?? labels[id] ?? layer.className.snakeCased
    var name = wanted
    if layer.name != nil, taken[path, default: []].contains(name) {
      trace.fail("two layers are named \(name)", hint: "give each layer a name of its own")
    }
    var count = 0
    while !taken[path, default: []].insert(name).inserted {
      count += 1
      name = "\(wanted)_\(count)"
    }
    layers.append(TracedLayer(layer: layer, path: path(name), name: name))
    indices[id] = layers.count - 1
    return layers.count - 1
  }

  /// Names the layers that `layer` holds as properties by their labels.
  private func label(layersOf layer: any Layer) {
    guard !(layer is any Network) else { return }
    for child in Mirror(reflecting: layer).children {
      guard let label = child.label?.snakeCased else { continue }
      if let inner = child.value as? any Layer {
        labels[ObjectIdentifier(inner)] = label
      } else if let inner = child.value as? [any Layer] {
        for (index, inner) in inner.enumerated() {
          labels[ObjectIdentifier(inner)] = "\(label)_\(index)"
        }
      }
    }
  }

  func weight(
    _ name: String, _ type: TensorType, _ initializer: Initializer, isTrainable: Bool
  ) -> Symbol {
    let path = path(name)
    if let known = weights[path] {
      guard known.type == type else {
        return trace.fail(
          "\(name) was built with shape \(known.shape), and is now asked for with \(type.shape)",
          hint: "a layer called twice shares its weights; make two layers for two shapes")
      }
      return known
    }
    var count = 1
    for size in type.shape.dims {  // more could neither be counted nor kept
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= 1 << 40 else {
        return trace.fail("\(name) cannot have the shape \(type.shape)")
      }
      count = product
    }
    let symbol = trace.variable(path, type)
    weights[path] = symbol
    declarations.append(
      WeightDeclaration(
        path: path, type: type, initializer: initializer, isTrainable: isTrainable))
    return symbol
  }

  func update(_ name: String, to value: Symbol) {
    guard let variable = weights[path(name)], value.isValid else { return }
    updates.append((variable, value))
  }

  func random() -> (key: Symbol, stream: UInt64) {
    let key = randomKey ?? trace.constant(Tensor([2], [Int64(0), 0]))
    let use = randomUses[path, default: 0]
    randomUses[path] = use + 1
    return (key, streamHash("\(path)#\(use)"))
  }
}

extension String {
  /// The name of a class as Keras's files have it: `MaxPooling2D` is `max_pooling2d`.
  package var snakeCased: String {
    var result = ""
    let letters = Array(self)
    for (index, letter) in letters.enumerated() {
      if letter.isUppercase, index > 0 {
        let afterLower = !letters[index - 1].isUppercase && !letters[index - 1].isNumber
        let beforeLower = index + 1 < letters.count && letters[index + 1].isLowercase
        if letters[index - 1] != "_",
          afterLower || (letters[index - 1].isUppercase && beforeLower)
        {
          result += "_"
        }
      }
      result += letter.lowercased()
    }
    return result
  }
}

extension Layer {
  /// The layer as code, for messages: its class and its main argument.
  var code: String {
    let properties = Mirror(reflecting: self).children.filter { $0.label != "name" }
    guard let first = properties.first, first.value is Int || first.value is Double else {
      return "\(className)()"
    }
    return "\(className)(\(first.value))"
  }
}
