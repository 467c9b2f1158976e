import TensorGraph

/// A piece of a network: a recipe that adds its computation to the graph being traced.
///
///     final class Scale: Layer {
///       func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
///         x * context.weight("scale", [x.shape[-1]], .ones)
///       }
///     }
///
/// A layer holds hyperparameters only, all of them constants. Its weights belong to the model that
/// traced it, so a layer is `Sendable`. A layer called twice shares its weights.
public protocol Layer: AnyObject, Sendable {
  /// The name of the class in files, as Keras spells it; the Swift name by default.
  static var className: String { get }
  /// The name given by the user; without one the model numbers layers by class.
  var name: String? { get }
  /// What any layer can be given: element types, penalties, constraints and the like.
  var options: LayerOptions { get }
  /// The name of the class, as Keras's files have it.
  var className: String { get }
  /// Whether floating-point inputs are cast to the type in which the layer computes.
  var castsInputs: Bool { get }
  /// Whether inputs may be strings.
  var takesStrings: Bool { get }
  /// What becomes of the mask of its input.
  var masking: MaskHandling { get }
  /// Whether Keras's `call` has the masks of its inputs among its arguments.
  var takesMask: Bool { get }
  /// The output for the input `x`.
  func call(_ x: Symbol, _ context: LayerContext) -> Symbol
  /// The outputs for any number of inputs. Layers with one of each have this from `call`.
  func outputs(for inputs: [Symbol], _ context: LayerContext) -> [Symbol]
  /// The name of a layer that was given none, before its number; groups in Keras's files have it.
  var defaultName: String { get }
  /// Whether Keras counts the weight at `path`, that of a layer in this one, among this layer's own
  /// too, and writes it twice.
  func sharesWeight(at path: String) -> Bool
  /// The property in which Keras's layer holds the weights that this one has under `part`, such as
  /// `query_dense` for `query/kernel`.
  func property(holding part: String) -> String
}

/// What a layer does with the mask of its input.
public enum MaskHandling: Sendable, Hashable {
  /// The outputs have the mask of the first input: the layer works step by step.
  case passed
  /// The mask has been used, and the output needs none.
  case consumed
  /// The layer itself gives its outputs their masks.
  case explicit
  /// The layer cannot be right for masked input: an error that says what to do instead.
  case refused(hint: String)
}

extension Layer {
  public var name: String? { options.name }
  public var options: LayerOptions { [] }
  public var masking: MaskHandling { .passed }
  public var castsInputs: Bool { true }
  public var takesStrings: Bool { true }
  public var takesMask: Bool { false }
  public var defaultName: String {
    // Without the package that a class of one's own is registered in.
    className.lastIndex(of: ">").map { String(className[className.index(after: $0)...]).snakeCased }
      ?? className.snakeCased
  }
  public func sharesWeight(at path: String) -> Bool { false }
  public func property(holding part: String) -> String { part }

  public func outputs(for inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard inputs.count == 1 else {
      return [context.fail("\(className) takes one input, not \(inputs.count)")]
    }
    return [call(inputs[0], context)]
  }

  public static var className: String { typeName(Self.self) }
  /// The name of the class, as Keras's files have it.
  public var className: String { Self.className }

  /// Applies the layer to `x` while a model is traced.
  public func callAsFunction(_ x: Symbol) -> Symbol { apply(to: [x])[0] }

  /// Applies the layer to `inputs` while a model is traced, and returns all outputs.
  public func apply(to inputs: [Symbol], arguments: [String: CallArgument] = [:]) -> [Symbol] {
    guard let first = inputs.first else { return [] }
    guard inputs.allSatisfy(\.isValid) else { return [first.trace.invalid] }
    return ModelTrace.of(first.trace).entering(self, inputs) { context in
      var context = context
      context.arguments = arguments
      return finishedOutputs(for: inputs, context)
    }
  }

  /// The outputs for `inputs` with what the options of the layer do around it.
  func finishedOutputs(for inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard context.accepts(self) else { return [context.model.trace.invalid] }
    if let text = inputs.first(where: { $0.dtype == .string }), !takesStrings {
      return [
        context.fail(
          "\(className) cannot take strings", text,
          hint: "make numbers of them: StringLookup, TextVectorization or Hashing")
      ]
    }
    let arranged = inputs.map { context.arranged($0, for: self) }
    return outputs(for: arranged, context).map {
      context.finished(masked($0, arranged, context), of: self)
    }
  }

  private func masked(_ y: Symbol, _ inputs: [Symbol], _ context: LayerContext) -> Symbol {
    guard y.isValid, let mask = inputs.first(where: { $0.mask != nil })?.mask else { return y }
    switch masking {
    case .explicit: return y
    case .consumed: return y.masked(by: nil)
    case .passed:
      guard y.shape.rank >= mask.shape.rank,
        Array(y.shape.dims.prefix(mask.shape.rank)) == mask.shape.dims
      else {
        return context.fail(
          "\(className) changes the time axis of a masked input, and says nothing of its mask", y,
          hint: "state `masking` in the layer, or drop the mask before it: x.masked(by: nil)")
      }
      return y.masked(by: mask)
    case .refused(let hint):
      return context.fail("\(className) cannot take a masked input", inputs[0], hint: hint)
    }
  }
}

/// A layer that takes several inputs or gives several outputs.
public protocol MultiInputLayer: Layer {
  /// Whether Keras's `call` takes the inputs as one list, as `Add` does, or one by one, as
  /// `MultiHeadAttention` does.
  var takesList: Bool { get }
  /// The outputs for `inputs`.
  func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol]
}

extension MultiInputLayer {
  public var takesList: Bool { true }
  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol { call([x], context)[0] }
  public func outputs(for inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    call(inputs, context)
  }
  /// Applies the layer to several inputs while a model is traced, and returns its first output.
  public func callAsFunction(_ inputs: Symbol...) -> Symbol { apply(to: inputs)[0] }
}

/// A layer that files can name: its hyperparameters are its configuration.
public protocol NamedLayer: Layer, Codable {
  /// A layer with every default: it fills in what a file leaves out, and stands for its class in
  /// tests.
  static var example: Self { get }
  /// The name of the class in Keras's files.
  static var className: String { get }
}

extension NamedLayer {
  public var takesStrings: Bool { false }
  public static var className: String { typeName(self) }
  public var className: String { Self.className }
}

/// An argument of a call that is not a tensor, such as `use_causal_mask`, by Keras's name.
public enum CallArgument: Sendable, Hashable {
  case bool(Bool)
  case number(Double)
  case string(String)
  /// The input at this position, as an argument by name, such as `attention_mask`.
  case input(Int)
}
