import CKernels

extension Cluster {
  /// This cluster with products and the sums they end in made one instruction each.
  ///
  ///     a · b + c              → fma
  ///     a + (b − a) · c        → lerp, as running averages have it
  ///     a + (b² − a) · c       → lerpSquare
  ///     a − b / (√c + number)  → rootStep, as adaptive optimizers have it
  ///
  /// What is no longer needed stays in the list, so that numbers keep their meaning.
  func fusingProducts(keeping stored: Set<Int>) -> Cluster {
    let result = Cluster(count: count, isDouble: isDouble)
    result.path = path
    var uses = [Int](repeating: 0, count: expressions.count)
    for expression in expressions {
      for case .expression(let number) in expression.sources { uses[number] += 1 }
    }
    /// The expression behind `source`, if nothing else uses it and it is `operation`.
    func single(_ source: Source, _ operation: ck_op) -> Expression? {
      guard case .expression(let number) = source, uses[number] == 1, !stored.contains(number),
        expressions[number].operation == operation
      else { return nil }
      return expressions[number]
    }
    for expression in expressions {
      var fused = expression
      if expression.operation == CK_ADD {
        for (base, other) in [(0, 1), (1, 0)] {
          guard let product = single(expression.sources[other], CK_MUL) else { continue }
          let start = expression.sources[base]
          fused = Expression(operation: CK_FMA, sources: product.sources + [start])
          for (factor, share) in [(0, 1), (1, 0)] {
            guard let difference = single(product.sources[factor], CK_SUB),
              difference.sources[1] == start
            else { continue }
            let square = single(difference.sources[0], CK_SQUARE)
            fused = Expression(
              operation: square == nil ? CK_LERP : CK_LERP_SQUARE,
              sources: [
                start, square?.sources[0] ?? difference.sources[0], product.sources[share],
              ])
            break
          }
          break
        }
      }
      if expression.operation == CK_SUB,
        let quotient = single(expression.sources[1], CK_DIV),
        let sum = single(quotient.sources[1], CK_ADD)
      {
        for (root, shift) in [(0, 1), (1, 0)] {
          guard let radicand = single(sum.sources[root], CK_SQRT)?.sources[0],
            case .number = sum.sources[shift]
          else { continue }
          let sources = [expression.sources[0], quotient.sources[0], radicand]
          guard !sources.contains(where: \.isNumber) else { break }
          fused = Expression(operation: CK_ROOT_STEP, sources: sources + [sum.sources[shift]])
        }
      }
      // An instruction has room for two numbers.
      let numbers = fused.sources.filter(\.isNumber)
      _ =
        numbers.count > 2
        ? result.append(expression.operation, expression.sources)
        : result.append(fused.operation, fused.sources)
    }
    return result
  }

  /// Which expressions the `stored` ones need.
  func liveness(of stored: [Int]) -> [Bool] {
    var isLive = [Bool](repeating: false, count: expressions.count)
    for index in stored { isLive[index] = true }
    for index in expressions.indices.reversed() where isLive[index] {
      for case .expression(let number) in expressions[index].sources { isLive[number] = true }
    }
    return isLive
  }
}
