import CKernels
import TensorGraph

/// Elementwise operations over as many elements, to be computed block by block in one go.
final class Cluster {
  /// What an expression is computed from.
  enum Source: Equatable {
    case expression(Int)
    case view(View)
    case number(Double)
    /// The numbers drawn from this key.
    case randomKey(View)

    var isNumber: Bool { if case .number = self { true } else { false } }
  }

  struct Expression {
    var operation: ck_op
    var sources: [Source]
  }

  let count: Int
  /// Whether it computes in `Double`, which holds `int32` exactly, or in `Float`.
  let isDouble: Bool
  private(set) var expressions: [Expression] = []
  /// The graph's values that are computed, with their expressions.
  private(set) var values: [(value: ValueID, expression: Int)] = []
  private(set) var nodes: Set<Int> = []
  /// When it was begun, for an order that does not change from run to run.
  var order = 0
  var path = ""

  init(count: Int, isDouble: Bool) {
    self.count = count
    self.isDouble = isDouble
  }

  /// Adds an expression and returns its number.
  func append(_ operation: ck_op, _ sources: [Source]) -> Int {
    expressions.append(Expression(operation: operation, sources: sources))
    return expressions.count - 1
  }

  /// Says that `expression` is `value` of the graph, the result of `node`.
  func add(_ value: ValueID, node: Int, _ expression: Int) {
    values.append((value, expression))
    nodes.insert(node)
  }

  /// Takes over the expressions of `other`, and returns its values with their new numbers.
  func merge(_ other: Cluster) -> [(value: ValueID, expression: Int)] {
    let shift = expressions.count
    for expression in other.expressions {
      let sources = expression.sources.map { source -> Source in
        if case .expression(let number) = source { .expression(number + shift) } else { source }
      }
      expressions.append(Expression(operation: expression.operation, sources: sources))
    }
    let moved = other.values.map { (value: $0.value, expression: $0.expression + shift) }
    values += moved
    nodes.formUnion(other.nodes)
    return moved
  }
}
