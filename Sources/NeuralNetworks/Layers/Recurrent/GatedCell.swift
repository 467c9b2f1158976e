import TensorGraph

/// A cell that joins a product of its input with a product of its state, gate by gate.
///
/// The product of the input needs no state: a layer computes that of all steps at once.
///
/// - Weights: `kernel`, `recurrent_kernel` and `bias`, each with one part for each gate along its
///   last axis
public protocol GatedCell: RNNCell, NamedLayer, RandomLayer {
  /// The number of gates.
  static var gateCount: Int { get }
  /// The number of states, of which the first is the output.
  static var stateCount: Int { get }
  /// The size of a state, or its number of channels.
  var width: Int { get }
  /// What is applied to the candidate for the state.
  var activation: Activation { get }
  /// Whether there is a bias.
  var useBias: Bool { get }
  /// How `kernel` starts.
  var kernelInitializer: Initializer { get }
  /// How `recurrent_kernel` starts.
  var recurrentInitializer: Initializer { get }
  /// How `bias` starts.
  var biasInitializer: Initializer { get }
  /// The share of the inputs that are dropped in training, the same at each step.
  var dropout: Double { get }
  /// The share of the state that is dropped in training, the same at each step.
  var recurrentDropout: Double { get }

  /// The names of the axes between those of time and of features.
  var spatialAxes: [String] { get }
  /// The shapes of `kernel` and `recurrent_kernel` for `features` features.
  func kernelShapes(_ features: Int) -> (input: Shape, state: Shape)
  /// The shape of `bias`, and how it really starts.
  var bias: (shape: Shape, initializer: Initializer) { get }
  /// Whether each gate drops shares of its own.
  var dropsByGate: Bool { get }
  /// The product of the input of one step, or of all steps of a sequence, with `kernel`.
  func inputProduct(_ x: Symbol, _ kernel: Symbol) -> Symbol
  /// The product of a state with `kernel`.
  func stateProduct(_ h: Symbol, _ kernel: Symbol) -> Symbol
  /// The states after a step, from the product of its input and those before it.
  func next(_ input: Symbol, _ states: [Symbol], _ weights: CellWeights) -> [Symbol]
  /// All steps by one operation of the graph, if there is one for these hyperparameters.
  func fused(
    _ inputs: Symbol, mask: Symbol?, from states: [Symbol], _ weights: CellWeights
  ) -> (sequence: Symbol, states: [Symbol])?
}

/// What a gated cell computes with.
public struct CellWeights {
  /// What the input is multiplied by.
  public let kernel: Symbol
  /// What the state is multiplied by.
  public let recurrentKernel: Symbol
  /// What is added.
  public let bias: Symbol?
  /// What the input is multiplied by elementwise in training: nothing, one, or one for each gate.
  let inputMasks: [Symbol]
  /// What the state is multiplied by elementwise in training.
  let stateMasks: [Symbol]
}

extension GatedCell {
  public var spatialAxes: [String] { [] }
  public var stateSizes: [Int] { Array(repeating: width, count: Self.stateCount) }
  public var dropsByGate: Bool { recurrentDropout > 0 }
  public var bias: (shape: Shape, initializer: Initializer) {
    ([Self.gateCount * width], biasInitializer)
  }

  public func kernelShapes(_ features: Int) -> (input: Shape, state: Shape) {
    ([features, Self.gateCount * width], [width, Self.gateCount * width])
  }
  public func inputProduct(_ x: Symbol, _ kernel: Symbol) -> Symbol { matmul(x, kernel) }
  public func stateProduct(_ h: Symbol, _ kernel: Symbol) -> Symbol { matmul(h, kernel) }
  public func fused(
    _ inputs: Symbol, mask: Symbol?, from states: [Symbol], _ weights: CellWeights
  ) -> (sequence: Symbol, states: [Symbol])? { nil }

  var sequenceLayout: String {
    "[" + (["batch", "time"] + spatialAxes + ["features"]).joined(separator: ", ") + "]"
  }

