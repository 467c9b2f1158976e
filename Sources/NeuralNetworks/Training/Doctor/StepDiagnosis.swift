import TensorGraph

/// A graph that looks at one step: its gradients, how far it moved the weights, and which units do
/// nothing. It updates nothing.
final class StepDiagnosis {
  /// What a step was like.
  struct Findings {
    /// Squared norms of a layer's gradients, weights, and of the way the step moved them.
    var layers: [(path: String, gradient: Double, weight: Double, update: Double)] = []
    /// The largest value of each unit of rectifiers, by layer.
    var rectifiers: [(path: String, largest: [Double])] = []
    /// The share of saturated values, by layer.
    var saturated: [(path: String, share: Double)] = []

    var isFinite: Bool { layers.allSatisfy { ($0.gradient + $0.update).isFinite } }
  }

  /// The types of the batches it is for.
  let types: [TensorType]
  /// The layers that have numbers, in order of computation.
  let paths: [String]
  private let executable: any Executable
  /// For each trained weight, its layer and its place among the variables.
  private let weights: [(layer: String, index: Int)]
  private let rectifiers: [String]
  private let saturating: [String]

  /// - Throws: why the graph cannot be prepared; the training has prepared one like it before.
  init(_ model: Model, _ compilation: Compilation, _ batch: Batch) throws {
    types = batch.tensors.map(\.type)
    let step = try model.tracedLoss(compilation, .init(batch), mode: .train)
    let network = step.network, trace = network.trace
    let activations = network.activations
    let trained = compilation.trained.compactMap { weight in
      network.model.weights[weight.path].map { (path: weight.path, symbol: $0) }
    }
    let gradients = gradients(of: step.loss, with: trained.map(\.symbol))
    var outputs: [Symbol] = []
    for (weight, gradient) in zip(trained, gradients) {
      let after = trace.input("\(weight.path)/after", weight.symbol.type)
      let before = weight.symbol.cast(to: .float64)
      outputs += [gradient.cast(to: .float64), before, after.cast(to: .float64) - before].map {
        square($0).sum()
      }
    }
    for (_, y) in activations.rectifiers {
      outputs.append(y.reshaped([-1, y.shape[-1]]).max(axes: [0]))
    }
    outputs += activations.saturated.map { $0.isSaturated.cast(to: .float32).mean() }
    executable = try model.engine.compile(trace.graph(returning: outputs))
    weights = trained.map {
      (layer: layerPath(of: $0.path), index: model.structure.index[$0.path] ?? 0)
    }
    rectifiers = activations.rectifiers.map(\.path)
    saturating = activations.saturated.map(\.path)
    let found = Set(weights.map(\.layer) + rectifiers + saturating)
    // Recurrent layers keep their weights in cells, which are no calls of their own.
    paths = distinct(network.calls.map(\.path) + weights.map(\.layer)).filter(found.contains)
  }

  /// Looks at the step on `batch` that moved the weights from `before` to `after`, both in the
  /// order of the model's variables.
  func callAsFunction(_ batch: Batch, before: [Tensor], after: [Tensor]) -> Findings {
    var variables = before
    let results = executable.run(
      batch.tensors + weights.map { after[$0.index] }, variables: &variables
    ).map(\.numbers)
    var findings = Findings(), place = 0
    for layer in distinct(weights.map(\.layer)) {
      findings.layers.append((layer, 0, 0, 0))
      for weight in weights.indices where weights[weight].layer == layer {
        let last = findings.layers.count - 1
        findings.layers[last].gradient += results[3 * weight][0]
        findings.layers[last].weight += results[3 * weight + 1][0]
        findings.layers[last].update += results[3 * weight + 2][0]
      }
    }
    place = 3 * weights.count
    for path in rectifiers {
      findings.rectifiers.append((path, results[place]))
      place += 1
    }
    for path in saturating {
      findings.saturated.append((path, results[place][0]))
      place += 1
    }
    return findings
  }
}

/// The path of the layer that has the weight at `path`.
func layerPath(of path: String) -> String {
  path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
}
