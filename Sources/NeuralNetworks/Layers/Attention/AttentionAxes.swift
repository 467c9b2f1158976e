import TensorGraph

/// Along which axes of `[batch, …, features]` queries look for keys; the other axes are as many
/// batches.
///
/// A score has the axes `[free…, heads, attended of the query…, attended of the key…]`.
struct AttentionAxes {
  /// The batch and the axes that are not attended along, in ascending order.
  let free: [Int]
  /// The axes attended along, in the order given.
  let attended: [Int]
  private let rank: Int

  /// The axes named, or all between batch and features, of inputs of so many axes; nothing if they
  /// are not among those.
  init?(_ axes: [Int]?, rank: Int) {
    let attended = axes?.map { $0 < 0 ? $0 + rank : $0 } ?? Array(1..<rank - 1)
    guard !attended.isEmpty, Set(attended).count == attended.count,
      attended.allSatisfy({ (1..<rank - 1).contains($0) })
    else { return nil }
    self.attended = attended
    self.rank = rank
    free = (0..<rank - 1).filter { !attended.contains($0) }
  }

  /// How many places there are along the attended axes of `[batch, …, features]`.
  func count(_ shape: Shape) -> Int { attended.reduce(1) { $0 * shape[$1] } }

  private func freeCount(_ shape: Shape) -> Int { free.reduce(1) { $0 * shape[$1] } }

  /// `x`, `[batch, …, heads, dim]`, as matrices: `[free, heads, attended, dim]`.
  func matrices(_ x: Symbol) -> Symbol {
    x.transposed(free + [rank - 1] + attended + [rank])
      .reshaped([freeCount(x.shape), x.shape[rank - 1], count(x.shape), x.shape[rank]])
  }

  /// Matrices of `shape`, `[batch, …, heads, dim]`, with their axes in that order again.
  func restored(_ x: Symbol, _ shape: Shape) -> Symbol {
    let order = free + [rank - 1] + attended + [rank]
    var inverse = order
    for (position, axis) in order.enumerated() { inverse[axis] = position }
    return x.reshaped(Shape(order.map { shape[$0] })).transposed(inverse)
  }

  /// The shape of the scores with one head.
  func scoresShape(_ query: Shape, _ key: Shape) -> Shape {
    Shape(free.map { query[$0] } + [1] + attended.map { query[$0] } + attended.map { key[$0] })
  }

  /// Scores `[free, heads, queries, keys]` of projections of these shapes, with all axes.
  func scores(_ x: Symbol, _ query: Shape, _ key: Shape) -> Symbol {
    var shape = scoresShape(query, key)
    shape[free.count] = query[rank - 1]
    return x.reshaped(shape)
  }

  /// The mask of a query, or of keys, with the axes of the scores: it has the first axes of
  /// `[batch, …, features]`.
  func aligned(_ mask: Symbol, toKeys: Bool) -> Symbol {
    let isPresent = { (axis: Int) in axis < mask.shape.rank }
    let sizes = { (axes: [Int]) in axes.map { isPresent($0) ? mask.shape[$0] : 1 } }
    let ones = attended.map { _ in 1 }
    let own = sizes(attended)
    return mask.transposed(free.filter(isPresent) + attended.filter(isPresent))
      .reshaped(Shape(sizes(free) + [1] + (toKeys ? ones + own : own + ones)))
  }

  /// A mask of scores with the axes of the scores: those before the attended ones may be left out
  /// from the heads backwards. Nothing if it does not fit.
  func aligned(attentionMask mask: Symbol, _ query: Shape, _ key: Shape) -> Symbol? {
    let rank = free.count + 1 + 2 * attended.count
    let dims = mask.shape.dims
    guard dims.count <= rank else { return nil }
    let ones = Array(repeating: 1, count: rank - dims.count)
    let inner = dims.suffix(2 * attended.count)
    let shape = Shape(dims.dropLast(inner.count) + ones + inner)
    var scores = scoresShape(query, key)
    if shape[free.count] != 1 { scores[free.count] = shape[free.count] }  // one for each head
    return shape.broadcast(with: scores) == scores ? mask.reshaped(shape) : nil
  }

  /// A mask with the axes of the scores as `[free, heads, queries, keys]`, with sizes of 1 where
  /// it has nothing but those.
  func matrices(mask: Symbol, _ query: Shape, _ key: Shape) -> Symbol {
    let full = scoresShape(query, key)
    let lengths = [free.count, 1, attended.count, attended.count]
    var target: [Int] = [], flat: [Int] = []
    for length in lengths {
      let range = target.count..<target.count + length
      let own = range.map { mask.shape[$0] }
      let sizes = own.allSatisfy { $0 == 1 } || length == 1 ? own : range.map { full[$0] }
      target += sizes
      flat.append(sizes.reduce(1, *))
    }
    return mask.broadcast(to: Shape(target)).reshaped(Shape(flat))
  }
}
