/// Einstein's summation: products of operands, summed over the letters the result leaves out.
///
///     einsum("bqhd,bkhd->bhqk", query, key)    // scores of attention
///     einsum("...ij->...ji", x)                // a transpose
///     einsum("ij->", x)                        // a sum
///
/// A letter is an axis and has one size throughout; `...` are any axes, which broadcast. Without
/// `->` the result has the letters that occur once, in alphabetical order. More than two operands
/// are multiplied from left to right. A letter may not occur twice in one operand.
public func einsum(_ equation: String, _ first: Symbol, _ others: Symbol...) -> Symbol {
  let operands = [first] + others
  guard operands.allSatisfy(\.isValid) else { return first.trace.invalid }
  do throws(ShapeError) {
    let (inputs, output) = try labels(equation, operands.map(\.shape))
    try checkSizes(operands, inputs)
    var result = Labeled(operands[0], inputs[0])
    for (index, operand) in operands.enumerated().dropFirst() {
      let later = Set(inputs[(index + 1)...].joined()).union(output)
      result = product(result, Labeled(operand, inputs[index]), keeping: later, order: output)
    }
    return result.summed(keeping: Set(output)).ordered(output)
  } catch {
    return first.trace.fail(error.message, operands: operands.map(\.type), hint: error.hint)
  }
}

/// A letter, or an axis of the ellipsis counted from its end.
private enum Label: Hashable {
  case letter(Character)
  case ellipsis(Int)
}

/// The labels of each operand and of the result.
private func labels(
  _ equation: String, _ shapes: [Shape]
) throws(ShapeError) -> (inputs: [[Label]], output: [Label]) {
  func mistake(_ reason: String) -> ShapeError {
    ShapeError("einsum cannot use \"\(equation)\": \(reason)", hint: "for example \"bij,bjk->bik\"")
  }
  let sides = equation.filter { $0 != " " }.split(
    separator: "->", omittingEmptySubsequences: false)
  let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
  guard sides.count <= 2, terms.count == shapes.count else {
    throw mistake("there are \(shapes.count) operands")
  }
  /// The labels of a term, with `rank` axes if it is known, where the ellipsis has `open` else.
  func read(_ term: Substring, rank: Int?, open: Int) throws(ShapeError) -> [Label] {
    let parts = term.split(separator: "...", omittingEmptySubsequences: false)
    let letters = parts.joined()
    guard parts.count <= 2, letters.allSatisfy(\.isLetter), Set(letters).count == letters.count
    else { throw mistake("‘\(term)’ should be letters, each once, and at most one ...") }
    let rest = rank.map { $0 - letters.count } ?? (parts.count == 2 ? open : 0)
    guard rest >= 0, parts.count == 2 || rest == 0 else {
      throw mistake("‘\(term)’ does not have the \(rank ?? 0) axes of its operand")
    }
    let middle = (0..<rest).reversed().map(Label.ellipsis)
    return parts[0].map(Label.letter) + middle + parts.dropFirst().joined().map(Label.letter)
  }
  var inputs: [[Label]] = []
  for (term, shape) in zip(terms, shapes) {
    inputs.append(try read(term, rank: shape.rank, open: 0))
  }
  let open = inputs.map { $0.filter(\.isEllipsis).count }.max() ?? 0
  guard sides.count == 2 else {
    let letters = terms.joined().filter { $0 != "." }
    let single = Set(letters.filter { letter in letters.count { $0 == letter } == 1 }).sorted()
    return (inputs, (0..<open).reversed().map(Label.ellipsis) + single.map(Label.letter))
  }
  let output = try read(sides[1], rank: nil, open: open)
  let known = Set(inputs.joined())
  guard known.isSuperset(of: output) else {
    throw mistake("the result has a letter no operand has")
  }
  return (inputs, output)
}

extension Label {
  fileprivate var isEllipsis: Bool {
    if case .ellipsis = self { true } else { false }
  }
}

/// Checks that a label has one size throughout; axes of the ellipsis may have size 1 as well.
private func checkSizes(_ operands: [Symbol], _ inputs: [[Label]]) throws(ShapeError) {
  var sizes: [Label: Int] = [:]
  for (label, size) in zip(inputs.joined(), operands.map(\.shape.dims).joined()) {
    if label.isEllipsis, size == 1 { continue }
    guard sizes[label, default: size] == size else {
      throw ShapeError("einsum gives one axis the sizes \(sizes[label] ?? 0) and \(size)")
    }
    sizes[label] = size
  }
}

/// A symbol with a label for each axis.
private struct Labeled {
  var symbol: Symbol
  var labels: [Label]

  init(_ symbol: Symbol, _ labels: [Label]) {
    self.symbol = symbol
    self.labels = labels
  }

  func size(_ label: Label) -> Int {
    labels.firstIndex(of: label).map { symbol.shape[$0] } ?? 1
  }

  /// Summed over all labels but `kept`.
  func summed(keeping kept: Set<Label>) -> Labeled {
    let axes = labels.indices.filter { !kept.contains(labels[$0]) }
    guard !axes.isEmpty else { return self }
    return Labeled(symbol.sum(axes: axes), labels.filter(kept.contains))
  }

  /// The symbol with its axes in the order of `labels`, and axes of size 1 for those it lacks.
  func ordered(_ labels: [Label]) -> Symbol {
    let present = labels.filter(self.labels.contains)
    let permutation = present.compactMap(self.labels.firstIndex)
    return symbol.transposed(permutation).reshaped(Shape(labels.map(size)))
  }

