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
  /// What it is held to after each step.
  public var constraint: Constraint?
  /// Its first values, where a file has brought them: instead of what the initializer gives.
  package var value: Tensor?
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

  private var indices: [LayerIdentity: Int] = [:]
  private var labels: [ObjectIdentifier: String] = [:]
  private var taken: [String: Set<String>] = [:]
  /// The last number that was put behind a name, by path.
  private var numbers: [String: Int] = [:]
  /// How many calls of layers may still come.
  let budget: CallBudget
  /// The layers being traced, from the outermost to the innermost.
  private var entered: [Frame] = []
  /// The element types of layers that do not say.
  private let defaultPolicy: DTypePolicy
  /// The paths of the layers that are not to be trained.
  private(set) var untrained: [String] = []
  /// What a layer makes of the weights of the layer in it, by their paths.
  private var substitution: ((_ path: String, _ weight: Symbol) -> Symbol)?
  /// The weights whose penalty is among the losses.
  private var regularized: Set<String> = []
  private var randomUses: [String: Int] = [:]
  /// What states have become so far in this step, by path.
  private var newStates: [String: Symbol] = [:]
  /// The path of the copy of layers that is being traced; empty for the layers themselves.
  private var copy = ""

  /// A layer, or a copy of it with weights of its own.
  private struct LayerIdentity: Hashable {
    let layer: ObjectIdentifier
    let copy: String
  }
  private var locations: [ObjectIdentifier: SourceLocation] = [:]

  /// A layer as it was met while tracing.
  struct TracedLayer {
    let layer: any Layer
    /// Its own name and those of the layers it stands in, joined by `/`.
    let path: String
    /// Its own name.
    let name: String
    /// The element types it computes with.
    var policy: DTypePolicy
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

  /// A layer while it is traced.
  private struct Frame {
    let path: String
    let options: LayerOptions
    let policy: DTypePolicy
    /// Whether no two layers in it may have one name, as in networks; cells of a layer may.
    let isNetwork: Bool
    /// Keras's words for the weights that it has asked for.
    var roles: Set<String> = []
  }

  init(
    _ trace: Trace, isTraining: Bool, frozen: FrozenPatterns = FrozenPatterns(),
    policy: DTypePolicy = .float32, budget: CallBudget = CallBudget()
  ) {
    self.trace = trace
    self.budget = budget
    self.isTraining = isTraining
    self.frozen = frozen
    defaultPolicy = policy
    trace.companion = self
  }

  /// What is kept beside `trace`; a bare trace gets it on first use.
  package static func of(_ trace: Trace) -> ModelTrace {
    trace.companion as? ModelTrace ?? ModelTrace(trace, isTraining: false)
  }

  /// The path of the layer being traced.
  private var path: String { entered.last?.path ?? "" }

  /// The element types of the layer being traced.
  var policy: DTypePolicy { entered.last?.policy ?? defaultPolicy }

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
      within(layer, path: "") { body(LayerContext(model: self)) }
    }
  }

  /// Runs `body` inside `layer`, which is called `name` if one is given and it is new.
  package func entering(
    _ layer: any Layer, as name: String? = nil, _ inputs: [Symbol],
    _ body: (LayerContext) -> [Symbol]
  ) -> [Symbol] {
    guard budget.spend(on: trace) else { return [trace.invalid] }
    let index = index(of: layer, as: name)
    let callsBefore = calls.count
    let outputs = trace.entering(
      layers[index].name, code: layer.code, location: locations[ObjectIdentifier(layer)]
    ) { within(layer, path: layers[index].path) { body(LayerContext(model: self)) } }
    layers[index].inputs = inputs.map(\.type)
    layers[index].outputs = outputs.map(\.type)
    calls.append(
      RecordedCall(
        layer: layer, path: layers[index].path, inputs: inputs, outputs: outputs,
        isInnermost: calls.count == callsBefore))
    return outputs
  }

  /// Runs `body` with the options of `layer` at `path`. The element types that it does not say are
  /// those of the layer around it.
  private func within<R>(_ layer: any Layer, path: String, _ body: () -> R) -> R {
    entered.append(
      Frame(
        path: path, options: layer.options, policy: layer.options.dtype ?? policy,
        isNetwork: layer is any Network || path.isEmpty))
    defer { entered.removeLast() }
    if !layer.options.isTrainable { untrained.append(path.isEmpty ? "**" : path) }
    let result = body()
    checkOptions(of: layer)
    return result
  }

  /// Reports penalties and constraints for weights that `layer`, just traced, does not have.
  ///
  /// It has those it asked for, and those that it has an initializer for: a bias may be off.
  private func checkOptions(of layer: any Layer) {
    guard let frame = entered.last, !frame.options.roles.isEmpty, trace.errors.isEmpty else {
      return
    }
    let suffix = "_initializer"
    let own = hyperparameters(of: layer).filter { $0.hasSuffix(suffix) }
      .map { String($0.dropLast(suffix.count)) }
    let roles = frame.roles.union(own)
    for (kind, given) in [
      ("regularizer", Set(frame.options.regularizers.keys)),
      ("constraint", Set(frame.options.constraints.keys)),
    ] {
      guard let unknown = given.subtracting(roles).sorted().first else { continue }
      trace.fail(
        "\(layer.className) has no hyperparameter \(unknown)_\(kind)",
        hint: roles.isEmpty
          ? "it has no weights" : spellingHint(unknown, in: roles.sorted()))
      return
    }
  }

  /// Runs `body` on copies of the layers in it, with weights of their own, if `name` says so.
  func copying<R>(_ name: String?, _ body: () -> R) -> R {
    let outer = copy
    if let name { copy = path(name) }
    defer { copy = outer }
    return body()
  }

  /// Runs `body` `count` times, which draws the same random numbers each time.
  func repeating(_ count: Int, _ body: (Int) -> Void) {
    let uses = randomUses
    for turn in 0..<count {
      randomUses = uses
      body(turn)
    }
  }

  private func hyperparameters(of layer: any Layer) -> Set<String> {
    func names<T: NamedLayer>(_ layer: T) -> Set<String> { HyperparameterKeys(of: layer).names }
    if let layer = layer as? any NamedLayer { return names(layer) }
    return Set(Mirror(reflecting: layer).children.compactMap(\.label?.snakeCased))
  }

  /// The name of `layer` among its siblings, if it has been met.
  func name(of layer: any Layer) -> String? {
    indices[LayerIdentity(layer: ObjectIdentifier(layer), copy: "")].map { layers[$0].name }
  }

  /// Where `layer` is kept. A layer met for the first time gets its name: `dense`, `dense_1`, …
  /// counted per parent, so a name depends on the model alone.
  private func index(of layer: any Layer, as given: String?) -> Int {
    let id = LayerIdentity(layer: ObjectIdentifier(layer), copy: copy)
    if let known = indices[id] { return known }
    label(layersOf: layer)
    let wanted = given ?? layer.name ?? labels[id.layer] ?? layer.defaultName
    var name = wanted
    if layer.name != nil, entered.last?.isNetwork ?? true,
      taken[path, default: []].contains(name)
    {
      trace.fail("two layers are named \(name)", hint: "give each layer a name of its own")
    }
    let place = self.path(wanted)
    while !taken[path, default: []].insert(name).inserted {
      numbers[place, default: 0] += 1
      name = "\(wanted)_\(numbers[place, default: 0])"
    }
    layers.append(
      TracedLayer(
        layer: layer, path: path(name), name: name, policy: layer.options.dtype ?? policy))
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
    _ name: String, _ type: TensorType, _ initializer: Initializer, isTrainable: Bool,
    role: String? = nil, value: Tensor? = nil
  ) -> Symbol {
    let path = path(name), role = role ?? LayerOptions.role(of: name)
    let symbol = declared(path, name, type, initializer, isTrainable: isTrainable, role, value)
    guard isTrainable, symbol.isValid, !entered.isEmpty else { return symbol }
    entered[entered.count - 1].roles.insert(role)
    if !frozen.covers(path), let regularizer = entered.last?.options.regularizers[role],
      regularized.insert(path).inserted
    {
      losses.append(regularizer(symbol).cast(to: .float32))
    }
    return substitution?(path, symbol) ?? symbol
  }

  /// Runs `body` with what `replacement` makes of weights in place of these.
  func substituting<R>(
    _ replacement: @escaping (_ path: String, _ weight: Symbol) -> Symbol, _ body: () -> R
  ) -> R {
    let outer = substitution
    substitution = { replacement($0, outer?($0, $1) ?? $1) }
    defer { substitution = outer }
    return body()
  }

  /// Makes `value` the value of the weight at `path` after the step; an optimizer moves on from it.
  func assign(_ path: String, _ value: Symbol) {
    guard let variable = weights[path], value.isValid else { return }
    updates.append((variable, value.cast(to: variable.dtype)))
  }

  private func declared(
    _ path: String, _ name: String, _ type: TensorType, _ initializer: Initializer,
    isTrainable: Bool, _ role: String, _ value: Tensor?
  ) -> Symbol {
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
    if let mistake = initializer.mistake(for: type.shape) {
      return trace.fail("\(name) cannot start so: \(mistake)")
    }
    let constraint = isTrainable ? entered.last?.options.constraints[role] : nil
    if let mistake = constraint?.mistake(for: type.shape) {
      return trace.fail("\(name) cannot be held so: \(mistake)")
    }
    let symbol = trace.variable(path, type)
    weights[path] = symbol
    declarations.append(
      WeightDeclaration(
        path: path, type: type, initializer: initializer, isTrainable: isTrainable,
        constraint: constraint, value: value))
    return symbol
  }

  /// The state `name` as it is now: what it was before the step, or what it has become.
  func state(_ name: String, _ type: TensorType, _ initializer: Initializer) -> Symbol {
    let variable = weight(name, type, initializer, isTrainable: false)
    return newStates[path(name)] ?? variable
  }

  func update(_ name: String, to value: Symbol) {
    guard let variable = weights[path(name)], value.isValid else { return }
    guard value.trace === trace else {
      trace.fail("\(name) cannot change within a loop", hint: "write the loop out: unroll: true")
      return
    }
    let value = value.cast(to: variable.dtype)
    newStates[path(name)] = value
    updates.removeAll { $0.variable.id == variable.id }
    updates.append((variable, value))
  }

  /// Adds `value` to the loss.
  func addLoss(_ value: Symbol) {
    guard value.isValid, value.trace !== trace else {
      losses.append(value)
      return
    }
    trace.fail(
      "a loss cannot be added within a loop", hint: "write the loop out: unroll: true")
  }

  func random() -> (key: Symbol, stream: UInt64) {
    var key = randomKey ?? trace.constant(Tensor([2], [Int64(0), 0]))
    if let seed = entered.last?.options.seed {  // the step still counts
      key = concatenate(
        [trace.constant(Tensor([1], [Int64(seed)])), key.sliced(axis: 0, 1..<2)], axis: 0)
    }
    let use = randomUses[path, default: 0]
    randomUses[path] = use + 1
    return (key, streamHash("\(path)#\(use)"))
  }
}

