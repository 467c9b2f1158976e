import TensorGraph

/// A recurrent layer with any cell.
///
///     let own = RNN(MinimalCell(32), returnSequences: true)
///     let deep = RNN(StackedRNNCells([GRUCell(64), GRUCell(64)]))
///
/// A masked step keeps the states, and its output is that of the step before, or 0 with
/// `zeroOutputForMask`. With `goBackwards` the output has the steps in the order in which they are
/// done, and so has its mask.
///
/// - Inputs: `[batch, time, …]`, then, if given, the states of the cell before the first step
/// - Outputs: the output of the last step, `[batch, …]`, or of all steps, `[batch, time, …]`; then,
///   with `returnState`, the last states
/// - Weights: those of the cell
/// - State: `rnn_state`, `rnn_state_1`, …, if stateful
public final class RNN: RecurrentLayer {
  /// One step of the layer.
  public let cell: any RNNCell
  public let recurrence: Recurrence
  public let options: LayerOptions

  public static let example = RNN(SimpleRNNCell(1))
  public var stepCell: any RNNCell { cell }

  /// Creates a layer of its parts.
  init(cell: any RNNCell, recurrence: Recurrence, options: LayerOptions) {
    self.cell = cell
    self.recurrence = recurrence
    self.options = options
  }

  /// Creates a layer that runs `cell`.
  public convenience init(
    _ cell: any RNNCell, returnSequences: Bool = false, returnState: Bool = false,
    goBackwards: Bool = false, stateful: Bool = false, unroll: Bool = false,
    zeroOutputForMask: Bool = false, name: String? = nil, options: LayerOptions = []
  ) {
    self.init(
      cell: cell,
      recurrence: Recurrence(
        returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
        stateful: stateful, unroll: unroll, zeroOutputForMask: zeroOutputForMask),
      options: LayerOptions(name, options))
  }

  public func steps(
    over x: Symbol, mask: Symbol?, from states: [Symbol], _ context: LayerContext
  ) -> (sequence: Symbol, states: [Symbol]) {
    context.run(cell, over: x, mask: mask, from: states, unroll: unroll)
  }
}

/// The cell is written as files have it.
extension RNN {
  private enum CodingKeys: String, CodingKey { case cell }

  public convenience init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      cell: try container.decode(SerializedLayer.self, forKey: .cell)
        .cell(at: container.codingPath),
      recurrence: try Recurrence(from: decoder), options: try LayerOptions(among: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(try SerializedLayer(cell: cell), forKey: .cell)
    try recurrence.encode(to: encoder)
    try options.encode(among: encoder)
  }
}

extension SerializedLayer {
  /// The written form of `cell`.
  ///
  /// - Throws: when it is no layer that files can name.
  init(cell: any RNNCell) throws {
    guard let named = cell as? any NamedLayer else {
      throw ConfigurationError(
        "\(cell.className) is no cell that files can name",
        hint: "conform it to NamedLayer, and read files with LayerRegistry(adding: […])")
    }
    self.init(named)
  }

  /// The layer as a cell.
  ///
  /// - Throws: when it is none.
  func cell(at path: [any CodingKey]) throws -> any RNNCell {
    if let cell = layer as? any RNNCell { return cell }
    throw DecodingError.dataCorrupted(
      .init(codingPath: path, debugDescription: "\(layer.className) is no cell"))
  }
}
