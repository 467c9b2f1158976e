import NeuralNetworks
import TensorGraph

/// The weights of a network in one trace, each declared when a node first asks for it.
final class ONNXWeights {
  private var known: [String: (symbol: Symbol, permutation: [Int])] = [:]

  /// The weight `name`, which starts as `start`.
  func symbol(_ name: String, _ start: Tensor, in context: LayerContext) -> Symbol {
    symbol(name, start, Array(0..<start.shape.rank), in: context)
  }

  /// The weight `name` with its axes in the order `permutation`; so it is held if nothing has asked
  /// for it before.
  func symbol(
    _ name: String, _ start: Tensor, _ permutation: [Int], in context: LayerContext
  ) -> Symbol {
    if let (symbol, held) = known[name] {
      // Axis i of what is asked for is axis permutation[i] of the file.
      return symbol.transposed(permutation.map { axis in held.firstIndex(of: axis) ?? axis })
    }
    let symbol = context.variable(
      Self.clean(name), startingAs: start.transposed(permutation), isTrainable: true)
    known[name] = (symbol, permutation)
    return symbol
  }

  /// The weight `name` as something that gradients do not move, and whether it was declared here.
  func state(
    _ name: String, _ start: Tensor, in context: LayerContext
  ) -> (symbol: Symbol, isOwn: Bool) {
    if let (symbol, _) = known[name] { return (symbol, false) }
    let symbol = context.variable(Self.clean(name), startingAs: start, isTrainable: false)
    known[name] = (symbol, Array(0..<start.shape.rank))
    return (symbol, true)
  }

  /// `name` without what separates names in paths.
  static func clean(_ name: String) -> String {
    let parts = name.split(separator: "/")
    return parts.isEmpty ? "constant" : parts.joined(separator: ".")
  }
}