extension String {
  /// The name of a class as Keras's files have it: `MaxPooling2D` is `max_pooling2d`.
  package var snakeCased: String {
    func isUppercase(_ letter: UInt8) -> Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= letter }
    func isLowercase(_ letter: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= letter }
    func isDigit(_ letter: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= letter }
    let letters = Array(utf8), line = UInt8(ascii: "_")
    var result: [UInt8] = []
    for (index, letter) in letters.enumerated() {
      guard isUppercase(letter) else {
        result.append(letter)
        continue
      }
      if index > 0, letters[index - 1] != line {
        let afterLower = !isUppercase(letters[index - 1]) && !isDigit(letters[index - 1])
        let beforeLower = index + 1 < letters.count && isLowercase(letters[index + 1])
        if afterLower || beforeLower { result.append(line) }
      }
      result.append(letter | 0x20)
    }
    let name = String(decoding: result, as: UTF8.self)
    return letters.allSatisfy { $0 < 0x80 } ? name : name.lowercased()
  }
}

extension Layer {
  /// The layer as code, for messages: its class and its main argument.
  var code: String {
    let holder: Any = (self as? any CellLayer)?.stepCell ?? self
    let properties = Mirror(reflecting: holder).children.filter { $0.label != "name" }
    if let inner = properties.first?.value as? any Layer { return "\(className)(\(inner.code))" }
    guard let first = properties.first, first.value is Int || first.value is Double else {
      return "\(className)()"
    }
    return "\(className)(\(first.value))"
  }
}
