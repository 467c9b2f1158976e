import TensorGraph

/// What the layers that merge their inputs element by element share.
public protocol MergingLayer: MultiInputLayer, NamedLayer {}

extension MergingLayer {
  public var masking: MaskHandling { .explicit }

  /// The inputs merged from first to last, whether a mask leaves them out or not.
  func merged(
    _ inputs: [Symbol], _ context: LayerContext, count: Int? = nil,
    by operation: (Symbol, Symbol) -> Symbol
  ) -> Symbol {
    guard let inputs = AlignedInputs(inputs, of: self, count: count, context) else {
      return context.model.trace.invalid
    }
    return inputs.masked(inputs.values.dropFirst().reduce(inputs.values[0], operation))
  }

  /// The inputs merged from first to last, without what a mask leaves out where another input has
  /// something that counts.
  func mergedWhereCounting(
    _ inputs: [Symbol], _ context: LayerContext, by operation: (Symbol, Symbol) -> Symbol
  ) -> Symbol {
    guard let inputs = AlignedInputs(inputs, of: self, context) else {
      return context.model.trace.invalid
    }
    var (y, counts) = (inputs.values[0], inputs.masks[0])
    for (x, mask) in zip(inputs.values, inputs.masks).dropFirst() {
      let own = mask.map { select($0, x, y) } ?? x
      if let counts { y = select(counts, y, own) }
      counts = mask.flatMap { mask in counts.map { $0 .| mask } }
      y = operation(y, own)
    }
    return inputs.masked(y)
  }
}

/// Inputs of a layer that merges them, with new axes after the batch where ranks differ.
struct AlignedInputs {
  /// The inputs, all of one rank.
  let values: [Symbol]
  /// Their masks, which broadcast to them.
  let masks: [Symbol?]
  /// The number of axes that masks tell apart, from the first on.
  private let maskRank: Int

  /// Aligns `inputs`; reports if there are not `count` of them, or at least 1, and returns nothing.
  init?(
    _ inputs: [Symbol], of layer: any Layer, count: Int? = nil, _ context: LayerContext
  ) {
    guard inputs.count == count ?? max(inputs.count, 1) else {
      _ = context.fail("\(layer.className) takes \(count ?? 1) inputs, not \(inputs.count)")
      return nil
    }
    guard inputs.allSatisfy({ $0.shape.rank > 0 && $0.shape[0] == inputs[0].shape[0] }) else {
      context.model.trace.fail(
        "\(layer.className) takes inputs with one number of samples", operands: inputs.map(\.type))
      return nil
    }
    let rank = inputs.map(\.shape.rank).max() ?? 0
    values = inputs.map { x in
      x.reshaped(Shape([x.shape[0]] + ones(rank - x.shape.rank) + x.shape.dims.dropFirst()))
    }
    masks = inputs.map { x in
      x.mask.map { mask in
        let inner = ones(rank - x.shape.rank) + mask.shape.dims.dropFirst()
        return mask.reshaped(Shape([mask.shape[0]] + inner + ones(rank - 1 - inner.count)))
      }
    }
    maskRank =
      inputs.compactMap { x in x.mask.map { $0.shape.rank + rank - x.shape.rank } }.max() ?? 0
  }

  /// `y` with the mask of what is merged: a step counts if it does in one of the inputs. If one has
  /// no mask, all steps count.
  func masked(_ y: Symbol) -> Symbol {
    guard y.isValid, maskRank > 0, !masks.contains(where: { $0 == nil }) else {
      return y.masked(by: nil)
    }
    let steps = masks.compactMap { mask in
      mask.map { $0.reshaped(Shape(Array($0.shape.dims.prefix(maskRank)))) }
    }
    let either = steps.dropFirst().reduce(steps[0]) { $0 .| $1 }
    return y.masked(by: either.broadcast(to: Shape(Array(y.shape.dims.prefix(maskRank)))))
  }
}

private func ones(_ count: Int) -> [Int] { Array(repeating: 1, count: count) }
