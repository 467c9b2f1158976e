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
final class ModelTrace {
  let trace: Trace
  let isTraining: Bool
  /// The weights in order of declaration.
  private(set) var declarations: [WeightDeclaration] = []
  /// The symbols of the weights by path.
  private(set) var weights: [String: Symbol] = [:]
  /// The layers in order of first call, with their paths.
  private(set) var layers: [(path: String, layer: any Layer)] = []
  private(set) var updates: [(variable: Symbol, value: Symbol)] = []
  /// What layers add to the loss.
  var losses: [Symbol] = []
  /// Seed and step, `int64[2]`, from which all random numbers come.
  var randomKey: Symbol?
  private var names: [ObjectIdentifier: [String: String]] = [:]
  private var counts: [String: Int] = [:]
  private var randomUses: [String: Int] = [:]
  private var locations: [ObjectIdentifier: SourceLocation] = [:]

  init(_ trace: Trace, isTraining: Bool) {
    self.trace = trace
    self.isTraining = isTraining
    trace.companion = self
  }

  /// What is kept beside `trace`; a bare trace gets it on first use.
  static func of(_ trace: Trace) -> ModelTrace {
    trace.companion as? ModelTrace ?? ModelTrace(trace, isTraining: false)
  }

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

  func entering(_ layer: any Layer, _ body: (LayerContext) -> [Symbol]) -> [Symbol] {
    trace.entering(
      name(of: layer), code: layer.code, location: locations[ObjectIdentifier(layer)]
    ) { body(LayerContext(model: self)) }
  }

  /// `dense`, `dense_1`, …: counted per parent, so a name depends on the model alone.
  func name(of layer: any Layer) -> String {
    let parent = trace.path
    if let known = names[ObjectIdentifier(layer)]?[parent] { return known }
    var name = layer.name ?? layer.className.snakeCased
    let count = counts[parent + "/" + name, default: 0]
    counts[parent + "/" + name] = count + 1
    if count > 0 {
      if layer.name != nil {
        trace.fail("two layers are named \(name)", hint: "give each layer a name of its own")
      }
      name += "_\(count)"
    }
    names[ObjectIdentifier(layer), default: [:]][parent] = name
    layers.append((parent.isEmpty ? name : parent + "/" + name, layer))
    return name
  }

  func weight(
    _ name: String, _ type: TensorType, _ initializer: Initializer, isTrainable: Bool
  ) -> Symbol {
    let path = trace.path.isEmpty ? name : trace.path + "/" + name
    if let known = weights[path] {
      guard known.type == type else {
        return trace.fail(
          "\(name) was built with shape \(known.shape), and is now asked for with \(type.shape)",
          hint: "a layer called twice shares its weights; make two layers for two shapes")
      }
      return known
    }
    let symbol = trace.variable(path, type)
    weights[path] = symbol
    declarations.append(
      WeightDeclaration(
        path: path, type: type, initializer: initializer, isTrainable: isTrainable))
    return symbol
  }

  func update(_ name: String, to value: Symbol) {
    let path = trace.path.isEmpty ? name : trace.path + "/" + name
    guard let variable = weights[path], value.isValid else { return }
    updates.append((variable, value))
  }

  func random() -> (key: Symbol, stream: UInt64) {
    let key = randomKey ?? trace.constant(Tensor([2], [Int64(0), 0]))
    let use = randomUses[trace.path, default: 0]
    randomUses[trace.path] = use + 1
    return (key, streamHash("\(trace.path)#\(use)"))
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
        if afterLower || (letters[index - 1].isUppercase && beforeLower) { result += "_" }
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
