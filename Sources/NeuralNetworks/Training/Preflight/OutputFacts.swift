import TensorGraph

/// A loss whose predictions are probabilities, or logits if it says so.
protocol ProbabilityLoss: Loss {
  var fromLogits: Bool { get }
}

extension BinaryCrossentropy: ProbabilityLoss {}
extension BinaryFocalCrossentropy: ProbabilityLoss {}
extension CategoricalCrossentropy: ProbabilityLoss {}
extension CategoricalFocalCrossentropy: ProbabilityLoss {}
extension SparseCategoricalCrossentropy: ProbabilityLoss {}

/// What an output of a network gives, as far as it is known before training.
struct OutputFacts {
  enum Kind { case softmax, sigmoid, other }

  let name: String
  let kind: Kind
  /// The size of the last axis.
  let classes: Int?
  /// The smallest and the largest number for the first samples; nothing where it is not needed.
  let range: (low: Double, high: Double)?

  /// The facts of all outputs, with a prediction for the first samples where the last operation does
  /// not say enough.
  static func all(of model: Model, _ data: TrainingData) throws -> [OutputFacts] {
    let samples = min(data.sampleCount, model.inputs.first?.batchSize ?? 16)
    let types = try data.inputTypes(samples: samples)
    let network = try model.traced(types, mode: .predict)
    let kinds = network.outputs.map { output in
      logits(behindSoftmax: output) != nil
        ? Kind.softmax : logits(behindSigmoid: output) != nil ? .sigmoid : .other
    }
    var predictions: [Tensor]?
    if data.mapping == nil, kinds.contains(where: { $0 == .other }) {
      predictions = try model.predictor().predict(data.inputs.map { $0.rows(0..<samples) })
    }
    return zip(model.structure.outputNames, kinds).enumerated().map { index, pair in
      let numbers = pair.1 == .other ? predictions?[index].numbers : nil
      return OutputFacts(
        name: pair.0, kind: pair.1, classes: model.structure.outputShapes[index].last ?? nil,
        range: numbers.flatMap { numbers in
          numbers.min().flatMap { low in numbers.max().map { (low, $0) } }
        })
    }
  }

  /// Throws when the output is the softmax of one number, which is always 1.
  func checkSoftmax() throws(GraphError) {
    guard kind == .softmax, classes == 1 else { return }
    throw GraphError(
      "\(name) is a softmax of one unit: it gives 1 whatever the input, and can learn nothing",
      hint: "use a sigmoid with binary_crossentropy, or a unit for each class")
  }

  /// Whether the numbers cannot be probabilities.
  private var isNoProbability: Bool {
    range.map { $0.low < -1e-6 || $0.high > 1 + 1e-6 } ?? false
  }

  private var rangeText: String {
    range.map { "numbers from \(fourDigits($0.low)) to \(fourDigits($0.high))" } ?? "other numbers"
  }

  /// Whether `loss` expects logits where there are probabilities, or the other way round.
  func doubts(about loss: any Loss) -> [Doubt] {
    guard let loss = loss as? any ProbabilityLoss else { return [] }
    if loss.fromLogits, kind != .other {
      let activation = kind == .softmax ? "softmax" : "sigmoid"
      return [
        Doubt(
          "\(loss.className) expects logits, and \(name) gives probabilities (\(activation))",
          hint: "leave out fromLogits, or the \(activation)")
      ]
    }
    let activation = loss.targets == .binary ? "sigmoid" : "softmax"
    if !loss.fromLogits, kind == .other, isNoProbability {
      return [
        Doubt(
          "\(loss.className) expects probabilities, and \(name) gives \(rangeText)",
          hint: "give the loss fromLogits: true, or the last layer the activation \(activation)")
      ]
    }
    if !loss.fromLogits, kind == .sigmoid, loss.targets != .binary {
      return [
        Doubt(
          "\(loss.className) expects probabilities that sum to 1, and \(name) is a sigmoid",
          hint: "use a softmax, or binary_crossentropy where several classes can be true at once")
      ]
    }
    return []
  }

  /// Whether `choice` can say something about this output.
  func doubts(
    about choice: MetricChoice, loss: any Loss, target: Tensor
  ) throws(GraphError) -> [Doubt] {
    let sizes = [target.shape.dims.first ?? 1, classes ?? 1]
    let metric = try choice.resolved(target: target.shape, prediction: Shape(sizes))
    let accuracies: [any Metric.Type] = [
      BinaryAccuracy.self, CategoricalAccuracy.self, SparseCategoricalAccuracy.self,
    ]
    let isAccuracy = accuracies.contains { $0 == type(of: metric) }
    if isAccuracy, loss.targets == .numbers, isFractional(target) {
      return [
        Doubt(
          "\(choice.name) counts how often a class is right, and the targets are numbers",
          hint: "mean_absolute_error says how far predictions are off")
      ]
    }
    if let metric = metric as? BinaryAccuracy, metric.threshold == 0.5, isNoProbability,
      (loss as? any ProbabilityLoss)?.fromLogits == true
    {
      return [
        Doubt(
          "\(choice.name) compares with 0.5, and \(name) gives logits",
          hint: "use binaryAccuracy(threshold: 0)")
      ]
    }
    let k = (metric as? TopKCategoricalAccuracy)?.k ?? (metric as? SparseTopKCategoricalAccuracy)?.k
    if let k, let classes, k >= classes {
      return [
        Doubt(
          "\(choice.name) looks at the \(k) most probable of \(classes) classes: it is always 1",
          hint: "use a smaller k, or accuracy")
      ]
    }
    return []
  }

  /// Whether one of the first numbers of `target` is no whole number.
  private func isFractional(_ target: Tensor) -> Bool {
    let rows = min(target.shape.dims.first ?? 0, 1000)
    return target.rows(0..<rows).numbers.contains { $0 != $0.rounded() }
  }
}
