import NeuralNetworks
import TensorGraph

/// The order of an optimizer's variables in Keras's files: steps, learning rate, then the slots,
/// whose weights go layer by layer.
package struct OptimizerLayout {
  /// The name of the optimizer.
  let name: String
  /// The number of weights it moves.
  let weightCount: Int
  /// For each variable of the file, its place among the model's.
  let order: [Int]

  /// Finds the order for `model`; nothing when it is not compiled.
  package init?(_ model: Model, _ layout: WeightLayout) {
    guard let optimizer = model.optimizer else { return nil }
    name = optimizer.className.snakeCased
    let trained = model.declarations.indices.filter { model.isTrainable($0) }
    let ranks = Dictionary(
      zip(trained, trained.indices), uniquingKeysWith: { first, _ in first })
    let inFile = layout.weights.compactMap { ranks[$0] }
    weightCount = trained.count
    let slots = optimizer.slots(weights: trained.count)
    struct Slot: Hashable {
      let name: String, weight: Int
    }
    let places = Dictionary(
      slots.enumerated().map { (Slot(name: $1.name, weight: $1.weight), $0 + 2) },
      uniquingKeysWith: { first, _ in first })
    order =
      [0, 1] + slots.compactMap { places[Slot(name: $0.name, weight: inFile[$0.weight])] }
  }

  /// The values in the order of the file.
  package func values(of model: Model) -> [Tensor] {
    let variables = model.optimizerVariables
    return order.map { variables[$0].value }
  }

  /// Gives `model` the variables that a file has.
  ///
  /// A file that was written before the first step has the number of steps and the learning rate
  /// alone. Throws when there are others than the optimizer has.
  func restore(_ values: [Tensor], to model: Model) throws(FormatError) {
    var variables = model.optimizerVariables
    guard values.count == order.count || values.count == 2 else {
      throw FormatError(
        "\(name) has \(order.count) variables for \(weightCount) trained weights",
        got: "\(values.count) in the file", at: .part(KerasFile.optimizer),
        hint: "load the model with compile: false, and compile it anew")
    }
    let misfits = zip(order, values).enumerated().compactMap { index, pair in
      let (place, value) = pair
      let expected = variables[place].value.shape
      return value.shape == expected
        ? nil : "\(index) is \(value.shape) instead of \(expected) (\(variables[place].name))"
    }
    guard misfits.isEmpty else {
      throw FormatError(
        "the variables of \(name) do not fit the weights", got: misfits.joined(separator: ", "),
        at: .part(KerasFile.optimizer),
        hint: "load the model with compile: false, and compile it anew")
    }
    for (place, value) in zip(order, values) { variables[place].value = value }
    model.optimizerVariables = variables
  }
}
