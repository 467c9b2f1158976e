import TensorGraph

extension Model {
  /// What is odd about training on `data`: found by a trace and a look at the samples, before the
  /// first step. Data that cannot be trained on at all are an error instead.
  ///
  /// `fit` asks for it by itself; its `TrainingPlan` has the doubts.
  ///
  /// - Throws: when training makes no sense: the model is not compiled, the data do not fit, or the
  ///   network can learn nothing.
  public func preflight(_ data: TrainingData, validation: TrainingData? = nil) throws -> [Doubt] {
    let compilation = try compiled()
    return try doubts(
      compilation, checked(data, compilation, named: ""),
      validation.map { try checked($0, compilation, named: "validation ") })
  }

  /// What is odd about training on `data`, which were checked.
  func doubts(
    _ compilation: Compilation, _ data: TrainingData, _ validation: TrainingData?
  ) throws -> [Doubt] {
    var doubts = scaleDoubts(data)
    let outputs = try OutputFacts.all(of: self, data)
    for (index, facts) in outputs.enumerated() {
      try facts.checkSoftmax()
      doubts += facts.doubts(about: compilation.losses[index])
      for measure in compilation.metrics where measure.output == index {
        doubts += try facts.doubts(
          about: measure.metric, loss: compilation.losses[index], target: data.targets[index])
      }
      if let target = validation?.targets[index] {
        doubts += splitDoubts(
          data.targets[index], target, compilation.losses[index].targets,
          facts.classes)
      }
    }
    return doubts
  }

  /// Whether inputs look like the bytes of pictures, and no layer scales them.
  private func scaleDoubts(_ data: TrainingData) -> [Doubt] {
    guard data.mapping == nil, !hasScaling else { return [] }
    return zip(data.inputs, structure.inputNames).compactMap { tensor, name in
      guard let largest = largestByte(of: tensor), largest > 32 else { return nil }
      return Doubt(
        "\(data.inputs.count == 1 ? "x" : "x \(name)") holds whole numbers up to \(largest), "
          + "and no layer scales them", hint: "divide by 255, or begin with Rescaling(1.0 / 255)")
    }
  }

  /// Whether the network scales, looks up or normalizes before its first layer with a kernel.
  private var hasScaling: Bool {
    let first = structure.layers.prefix { entry in
      !structure.declarations.contains { $0.path == entry.path + "/kernel" }
    }
    return first.contains { entry in
      ["Rescaling", "Embedding", "ReversibleEmbedding", "IntegerLookup", "CategoryEncoding"]
        .contains(entry.layer.className) || entry.layer.className.hasSuffix("Normalization")
    } || structure.layers.isEmpty
  }
}

/// The largest element of `tensor` if all those looked at, up to a million, are whole numbers from 0
/// to 255.
private func largestByte(of tensor: Tensor) -> Int? {
  let limit = 1 << 20
  switch tensor.dtype {
  case .uint8:
    return tensor.withUnsafeBytes { $0.prefix(limit).max().map(Int.init) }
  case .float32:
    return tensor.withUnsafeBytes { bytes in
      var largest: Float = 0
      for number in bytes.bindMemory(to: Float.self).prefix(limit) {
        guard number >= 0, number <= 255, number == number.rounded() else { return nil }
        largest = max(largest, number)
      }
      return Int(largest)
    }
  default: return nil
  }
}

/// Whether the classes of the validation are those of the training.
private func splitDoubts(
  _ training: Tensor, _ validation: Tensor, _ form: TargetForm, _ classes: Int?
) -> [Doubt] {
  switch form {
  case .labels: break
  case .probabilities where (classes ?? 0) > 1: break
  default: return []
  }
  let seen = Set(training.classLabels(form).values)
  let unseen = Set(validation.classLabels(form).values).subtracting(seen).sorted()
  guard !unseen.isEmpty else { return [] }
  let names = unseen.prefix(5).map { "\($0)" }.joined(separator: ", ")
  return [
    Doubt(
      "the validation data have \(unseen.count == 1 ? "class" : "classes") \(names)"
        + (unseen.count > 5 ? " and others" : "") + ", of which the training data have no sample",
      hint: "a validation split takes the last samples: shuffle data that are sorted by class")
  ]
}
