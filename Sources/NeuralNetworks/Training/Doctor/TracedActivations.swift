import TensorGraph

/// The activations within a network at which units can get stuck.
struct TracedActivations {
  /// Outputs of rectifiers, 0 where a unit does nothing, by layer.
  var rectifiers: [(path: String, y: Symbol)] = []
  /// Where values of sigmoids, hyperbolic tangents and gates are near an end, by layer.
  var saturated: [(path: String, isSaturated: Symbol)] = []
}

extension TracedNetwork {
  /// The activations that a layer ends with, and the gates of recurrent layers that one operation
  /// computes; the model's own outputs are left out, since a sure classifier is saturated.
  ///
  /// A sigmoid in the middle of a layer, such as that of x · σ(x), is no gate.
  var activations: TracedActivations {
    var found = TracedActivations()
    let ends = Set(outputs.map { beforeCasts($0.id) })
    var seen: Set<ValueID> = []
    for call in calls {
      for output in call.outputs where output.isValid {
        let id = beforeCasts(output.id)
        guard seen.insert(id).inserted, output.shape.rank >= 2, output.shape.count > 0 else {
          continue
        }
        let y = trace.symbol(id), operation = trace.nodes[id.node].operation
        if isRectifier(id) {
          found.rectifiers.append((call.path, y))
        } else if ends.contains(id) {
          continue
        } else if (operation as? Unary) == .sigmoid {
          found.saturated.append((call.path, isSaturatedSigmoid(y)))
        } else if (operation as? Unary) == .tanh {
          found.saturated.append((call.path, isSaturatedTanh(y)))
        } else if let layer = call.layer as? SimpleRNN, layer.cell.activation == .tanh,
          output.id == call.outputs[0].id
        {
          found.saturated.append((call.path, isSaturatedTanh(y)))
        }
      }
    }
    for (index, node) in trace.nodes.enumerated() {
      let path = node.path.split(separator: "/").dropFirst().joined(separator: "/")
      if node.operation is Fused.LSTM {
        found.saturated.append((path, gates(trace.symbol(ValueID(index, 3)), candidate: 2)))
      } else if node.operation is Fused.GRU {
        found.saturated.append((path, gates(trace.symbol(ValueID(index, 2)), candidate: 2)))
      }
    }
    return found
  }

  /// The value behind changes of the element type.
  private func beforeCasts(_ id: ValueID) -> ValueID {
    let node = trace.nodes[id.node]
    return node.operation is Cast ? beforeCasts(node.inputs[0]) : id
  }

  /// Whether the value is max(x, 0), which may have an upper end too.
  private func isRectifier(_ id: ValueID) -> Bool {
    let node = trace.nodes[id.node]
    if (node.operation as? Unary) == .relu { return true }
    return node.operation is Select && node.inputs.count == 3
      && (trace.nodes[node.inputs[2].node].operation as? Unary) == .relu
  }

  /// Where gates, side by side on the last axis, are saturated; the one numbered `candidate` is a
  /// hyperbolic tangent.
  private func gates(_ y: Symbol, candidate: Int) -> Symbol {
    let units = trace.nodes[y.id.node].types[0].shape[-1]
    let parts = y.split(y.shape[-1] / max(units, 1), axis: -1).enumerated()
    return concatenate(
      parts.map { $0 == candidate ? isSaturatedTanh($1) : isSaturatedSigmoid($1) }, axis: -1)
  }
}

/// Where y(1 − y), the derivative of σ, is below 0.01, a twenty-fifth of the largest.
private func isSaturatedSigmoid(_ y: Symbol) -> Symbol { (y .< 0.01) .| (y .> 0.99) }

/// Where 1 − y², the derivative of tanh, is below 0.04, a twenty-fifth of the largest.
private func isSaturatedTanh(_ y: Symbol) -> Symbol { abs(y) .> 0.98 }
