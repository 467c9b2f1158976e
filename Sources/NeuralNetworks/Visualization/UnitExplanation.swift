/// The arithmetic of one unit of a dense layer for one sample:
/// `output = activation(x1 · w1 + x2 · w2 + … + bias)`.
///
/// Printed, it is that sum term by term.
public struct UnitExplanation: Sendable, Codable, Hashable {
  /// One product of the sum.
  public struct Term: Sendable, Codable, Hashable {
    /// What the input is called: `x1`, `x2`, …, or a name that was given.
    public var name: String
    /// What the unit is given.
    public var input: Double
    /// How much it counts.
    public var weight: Double
    /// `input · weight`
    public var product: Double
  }

  /// The path of the layer.
  public var layer: String
  /// Which unit of the layer it is, from 0.
  public var unit: Int
  /// The number of units of the layer.
  public var unitCount: Int
  /// The products, one for each input of the layer.
  public var terms: [Term]
  /// What is added to the products; nothing in a layer without bias.
  public var bias: Double?
  /// The products and the bias together.
  public var sum: Double
  /// What is applied to the sum.
  public var activation: Activation
  /// What the model gives for the unit.
  public var output: Double
}

extension UnitExplanation: CustomStringConvertible {
  public var description: String { text() }

  /// The sum term by term; beyond `limit` terms, those that contribute most, and the sum of the
  /// others.
  public func text(limit: Int = 14) -> String {
    let limit = max(limit, 1)
    let shown = terms.count <= limit ? Array(terms.indices) : largest(limit)
    let size = ([sum, bias ?? 0] + terms.map(\.product)).lazy.map(\.magnitude).max() ?? 0
    let digits = digitsAfterPoint(for: size)
    func number(_ x: Double) -> String { decimal(x, digits) }

    let labels = shown.map(label)
    let inputs = shown.map { number(terms[$0].input) }
    let weights = shown.map { number(terms[$0].weight) }
    let factors = zip(inputs, weights).map { input, weight in
      input.right(width(inputs)) + " · " + weight.right(width(weights))
    }
    var rows = zip(zip(labels, factors), shown).map { head, term in
      (label: head.0, factors: head.1, value: number(terms[term].product))
    }
    if shown.count < terms.count {
      let rest = Set(terms.indices).subtracting(shown).sorted()
      let others = rest.reduce(0) { $0 + terms[$1].product }
      rows.append(("… \(rest.count) more terms", "sum to", number(others)))
    }
    if let bias { rows.append(("bias", "", number(bias))) }
    rows.append(("sum", "", number(sum)))
    let widths = (width(rows.map(\.label)), width(rows.map(\.factors)), width(rows.map(\.value)))
    let table = rows.map { row in
      "    \(row.label.left(widths.0))  \(row.factors.left(widths.1)) = "
        + row.value.right(widths.2)
    }
    return """
      Unit \(unit) of \(unitCount) in \(layer): \(formula(number))

      \(table.joined(separator: "\n"))

        \(result(number))
      """
  }

  /// The sum as it is written on a blackboard.
  private func formula(_ number: (Double) -> String) -> String {
    let last = terms.count - 1
    let shown = terms.count <= 4 ? Array(terms.indices) : [0, 1, last]
    var sum = ""
    for index in shown {
      if index == last, terms.count > 4 { sum += " + …" }
      let weight = number(terms[index].weight)
      let isNegative = weight.hasPrefix("-")
      sum += index == 0 ? (isNegative ? "-" : "") : isNegative ? " - " : " + "
      sum += "x\(index + 1)·\(isNegative ? String(weight.dropFirst()) : weight)"
    }
    if bias != nil { sum += " + bias" }
    return activation == .linear ? sum : "\(activation.rawValue)(\(sum))"
  }

  private func result(_ number: (Double) -> String) -> String {
    switch activation {
    case .linear: "output = \(number(output))"
    case .softmax, .logSoftmax, .sparsemax:
      "\(activation.rawValue)(\(number(sum)) among \(unitCount) units) = \(number(output))"
    default: "\(activation.rawValue)(\(number(sum))) = \(number(output))"
    }
  }

  private func label(_ term: Int) -> String {
    let name = terms[term].name
    return name == "x\(term + 1)" ? name : "x\(term + 1) (\(name.shortened(to: 24)))"
  }

  private func largest(_ count: Int) -> [Int] {
    let order = terms.indices.sorted {
      let (a, b) = (terms[$0].product.magnitude, terms[$1].product.magnitude)
      return a != b ? a > b : $0 < $1
    }
    return Array(order.prefix(count))
  }

  private func width(_ texts: [String]) -> Int { texts.map(\.count).max() ?? 0 }
}
