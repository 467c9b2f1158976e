import TensorGraph

/// A layer that carries states through the steps of a sequence.
///
/// - Inputs: `[batch, time, …]`, then, if given, the states before the first step
/// - Outputs: the output of the last step, `[batch, …]`, or of all steps, `[batch, time, …]`; then,
///   with `returnState`, the last states
/// - State: `rnn_state`, `rnn_state_1`, …, one for each state of the cell, if stateful
public protocol RecurrentLayer: MultiInputLayer, NamedLayer {
  /// One step of the layer.
  var stepCell: any RNNCell { get }
  /// How the layer goes through its sequences.
  var recurrence: Recurrence { get }
  /// The outputs of all steps of `x`, done from the first to the last, and the last states.
  func steps(
    over x: Symbol, mask: Symbol?, from states: [Symbol], _ context: LayerContext
  ) -> (sequence: Symbol, states: [Symbol])
}

extension RecurrentLayer {
  /// Whether the output has all steps, not the last alone.
  public var returnSequences: Bool { recurrence.returnSequences }
  /// Whether the last states are outputs too.
  public var returnState: Bool { recurrence.returnState }
  /// Whether the last step is done first; the output has the steps in the order they are done.
  public var goBackwards: Bool { recurrence.goBackwards }
  /// Whether a batch begins with the states that the batch before it left.
  public var stateful: Bool { recurrence.stateful }
  /// Whether each step is written out in the graph.
  public var unroll: Bool { recurrence.unroll }
  /// Whether the output of a masked step is 0, not that of the step before.
  public var zeroOutputForMask: Bool { recurrence.zeroOutputForMask }

  public var masking: MaskHandling { .explicit }
  public var takesList: Bool { false }

  public func steps(
    over x: Symbol, mask: Symbol?, from states: [Symbol], _ context: LayerContext
  ) -> (sequence: Symbol, states: [Symbol]) {
    stepCell.run(over: x, mask: mask, from: states, unroll: unroll, context)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    recurred(inputs, context, reversed: goBackwards, zeroOutput: zeroOutputForMask)
  }

  /// The outputs, with direction and output of masked steps as `Bidirectional` wants them.
  func recurred(
    _ inputs: [Symbol], _ context: LayerContext, reversed: Bool, zeroOutput: Bool
  ) -> [Symbol] {
    guard let x = inputs.first?.floatingPoint, x.isValid else { return inputs }
    let layout = (stepCell as? any GatedCell)?.sequenceLayout ?? "[batch, time, …]"
    let rank = (stepCell as? any GatedCell).map { $0.spatialAxes.count + 3 }
    guard x.shape.rank >= 3, x.shape.rank == rank ?? x.shape.rank, x.shape[1] > 0 else {
      return [
        context.fail(
          "\(className) expects \(layout)", inputs[0],
          hint: "return sequences from the layer before, or add a time axis")
      ]
    }
    let step = x.shape.removing(1)
    if let mistake = stepCell.checked(for: step) {
      return [context.fail("\(className) \(mistake)", x)]
    }
    let shapes = stepCell.stateShapes(for: step)
    let given = inputs.dropFirst().map { $0.cast(to: x.dtype) }
    guard given.isEmpty || given.map(\.shape) == shapes else {
      return [
        context.fail(
          "\(className) takes \(written(shapes)), not \(written(given.map(\.shape)))", x)
      ]
    }
    let mask = stepMask(inputs[0].mask).map { reversed ? $0.reversed(axis: 1) : $0 }
    let names = shapes.indices.map { $0 == 0 ? "rnn_state" : "rnn_state_\($0)" }
    // Declared even where states are given, so that all graphs of a model have them.
    let kept = stateful ? zip(names, shapes).map { context.state($0, $1, .zeros) } : []
    let start =
      !given.isEmpty
      ? given : stateful ? kept : shapes.map { x.trace.constant(0, $0, dtype: x.dtype) }
    var (sequence, last) = steps(
      over: reversed ? x.reversed(axis: 1) : x, mask: mask, from: start, context)
    guard sequence.isValid else { return [sequence] }
    if stateful { for (name, state) in zip(names, last) { context.update(name, to: state) } }
    if let mask, zeroOutput {
      let ones = Array(repeating: 1, count: sequence.shape.rank - 2)
      sequence = select(mask.reshaped(Shape(mask.shape.dims + ones)), sequence, 0)
    }
    let output = returnSequences ? sequence.masked(by: mask) : sequence.entry(-1, axis: 1)
    return [output] + (returnState ? last : [])
  }
}

/// Which steps count, `bool[batch, time]`, by a mask `[batch, time, …]`: those in which anything
/// does.
func stepMask(_ mask: Symbol?) -> Symbol? {
  guard let mask, mask.shape.rank > 2 else { return mask }
  return mask.cast(to: .int32).max(axes: Array(2..<mask.shape.rank)) .> 0
}

/// A recurrent layer with a cell of its own, whose hyperparameters and weights are the layer's.
public protocol CellLayer: RecurrentLayer, RandomLayer {
  /// The class of its cell.
  associatedtype Cell: RNNCell & NamedLayer
  /// One step of the layer.
  var cell: Cell { get }
  /// Creates a layer of its parts.
  init(cell: Cell, recurrence: Recurrence, options: LayerOptions)
}

/// Files have the hyperparameters of the cell and of the way through sequences among the layer's.
extension CellLayer {
  public var stepCell: any RNNCell { cell }

  public init(from decoder: any Decoder) throws {
    self.init(
      cell: try Cell(from: decoder), recurrence: try Recurrence(from: decoder),
      options: try LayerOptions(among: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    try cell.encode(to: encoder)
    try recurrence.encode(to: encoder)
    try options.encode(among: encoder)
  }
}

extension LayerOptions {
  private enum Key: String, CodingKey { case options }

  /// The options among the hyperparameters of a layer.
  init(among decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self = try container.decodeIfPresent(LayerOptions.self, forKey: .options) ?? []
  }

  /// Writes the options among the hyperparameters of a layer.
  func encode(among encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(self, forKey: .options)
  }
}
