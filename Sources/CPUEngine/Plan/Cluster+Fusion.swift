import CKernels

extension Cluster {
  /// This cluster with products and the sums they end in made one instruction each.
  ///
  ///     a · b + c              → fma
  ///     a + (b − a) · c        → lerp, as running averages have it
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
            fused = Expression(
              operation: CK_LERP, sources: [start, difference.sources[0], product.sources[share]])
            break
          }
          break
        }
      }
      // An instruction has room for two numbers.
      let numbers = fused.sources.filter { if case .number = $0 { true } else { false } }
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
