import TensorGraph

extension Model {
  /// `data` with inputs and targets in the model's order, after everything that can be known about
  /// them before the first step was checked. `kind` is what the data are for, such as
  /// `"validation "`, for messages.
  ///
  /// - Throws: when the data do not fit the model, or hold numbers that make no sense.
  func checked(
    _ data: TrainingData, _ compilation: Compilation, named kind: String
  ) throws -> TrainingData {
    guard data.sampleCount > 0 else {
      throw FormatError("there is no \(kind)sample", got: "\(data.inputs[0].type)")
    }
    // What prepares batches takes its inputs in their order.
    let inputs =
      data.mapping == nil
      ? try ordered(data.inputs, data.inputNames, as: structure.inputNames, kind: "\(kind)input")
      : data.inputs
    let targets = try ordered(
      data.targets, data.targetNames, as: structure.outputNames, kind: "\(kind)target")
    try check(
      data.mapping == nil ? inputs.map(\.type) : data.inputTypes(samples: data.sampleCount),
      ofBatch: false)
    for (index, input) in inputs.enumerated() {
      let names = data.mapping == nil ? structure.inputNames : data.inputs.indices.map { "\($0)" }
      let name = kind + (inputs.count == 1 ? "x" : "x \(names[index])")
      try checkNumbers(input, name: name)
    }
    for (index, target) in targets.enumerated() {
      let name = kind + (targets.count == 1 ? "y" : "y \(structure.outputNames[index])")
      let form = compilation.losses[index].targets
      try checkTarget(
        target, form, classes: form.classes(structure.outputShapes[index]), name: name)
    }
    for weights in data.sampleWeights { try checkWeights(weights, name: kind + "sample weight") }
    var result = try TrainingData(
      inputs: inputs, targets: targets, sampleWeights: data.sampleWeights,
      classNames: data.classNames)
    result.mapping = data.mapping
    return result
  }

  /// `tensors` in the order of `expected`.
  private func ordered(
    _ tensors: [Tensor], _ names: [String], as expected: [String], kind: String
  ) throws -> [Tensor] {
    guard tensors.count == expected.count else {
      throw FormatError(
        "\(name) has \(expected.count) \(kind)\(expected.count == 1 ? "" : "s"), "
          + "and is given \(tensors.count)",
        got: tensors.map(\.type.description).joined(separator: ", "),
        hint: "expected \(expected.joined(separator: ", "))")
    }
    guard !names.isEmpty, expected.count > 1 else { return tensors }
    for given in names where !expected.contains(given) {
      throw FormatError(
        "\(name) has no \(kind) \(given)", hint: spellingHint(given, in: expected))
    }
    return expected.compactMap { wanted in
      names.firstIndex(of: wanted).map { tensors[$0] }
    }
  }
}

/// Throws unless `target` is what `form` says, for predictions whose last axis is `classes`.
private func checkTarget(
  _ target: Tensor, _ form: TargetForm, classes: Int?, name: String
) throws(FormatError) {
  try checkNumbers(target, name: name)
  switch form {
  case .numbers: return
  case .labels, .labelSequences, .identities:
    var ignored: Int?
    if case .labels(let label, _) = form { ignored = label }
    let range = form == .identities ? -0x1p31...0x1p31 : 0...Double((classes ?? 1 << 31) - 1)
    guard
      let (index, label) = firstElement(
        of: target, outside: range.lowerBound, range.upperBound, isWhole: true, ignoring: ignored)
    else { return }
    if label != label.rounded() {
      throw FormatError(
        "\(name) has \(label) for a label, which is no whole number", got: "\(target.type)",
        at: place(index, in: target), hint: "numbers go with mean_squared_error")
    }
    guard form != .identities, let classes else {
      throw FormatError(
        "\(name) has \(label) for a label, which is too large", got: "\(target.type)",
        at: place(index, in: target))
    }
    let number = Int(exactly: label).map { "\($0)" } ?? "\(label)"
    throw FormatError(
      "\(name) has the label \(number), but there are \(classes) classes",
      got: "\(target.type)", at: place(index, in: target),
      hint: label < 0
        ? "labels count from 0 to \(classes - 1)"
        : "labels count from 0 to \(classes - 1); "
          + "for more classes give the last layer more units")
  case .binary, .probabilities:
    guard let (index, number) = firstElement(of: target, outside: 0, 1) else { return }
    throw FormatError(
      "\(name) has \(number) where a number from 0 to 1 is expected", got: "\(target.type)",
      at: place(index, in: target),
      hint: form == .binary
        ? "binary_crossentropy asks yes or no: 0 or 1"
        : "labels go with sparse_categorical_crossentropy")
  }
}

/// Throws when a weight is negative or no number.
private func checkWeights(_ weights: Tensor, name: String) throws(FormatError) {
  try checkNumbers(weights, name: name)
  if let (index, number) = firstElement(of: weights, outside: 0, .greatestFiniteMagnitude) {
    throw FormatError(
      "a \(name) is negative: \(number)", got: "\(weights.type)", at: place(index, in: weights),
      hint: "0 leaves a sample out")
  }
}

/// Throws when an element is NaN or infinite.
private func checkNumbers(_ tensor: Tensor, name: String) throws(FormatError) {
  guard let (index, number) = firstNonFinite(of: tensor) else { return }
  throw FormatError(
    "\(name) has \(number.isNaN ? "a NaN" : "an infinite number")", got: "\(tensor.type)",
    at: place(index, in: tensor), hint: "clean the data: one such number spoils every weight")
}

/// The row, counted from 0, and the place in it of the element `index`.
private func place(_ index: Int, in tensor: Tensor) -> FormatError.Position {
  let row = index / max(tensor.shape.strides.first ?? 1, 1)
  let rest = zip(tensor.shape.strides.dropFirst(), tensor.shape.dims.dropFirst()).map {
    index / $0 % $1
  }
  switch rest.count {
  case 0: return .part("row \(row)")
  case 1: return .part("row \(row), column \(rest[0])")
  default: return .part("row \(row), element \(rest)")
  }
}
