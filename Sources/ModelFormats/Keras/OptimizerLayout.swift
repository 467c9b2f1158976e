import NeuralNetworks
import TensorGraph

/// The order of an optimizer's variables in Keras's files: steps, learning rate unless a schedule
/// says it, then the slots, whose weights go layer by layer.
package struct OptimizerLayout {
  /// The name of the optimizer.
  let name: String
  /// The number of weights it moves.
  let weightCount: Int
  /// The paths of those weights in the order of the file.
  let paths: [String]
  /// The variables of the file, in order.
  let order: [Place]
  /// The variables of optimizers inside it, by group.
  let inner: [(group: String, order: [Place])]

  /// What a variable of a file is.
  enum Place {
    /// One of the model's, by its place among `optimizerVariables`.
    case variable(Int)
    /// A number that never changes.
    case constant(Double)
  }

  /// Finds the order for `model`; nothing when it is not compiled.
  package init?(_ model: Model, _ layout: WeightLayout) {
    guard let optimizer = model.storedOptimizer else { return nil }
    name = optimizer.className.snakeCased
    let trained = model.declarations.indices.filter { model.isTrainable($0) }
    let isTrained = Set(trained)
    let inFile = layout.weights.filter { isTrained.contains($0) }
    weightCount = trained.count
    paths = inFile.map { model.declarations[$0].path }
    func described(_ weights: [Int]) -> [TrainedWeight] {
      weights.map {
        TrainedWeight(path: model.declarations[$0].path, type: model.declarations[$0].type)
      }
    }
    struct Name: Hashable {
      let weight: Int?, name: String
    }
    func names(_ weights: [Int]) -> [Name] {
      optimizer.variables(for: described(weights)).map {
        Name(weight: $0.weight.map { weights[$0] }, name: $0.name)
      }
    }
    let places = Dictionary(
      names(trained).enumerated().map { ($1, $0 + 2) }, uniquingKeysWith: { first, _ in first })
    let stored = names(inFile), storage = optimizer.storage(for: described(inFile))
    func place(_ entry: OptimizerStorage.Entry) -> Place? {
      switch entry {
      case .iteration: .variable(0)
      case .learningRate: .variable(1)
      case .variable(let index): places[stored[index]].map { .variable($0) }
      case .constant(let number): .constant(number)
      }
    }
    order = storage.entries.compactMap(place)
    inner = storage.inner.map { ($0.group, $0.entries.compactMap(place)) }
  }

  /// The values in the order of the file.
  package func values(of model: Model) -> [Tensor] { values(order, model) }

  /// What the values in the order of the file are called, each by another name.
  func names(of model: Model) -> [String] {
    let variables = model.optimizerVariables
    var known: Set<String> = []
    return order.enumerated().map { index, place in
      let label =
        switch place {
        case .variable(let place): variables[place].name.replacing("/", with: "_")
        case .constant: "constant"
        }
      let path = "\(name)/\(label)"
      return known.insert(path).inserted ? path : "\(path)_\(index)"
    }
  }

  /// The values of the optimizers inside, by group.
  func innerValues(of model: Model) -> [(group: String, values: [Tensor])] {
    inner.map { ($0.group, values($0.order, model)) }
  }

  private func values(_ order: [Place], _ model: Model) -> [Tensor] {
    let variables = model.optimizerVariables
    return order.map {
      switch $0 {
      case .variable(let place): variables[place].value
      case .constant(let number): Tensor(Float(number))
      }
    }
  }

  /// Gives `model` the variables that a file has.
  ///
  /// A file that was written before the first step has numbers alone, and nothing is restored.
  /// Throws when there are others than the optimizer has.
  func restore(_ values: [Tensor], to model: Model) throws(FormatError) {
    guard values.count == order.count else {
      if values.count < order.count, values.allSatisfy({ $0.shape.dims.isEmpty }) { return }
      throw FormatError(
        "\(name) has \(order.count) variables for \(weightCount) trained weights",
        got: "\(values.count) in the file", at: .part(KerasFile.optimizer),
        hint: "load the model with compile: false, and compile it anew")
    }
    var variables = model.optimizerVariables
    var misfits: [String] = []
    for (index, (place, value)) in zip(order, values).enumerated() {
      guard case .variable(let place) = place else { continue }
      let expected = variables[place].value.shape
      if value.shape != expected {
        misfits.append(
          "\(index) is \(value.shape) instead of \(expected) (\(variables[place].name))")
      }
      variables[place].value = value
    }
    guard misfits.isEmpty else {
      throw FormatError(
        "the variables of \(name) do not fit the weights", got: misfits.joined(separator: ", "),
        at: .part(KerasFile.optimizer),
        hint: "load the model with compile: false, and compile it anew")
    }
    model.optimizerVariables = variables
  }
}
