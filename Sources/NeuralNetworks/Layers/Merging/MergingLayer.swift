import TensorGraph

/// What the layers that merge their inputs element by element share.
public protocol MergingLayer: MultiInputLayer, NamedLayer {}

extension MergingLayer {
  public var masking: MaskHandling { .explicit }

  /// The inputs merged from first to last, with new axes after the batch where ranks differ.
  ///
  /// A step counts if it does in one of the inputs; without a mask on one, all steps do.
  func merged(
    _ inputs: [Symbol], _ context: LayerContext, count: ClosedRange<Int> = 2...Int.max,
    by operation: (Symbol, Symbol) -> Symbol
  ) -> Symbol {
    guard count.contains(inputs.count) else {
      let expected = count.count == 1 ? "\(count.lowerBound)" : "at least \(count.lowerBound)"
      return context.fail("\(className) takes \(expected) inputs, not \(inputs.count)")
    }
    let rank = inputs.map(\.shape.rank).max() ?? 0
    let aligned = inputs.map { x in
      x.shape.rank == 0
        ? x : x.reshaped(Shape([x.shape[0]] + ones(rank - x.shape.rank) + x.shape.dims.dropFirst()))
    }
    let y = aligned.dropFirst().reduce(aligned[0], operation)
    let masks = inputs.compactMap(\.mask)
    guard masks.count == inputs.count else { return y.masked(by: nil) }
    return y.masked(by: masks.dropFirst().reduce(masks[0]) { $0 .| $1 })
  }

  private func ones(_ count: Int) -> [Int] { Array(repeating: 1, count: count) }
}