  public func mistake(for step: Shape) -> String? {
    guard step.rank == spatialAxes.count + 2 else {
      return "expects " + sequenceLayout.replacing(", time", with: "")
    }
    guard isSize(width), (0...1).contains(dropout), (0...1).contains(recurrentDropout) else {
      return "needs \(spatialAxes.isEmpty ? "units" : "filters") above 0, and dropouts from 0 to 1"
    }
    return nil
  }

  public func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) {
    let weights = weights(for: x, isSequence: false, context)
    let next = next(projected(x, weights), states, weights)
    return (next[0], next)
  }

  public func run(
    over x: Symbol, mask: Symbol?, from states: [Symbol], unroll: Bool, _ context: LayerContext
  ) -> (sequence: Symbol, states: [Symbol]) {
    let weights = weights(for: x, isSequence: true, context)
    let inputs = projected(x, weights)
    if !unroll, let done = fused(inputs, mask: mask, from: states, weights) { return done }
    return looped(over: inputs, mask: mask, from: states, unroll: unroll, context) { step, states in
      let next = next(step, states, weights)
      return (next[0], next)
    }
  }

  /// The product of the input with the kernel, and the bias: of GRU's two that of the input.
  private func projected(_ x: Symbol, _ weights: CellWeights) -> Symbol {
    let y = product(x, weights.kernel, masks: weights.inputMasks, by: inputProduct)
    guard let bias = weights.bias else { return y }
    return y + (bias.shape.rank == 1 ? bias : bias.entry(0, axis: 0))
  }

  /// The product of the state with the recurrent kernel.
  func recurrent(_ h: Symbol, _ weights: CellWeights) -> Symbol {
    product(h, weights.recurrentKernel, masks: weights.stateMasks, by: stateProduct)
  }

  /// What the state gives to each gate, added to `other`.
  func gates(_ h: Symbol, adding other: Symbol?, _ weights: CellWeights) -> [Symbol] {
    let product = recurrent(h, weights), count = Self.gateCount
    guard let other else { return product.split(count, axis: -1) }
    // What comes in parts, as with a mask for each gate, is not put together first.
    guard weights.stateMasks.count > 1 else { return (other + product).split(count, axis: -1) }
    return zip(other.split(count, axis: -1), product.split(count, axis: -1)).map { $0 + $1 }
  }

  private func weights(
    for x: Symbol, isSequence: Bool, _ context: LayerContext
  ) -> CellWeights {
    let shapes = kernelShapes(x.shape[-1])
    var step = x.shape
    if isSequence { step = step.removing(1).inserting(1, at: 1) }
    func masks(_ rate: Double, _ shape: Shape) -> [Symbol] {
      guard context.isTraining, rate > 0 else { return [] }
      return (0..<(dropsByGate ? Self.gateCount : 1)).map { _ in
        context.dropoutMask(rate, shape, dtype: x.dtype)
      }
    }
    let state = stateShapes(for: isSequence ? x.shape.removing(1) : x.shape)[0]
    return CellWeights(
      kernel: context.weight("kernel", shapes.input, kernelInitializer),
      recurrentKernel: context.weight("recurrent_kernel", shapes.state, recurrentInitializer),
      bias: useBias ? context.weight("bias", bias.shape, bias.initializer) : nil,
      inputMasks: masks(dropout, step), stateMasks: masks(recurrentDropout, state))
  }
}

/// `x · kernel`, where `x` is first multiplied by the one mask, or by one for each part of the
/// kernel's columns.
func product(
  _ x: Symbol, _ kernel: Symbol, masks: [Symbol], by product: (Symbol, Symbol) -> Symbol
) -> Symbol {
  if masks.count <= 1 { return product(masks.first.map { x * $0 } ?? x, kernel) }
  let parts = zip(masks, kernel.split(masks.count, axis: -1)).map { product(x * $0, $1) }
  return concatenate(parts, axis: -1)
}
