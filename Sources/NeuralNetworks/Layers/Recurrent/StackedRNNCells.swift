import TensorGraph

/// Cells one on another, as one cell: each takes the output of the one before it.
///
///     let deep = RNN(StackedRNNCells([LSTMCell(64), LSTMCell(64)]))
///
/// A layer runs them one after another, each over the whole sequence.
///
/// - Inputs: `[batch, features]`, then the states of all cells, those of the first before
/// - Outputs: the output of the last cell, then the new states of all
public final class StackedRNNCells: RNNCell, NamedLayer {
  /// The cells, the first of which takes the input.
  public let cells: [any RNNCell]
  public let options: LayerOptions

  public static let example = StackedRNNCells([SimpleRNNCell(1)])

  /// Creates a stack of `cells`.
  public init(_ cells: [any RNNCell], name: String? = nil, options: LayerOptions = []) {
    self.cells = cells
    self.options = LayerOptions(name, options)
  }

  public var stateSizes: [Int] { cells.flatMap(\.stateSizes) }

  public func stateShapes(for step: Shape) -> [Shape] { groups(for: step).flatMap(\.self) }

  /// The shapes of the states of each cell.
  func groups(for step: Shape) -> [[Shape]] {
    var step = step
    return cells.map { cell in
      let shapes = cell.stateShapes(for: step)
      step = shapes.first ?? step  // its output, which only cells over images look at
      return shapes
    }
  }

  public func mistake(for step: Shape) -> String? {
    guard !cells.isEmpty else { return "needs at least one cell" }
    var step = step
    for cell in cells {
      if let mistake = cell.checked(for: step) { return "has a \(cell.className) that \(mistake)" }
      step = cell.stateShapes(for: step).first ?? step
    }
    return nil
  }

  public func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol]) {
    through(x, states, x.shape) { context.step($0, $1, $2) }
  }

  public func run(
    over x: Symbol, mask: Symbol?, from states: [Symbol], unroll: Bool, _ context: LayerContext
  ) -> (sequence: Symbol, states: [Symbol]) {
    through(x, states, x.shape.removing(1)) {
      context.run($0, over: $1, mask: mask, from: $2, unroll: unroll)
    }
  }

  /// Hands `x` through the cells, each with its own part of `states`.
  private func through(
    _ x: Symbol, _ states: [Symbol], _ step: Shape,
    _ body: (any RNNCell, Symbol, [Symbol]) -> (Symbol, [Symbol])
  ) -> (Symbol, [Symbol]) {
    var (y, rest, next) = (x, states[...], [Symbol]())
    for (cell, shapes) in zip(cells, groups(for: step)) {
      let (output, new) = body(cell, y, Array(rest.prefix(shapes.count)))
      guard output.isValid else { return (output, states.map { _ in output }) }
      y = output
      next += new
      rest = rest.dropFirst(shapes.count)
    }
    return (y, next)
  }
}

/// The cells are written as files have them.
extension StackedRNNCells {
  private enum CodingKeys: String, CodingKey { case cells, options }

  public convenience init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let cells = try container.decode([SerializedLayer].self, forKey: .cells).map {
      try $0.cell(at: container.codingPath)
    }
    self.init(cells, options: try LayerOptions(among: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(try cells.map { try SerializedLayer(cell: $0) }, forKey: .cells)
    try options.encode(among: encoder)
  }
}
