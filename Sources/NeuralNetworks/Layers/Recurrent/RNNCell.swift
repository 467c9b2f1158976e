import TensorGraph

/// One step of a recurrent layer: from an input and the states before it to an output and the
/// states after it.
///
///     final class MinimalCell: RNNCell {
///       let units: Int
///       init(_ units: Int) { self.units = units }
///       var stateSizes: [Int] { [units] }
///
///       func step(
///         _ x: Symbol, _ states: [Symbol], _ context: LayerContext
///       ) -> (output: Symbol, states: [Symbol]) {
///         let kernel = context.weight("kernel", [x.shape[-1], units], .glorotUniform)
///         let recurrent = context.weight("recurrent_kernel", [units, units], .orthogonal())
///         let h = tanh(matmul(x, kernel) + matmul(states[0], recurrent))
///         return (h, [h])
///       }
///     }
///
/// `RNN` runs a cell over time. A cell may hold and call other layers. Its random numbers are the
/// same at each step of a sequence.
///
/// As a layer of its own a cell takes the input and the states, and gives the output and the new
/// states.
public protocol RNNCell: MultiInputLayer {
  /// The sizes of the states of one sample.
  var stateSizes: [Int] { get }
  /// The shapes of the states, the batch included, for steps of the shape `step`: by default
  /// `[batch, size]` for each of the sizes.
  func stateShapes(for step: Shape) -> [Shape]
  /// Why the cell cannot be right for steps of the shape `step`, or nothing.
  func mistake(for step: Shape) -> String?
  /// One step: the output and the new states, which have the types of the old ones.
  func step(
    _ x: Symbol, _ states: [Symbol], _ context: LayerContext
  ) -> (output: Symbol, states: [Symbol])
  /// The outputs of all steps of `x`, done from the first to the last, and the last states; by
  /// default by a loop of `step`. Cells may know a faster way.
  ///
  /// - Parameters:
  ///   - x: `[batch, time, …]`.
  ///   - mask: which steps count: `bool[batch, time]`. The others keep states and output.
  ///   - states: the states before the first step.
  ///   - unroll: whether each step is written out.
  ///   - context: what weights are asked of.
  /// - Returns: the output of all steps, and the states after the last.
  func run(
    over x: Symbol, mask: Symbol?, from states: [Symbol], unroll: Bool, _ context: LayerContext
  ) -> (sequence: Symbol, states: [Symbol])
}

extension RNNCell {
  public var takesList: Bool { false }
  public var masking: MaskHandling {
    .refused(hint: "a cell does one step; RNN(cell) does all, and takes the mask")
  }
  public func stateShapes(for step: Shape) -> [Shape] { stateSizes.map { [step[0], $0] } }
  public func mistake(for step: Shape) -> String? { nil }

  public func run(
    over x: Symbol, mask: Symbol?, from states: [Symbol], unroll: Bool, _ context: LayerContext
  ) -> (sequence: Symbol, states: [Symbol]) {
    looped(over: x, mask: mask, from: states, unroll: unroll, context) { step($0, $1, context) }
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard let x = inputs.first, x.shape.rank > 0 else {
      return [context.fail("\(className) expects [batch, features]")]
    }
    if let mistake = checked(for: x.shape) { return [context.fail("\(className) \(mistake)", x)] }
    let states = Array(inputs.dropFirst())
    let shapes = stateShapes(for: x.shape)
    guard states.map(\.shape) == shapes else {
      return [
        context.fail(
          "\(className) takes \(written(shapes)), not \(written(states.map(\.shape)))", x,
          hint: "give the input, then each state; RNN(cell) begins with zeros by itself")
      ]
    }
    let (output, next) = step(x, states, context)
    return [output] + next
  }

  /// Why the cell cannot take steps of the shape `step`, whatever cell it is.
  func checked(for step: Shape) -> String? {
    if let mistake = mistake(for: step) { return mistake }
    let sizes = stateShapes(for: step).flatMap { $0.dims.dropFirst() }
    return sizes.allSatisfy(isSize) ? nil : "needs states of sizes above 0, not \(sizes)"
  }
}

/// The shapes of states in a message: `2 states of shapes [3, 4], [3, 4]`.
func written(_ shapes: [Shape]) -> String {
  guard !shapes.isEmpty else { return "no states" }
  let list = shapes.map { "\($0)" }.joined(separator: ", ")
  return shapes.count == 1 ? "1 state of shape \(list)" : "\(shapes.count) states of shapes \(list)"
}

extension LayerContext {
  /// Runs `cell` over a sequence as a layer within this one: with its own options, and weights
  /// under its name.
  func run(
    _ cell: any RNNCell, over x: Symbol, mask: Symbol?, from states: [Symbol], unroll: Bool
  ) -> (sequence: Symbol, states: [Symbol]) {
    let results = within(cell, [x] + states) { arranged, context in
      let (sequence, last) = cell.run(
        over: arranged[0], mask: mask, from: Array(arranged.dropFirst()), unroll: unroll, context)
      return [sequence] + last
    }
    return (results[0], Array(results.dropFirst()))
  }

  /// One step of `cell` as a layer within this one.
  func step(
    _ cell: any RNNCell, _ x: Symbol, _ states: [Symbol]
  ) -> (output: Symbol, states: [Symbol]) {
    let results = within(cell, [x] + states) { arranged, context in
      let (output, next) = cell.step(arranged[0], Array(arranged.dropFirst()), context)
      return [output] + next
    }
    return (results[0], Array(results.dropFirst()))
  }

  /// Runs `body` inside `cell`, on inputs in the type in which the cell computes; the results are
  /// in the type of this layer again.
  private func within(
    _ cell: any RNNCell, _ inputs: [Symbol],
    _ body: ([Symbol], LayerContext) -> [Symbol]
  ) -> [Symbol] {
    if cell.options.activityRegularizer != nil {
      return [
        fail(
          "\(cell.className) is a part of a layer, and has no activity of its own",
          hint: "give the activity regularizer to the layer around it")
      ]
    }
    let results = model.entering(cell, inputs) { context in
      body(inputs.map { context.arranged($0, for: cell) }, context)
    }
    return results.map { $0.isValid && $0.dtype.isFloatingPoint ? $0.cast(to: policy.compute) : $0 }
  }
}