  /// Without axes of size 1 that `other` has larger: they broadcast.
  func squeezed(against other: Labeled) -> Labeled {
    let kept = labels.filter { !($0.isEllipsis && size($0) == 1 && other.size($0) > 1) }
    return Labeled(symbol.reshaped(Shape(kept.map(size))), kept)
  }

  /// Whether its axes lie in the order of `labels`, apart from those of size 1.
  func isOrdered(_ labels: [Label]) -> Bool {
    self.labels.filter { size($0) != 1 } == labels.filter { size($0) != 1 }
  }
}

/// The product of two operands, summed over the labels that are not in `kept`.
private func product(
  _ a: Labeled, _ b: Labeled, keeping kept: Set<Label>, order output: [Label]
) -> Labeled {
  let left = a.squeezed(against: b).summed(keeping: kept.union(b.labels))
  let right = b.squeezed(against: a).summed(keeping: kept.union(left.labels))
  let shared = left.labels.filter(right.labels.contains)
  guard shared.contains(where: { !kept.contains($0) }) else {
    // Nothing to sum: elementwise, in the order of the result as far as it is known.
    let all = left.labels + right.labels.filter { !left.labels.contains($0) }
    let labels = output.filter(all.contains) + all.filter { !output.contains($0) }
    return Labeled(left.ordered(labels) * right.ordered(labels), labels)
  }
  let layout = MatMulLayout.cheapest(left, right, kept, output)
  return layout.multiply(left, right)
}

/// How a product of labeled operands becomes a product of matrices `[batch, m, k] · [batch, k, n]`.
private struct MatMulLayout {
  var batch: [Label], m: [Label], n: [Label], k: [Label]
  var transposeA: Bool, transposeB: Bool
  /// Whether the operands are exchanged, which exchanges m and n in the result.
  var isSwapped: Bool

  var orderA: [Label] { batch + (transposeA ? k + m : m + k) }
  var orderB: [Label] { batch + (transposeB ? n + k : k + n) }
  var orderY: [Label] { batch + m + n }

  /// Of all layouts, the one that moves the fewest numbers.
  static func cheapest(
    _ left: Labeled, _ right: Labeled, _ kept: Set<Label>, _ output: [Label]
  ) -> MatMulLayout {
    /// The orders worth trying: that of each list that has all of `labels`.
    func orders(_ labels: [Label], _ lists: [Label]...) -> [[Label]] {
      let found = lists.map { $0.filter(labels.contains) }.filter { $0.count == labels.count }
      return found.enumerated().filter { !found[..<$0.offset].contains($0.element) }.map(\.element)
    }
    var best: (cost: Int, layout: MatMulLayout)?
    for isSwapped in [false, true] {
      let (a, b) = isSwapped ? (right, left) : (left, right)
      let shared = a.labels.filter(b.labels.contains)
      for batch in orders(shared.filter(kept.contains), output, a.labels, b.labels) {
        for k in orders(shared.filter { !kept.contains($0) }, a.labels, b.labels) {
          for m in orders(a.labels.filter { !shared.contains($0) }, output, a.labels) {
            for n in orders(b.labels.filter { !shared.contains($0) }, output, b.labels) {
              for flags in 0..<4 {
                let layout = MatMulLayout(
                  batch: batch, m: m, n: n, k: k, transposeA: flags & 1 != 0,
                  transposeB: flags & 2 != 0, isSwapped: isSwapped)
                let cost = layout.cost(a, b, output)
                if cost < best?.cost ?? .max { best = (cost, layout) }
              }
            }
          }
        }
      }
    }
    guard let best else { preconditionFailure("an operand has an order of its own") }
    return best.layout
  }

  /// How many numbers are moved before and after the product.
  private func cost(_ a: Labeled, _ b: Labeled, _ output: [Label]) -> Int {
    func size(_ label: Label) -> Int { Swift.max(a.size(label), b.size(label)) }
    let result = orderY.filter { size($0) != 1 }
    let isOrdered = output.filter(result.contains) == result
    return (a.isOrdered(orderA) ? 0 : a.symbol.shape.count)
      + (b.isOrdered(orderB) ? 0 : b.symbol.shape.count)
      + (isOrdered ? 0 : orderY.reduce(1) { $0 * size($1) })
  }

  func multiply(_ left: Labeled, _ right: Labeled) -> Labeled {
    let (a, b) = isSwapped ? (right, left) : (left, right)
    func count(_ labels: [Label], _ x: Labeled) -> Int { labels.reduce(1) { $0 * x.size($1) } }
    let lead = batch.isEmpty ? [] : [count(batch, a)]
    func matrices(_ x: Labeled, _ order: [Label], _ rows: [Label], _ columns: [Label]) -> Symbol {
      x.ordered(order).reshaped(Shape(lead + [count(rows, x), count(columns, x)]))
    }
    let dtype = a.symbol.dtype.promoted(with: b.symbol.dtype)
    let y = a.symbol.trace.emit(
      MatMul(transposeA: transposeA, transposeB: transposeB),
      [
        matrices(a, orderA, transposeA ? k : m, transposeA ? m : k).cast(to: dtype),
        matrices(b, orderB, transposeB ? n : k, transposeB ? k : n).cast(to: dtype),
      ])
    let sizes = batch.map(a.size) + m.map(a.size) + n.map(b.size)
    return Labeled(y.isValid ? y.reshaped(Shape(sizes)) : y, orderY)
  }
}
