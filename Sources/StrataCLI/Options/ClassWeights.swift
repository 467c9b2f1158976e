import ArgumentParser
import NeuralNetworks
import TensorGraph

/// Weights of classes as they are written on the command line: `0:1,1:5`.
struct ClassWeights: ExpressibleByArgument {
  private let weights: [Int: Double]

  init?(argument: String) {
    var weights: [Int: Double] = [:]
    for entry in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let label = Int(parts[0]), let weight = Double(parts[1]),
        weight >= 0, weight.isFinite, weights.updateValue(weight, forKey: label) == nil
      else { return nil }
    }
    self.weights = weights
  }

  /// The weights, for the only output of `model`.
  ///
  /// - Throws: when it has several.
  func values(for model: Model) throws -> [String: [Int: Double]] {
    let outputs = model.outputNames
    guard outputs.count == 1 else {
      throw GraphError(
        "\(model.name) has \(outputs.count) outputs, and class weights are for one")
    }
    return [outputs[0]: weights]
  }
}

extension DTypePolicy: ExpressibleByArgument {}
