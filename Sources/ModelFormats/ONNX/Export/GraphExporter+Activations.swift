import NeuralNetworks
import TensorGraph

/// Choices that ONNX has operators of their own for.
extension GraphExporter {
  func select(_ node: AlignedNode) throws -> ExportValue {
    if let y = try leakyReLU(node) ?? elu(node) ?? relu6(node) { return y }
    return scope.choose(
      try operand(node, 0), try operand(node, 1), try operand(node, 2))
  }

  /// x ≥ 0 ? x : slope · x
  private func leakyReLU(_ node: AlignedNode) throws -> ExportValue? {
    let (test, x, other) = (node.inputs[0], node.inputs[1], node.inputs[2])
    guard graph.type(x).dtype.isFloatingPoint, let compared = operands(test, of: .greaterOrEqual),
      compared[0] == x, number(compared[1]) == 0, let factors = operands(other, of: .multiply)
    else { return nil }
    for (slope, of) in [(factors[0], factors[1]), (factors[1], factors[0])] where of == x {
      guard let slope = number(slope) else { continue }
      return scope.elementwise("LeakyRelu", [try value(x)], ["alpha": .float(slope)])
    }
    return nil
  }

  /// x ≤ 0 ? alpha · (eˣ − 1) : x, where the exponential sees numbers below 0 alone.
  private func elu(_ node: AlignedNode) throws -> ExportValue? {
    let (test, curve, x) = (node.inputs[0], node.inputs[1], node.inputs[2])
    guard let compared = operands(test, of: .lessOrEqual), compared[0] == x,
      number(compared[1]) == 0
    else { return nil }
    var alpha = 1.0, exponential = curve
    if let factors = operands(curve, of: .multiply) {
      guard let number = number(factors[0]) ?? number(factors[1]) else { return nil }
      (alpha, exponential) = (number, self.number(factors[0]) == nil ? factors[0] : factors[1])
    }
    guard let inner = operand(exponential, of: .expm1),
      let below = operation(inner, Select.self), below.inputs[0] == test, below.inputs[1] == x,
      number(below.inputs[2]) == 0
    else { return nil }
    return scope.elementwise("Elu", [try value(x)], ["alpha": .float(alpha)])
  }

  /// x ≥ most ? most : max(x, 0)
  private func relu6(_ node: AlignedNode) throws -> ExportValue? {
    guard let compared = operands(node.inputs[0], of: .greaterOrEqual),
      let most = number(compared[1]), number(node.inputs[1]) == most,
      let x = operand(node.inputs[2], of: .relu), x == compared[0],
      graph.type(x).dtype.isFloatingPoint
    else { return nil }
    let operand = try value(x)
    var y = scope.one(
      "Clip", [operand, scope.scalar(0, operand.dtype), scope.scalar(most, operand.dtype)], [:],
      ExportType(operand.dtype, operand.stored))
    y.sizes = operand.sizes
    return y
  }

  /// max(x, 0) − slope · max(−x, 0)
  func parametricReLU(_ node: AlignedNode) throws -> ExportValue? {
    guard let x = operand(node.inputs[0], of: .relu),
      let factors = operands(node.inputs[1], of: .multiply)
    else { return nil }
    for (slope, other) in [(factors[0], factors[1]), (factors[1], factors[0])] {
      guard let below = operand(other, of: .relu), operand(below, of: .negate) == x,
        tensor(slope) != nil
      else { continue }
      return scope.elementwise("PRelu", [try value(x), try value(slope)])
    }
    return nil
  }
}
