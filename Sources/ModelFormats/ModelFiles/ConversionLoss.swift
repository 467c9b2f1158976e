import NeuralNetworks
import TensorGraph

/// Something that a model has and the file it was converted to does not.
public struct ConversionLoss: Sendable, Hashable, CustomStringConvertible {
  /// What kinds of things get lost.
  public enum Kind: String, Sendable, CaseIterable {
    /// The layers and how they are connected.
    case network
    /// The layers, of which others are left that compute the same.
    case layers
    /// What layers are called.
    case layerNames = "layer_names"
    /// What inputs or outputs are called.
    case portNames = "port_names"
    /// The weights, all or some.
    case weights
    /// The element types of weights.
    case weightTypes = "weight_types"
    /// What layers compute with.
    case dtypePolicy = "dtype_policy"
    /// Penalties on weights and what these are held to.
    case regularization
    /// Which weights training leaves alone.
    case frozen
    /// Loss, optimizer and metrics.
    case compileSettings = "compile_settings"
    /// What the optimizer remembers.
    case optimizerState = "optimizer_state"
    /// Where the random numbers of training go on.
    case randomState = "random_state"
    /// The input and output that a machine is checked with.
    case testVector = "test_vector"
    /// Texts that belong to the whole file.
    case metadata
  }

  /// What it is.
  public let kind: Kind
  /// What exactly, in words.
  public let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}

extension ConversionLoss {
  /// What `model` has and `result`, which was read from a file written of it, has not.
  static func all(from model: Model, to result: Model) -> [ConversionLoss] {
    [
      layers(model, result), layerNames(model, result), portNames(model, result),
      weightTypes(model, result), dtypePolicy(model, result), regularization(model, result),
      frozen(model, result), compileSettings(model, result), optimizerState(model, result),
      randomState(model, result),
    ].compactMap(\.self)
  }

  /// What `model` has that a file of weights alone has not.
  static func ofNetwork(_ model: Model) -> [ConversionLoss] {
    let names = model.structure.layers.compactMap { record in
      record.layer is any AssetLayer ? record.name : nil
    }
    var text = "the network: \(count(model.structure.layers.count, "layer"))"
    if !names.isEmpty { text += ", with the vocabulary of \(names.joined(separator: ", "))" }
    return [ConversionLoss(.network, text)]
  }

  private static func count(_ number: Int, _ thing: String) -> String {
    "\(number) \(thing)\(number == 1 ? "" : "s")"
  }

  private static func classes(_ model: Model) -> [String: Int] {
    model.structure.layers.reduce(into: [:]) { $0[$1.layer.className, default: 0] += 1 }
  }

  private static func layers(_ model: Model, _ result: Model) -> ConversionLoss? {
    let (before, after) = (classes(model), classes(result))
    guard before != after else { return nil }
    let lost = before.filter { $0.value > after[$0.key] ?? 0 && $0.key != "InputLayer" }.keys
    guard !lost.isEmpty else { return nil }
    return ConversionLoss(
      .layers,
      "the layers as they are, \(ModelFile.listed(lost.sorted())): the file has "
        + "\(count(result.structure.layers.count, "operator")) that compute the same")
  }

  private static func layerNames(_ model: Model, _ result: Model) -> ConversionLoss? {
    guard classes(model) == classes(result) else { return nil }
    let pairs = zip(model.structure.layers, result.structure.layers).filter { $0.path != $1.path }
    guard !pairs.isEmpty else { return nil }
    return ConversionLoss(
      .layerNames,
      "names of layers: " + ModelFile.listed(pairs.map { "\($0.path) became \($1.path)" }))
  }

  private static func portNames(_ model: Model, _ result: Model) -> ConversionLoss? {
    let pairs = zip(
      model.inputNames + model.outputNames, result.inputNames + result.outputNames
    ).filter { $0 != $1 }
    guard !pairs.isEmpty else { return nil }
    return ConversionLoss(
      .portNames,
      "names of inputs and outputs: " + ModelFile.listed(pairs.map { "\($0) became \($1)" }))
  }

  private static func weightTypes(_ model: Model, _ result: Model) -> ConversionLoss? {
    let types = Dictionary(
      result.declarations.map { ($0.path, $0.type.dtype) }, uniquingKeysWith: { $1 })
    let changed = Set(
      model.declarations.compactMap { weight -> String? in
        guard let now = types[weight.path], now != weight.type.dtype else { return nil }
        return "\(weight.type.dtype) became \(now)"
      })
    return changed.isEmpty
      ? nil : ConversionLoss(.weightTypes, "types of weights: " + changed.sorted().joined())
  }

  private static func dtypePolicy(_ model: Model, _ result: Model) -> ConversionLoss? {
    guard model.dtypePolicy != result.dtypePolicy else { return nil }
    return ConversionLoss(.dtypePolicy, "that layers compute in \(model.dtypePolicy)")
  }

  private static func regularization(_ model: Model, _ result: Model) -> ConversionLoss? {
    func named(_ model: Model) -> Set<String> {
      Set(
        model.structure.layers.filter { record in
          let options = record.layer.options
          return !options.regularizers.isEmpty || !options.constraints.isEmpty
            || options.activityRegularizer != nil
        }.map(\.path))
    }
    let lost = named(model).subtracting(named(result))
    return lost.isEmpty
      ? nil
      : ConversionLoss(
        .regularization,
        "regularizers and constraints of " + ModelFile.listed(lost.sorted()))
  }

  /// The weights of `model` that training leaves alone.
  static func frozenWeights(of model: Model) -> [String] {
    model.declarations.indices.filter {
      model.declarations[$0].isTrainable && !model.isTrainable($0)
    }.map { model.declarations[$0].path }
  }

  static func frozen(_ model: Model, _ result: Model?) -> ConversionLoss? {
    let kept = Set(result.map(frozenWeights) ?? [])
    let lost = frozenWeights(of: model).filter { !kept.contains($0) }
    return lost.isEmpty
      ? nil : ConversionLoss(.frozen, "that training leaves alone " + ModelFile.listed(lost))
  }

  private static func compileSettings(_ model: Model, _ result: Model) -> ConversionLoss? {
    guard model.compileSettings != nil, result.compileSettings == nil else { return nil }
    return ConversionLoss(
      .compileSettings,
      "how the model is trained: \(model.optimizer?.className ?? "the optimizer"), loss and metrics"
    )
  }

  private static func optimizerState(_ model: Model, _ result: Model) -> ConversionLoss? {
    guard model.iterations > 0 else { return nil }
    let (before, after) = (model.optimizerVariables, result.optimizerVariables)
    let isKept =
      before.count == after.count
      && zip(before, after).allSatisfy { $0.value.cast(to: $1.value.dtype) == $1.value }
    return isKept
      ? nil
      : ConversionLoss(
        .optimizerState,
        "what \(model.optimizer?.className ?? "the optimizer") remembers of "
          + count(model.iterations, "step"))
  }

  private static func randomState(_ model: Model, _ result: Model) -> ConversionLoss? {
    func key(_ model: Model) -> [Int64] {
      model.variables[model.declarations.count].scalars(as: Int64.self)
    }
    guard model.iterations > 0, key(model) != key(result) else { return nil }
    return ConversionLoss(.randomState, "where the random numbers of training go on")
  }
}
