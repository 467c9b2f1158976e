import TensorGraph

extension TrainingData {
  /// The samples with weights that make each class count as `classWeights` says, by the names of
  /// the outputs in order, whose losses want targets of these forms.
  ///
  /// - Throws: when there is no such output, or a weight makes no sense.
  func weighted(
    byClass classWeights: [String: [Int: Double]], outputs: [String], forms: [TargetForm]
  ) throws -> TrainingData {
    guard !classWeights.isEmpty else { return self }
    for (output, weights) in classWeights {
      guard outputs.contains(output) else {
        throw FormatError(
          "class weights for an output \(output), which the model does not have",
          hint: spellingHint(output, in: outputs))
      }
      for (label, weight) in weights where !(weight >= 0 && weight.isFinite) {
        throw FormatError(
          "the weight of class \(label) is \(weight)", hint: "0 leaves a class out")
      }
    }
    let weights = try zip(outputs, targets).enumerated().map { index, pair in
      let (output, target) = pair
      let given =
        sampleWeights.isEmpty ? nil : sampleWeights[sampleWeights.count == 1 ? 0 : index]
      return try Tensor.weights(
        of: target, forms[index], byClass: classWeights[output] ?? [:], times: given)
    }
    var result = try TrainingData(
      inputs: inputs, targets: targets, sampleWeights: weights, inputNames: inputNames,
      targetNames: targetNames, classNames: classNames)
    result.mapping = mapping
    return result
  }
}

extension Tensor {
  /// The weight of each sample of `target`, or of each step: that of its class times `given`.
  fileprivate static func weights(
    of target: Tensor, _ form: TargetForm, byClass weights: [Int: Double], times given: Tensor?
  ) throws(FormatError) -> Tensor {
    let labels = target.classLabels(form)
    let numbers = labels.values.map { weights[$0] ?? 1 }
    guard let given else { return Tensor(TensorType(.float32, labels.shape), numbers: numbers) }
    let own = given.numbers
    guard !own.isEmpty, numbers.count % own.count == 0 else {
      throw FormatError(
        "sample weights do not fit targets with class weights", got: "\(given.type), \(target.type)"
      )
    }
    let steps = numbers.count / own.count
    return Tensor(
      TensorType(.float32, labels.shape),
      numbers: numbers.indices.map { numbers[$0] * own[$0 / steps] })
  }

  /// The class of each sample, or of each step: the label, or the class with the largest number.
  func classLabels(_ form: TargetForm) -> (values: [Int], shape: Shape) {
    let numbers = numbers
    guard form == .probabilities, shape.rank > 1 else {
      let labels = shape.rank > 1 && shape[-1] == 1 ? shape.removing(-1) : shape
      return (numbers.map { Int(exactly: $0) ?? -1 }, labels)
    }
    let classes = max(shape[-1], 1)
    let largest = stride(from: 0, to: numbers.count, by: classes).map { start in
      (start..<start + classes).max { numbers[$0] < numbers[$1] }.map { $0 - start } ?? 0
    }
    return (largest, shape.removing(-1))
  }
}
