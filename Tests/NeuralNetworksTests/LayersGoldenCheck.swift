import NeuralNetworks
import TensorGraph
import TestKit

extension GoldenLayer {
  /// Throws unless `layer`, read from the configuration, computes on `engine` what Keras did.
  func check(_ layer: any NamedLayer, on engine: any Engine) throws {
    var inputs = try index.inputs.map(array)
    var arguments = index.arguments.compactMapValues(\.argument)
    for (role, name) in index.arrayArguments.sorted(by: { $0.key < $1.key }) {
      arguments[role] = .input(inputs.count)
      inputs.append(try array(name))
    }
    var masks: [Int: Tensor] = [:]
    for (position, name) in index.masks {
      guard let position = Int(position) else { throw Mismatch("no input \(position)") }
      masks[position] = try array(name)
    }
    let trace = try LayerTrace(
      layer, inputs.map(\.type), masks: masks.mapValues(\.shape), arguments: arguments,
      isTraining: index.training, isFrozen: isFrozen)
    // What Keras finds by adapting are weights there, and constants here.
    let weights = index.adapt == nil ? index.weights : []
    let own = try places(of: weights, among: trace.weights)

    for (type, name) in zip(trace.outputs, index.outputs)
    where type.shape != (try array(name).shape) {
      throw Mismatch("an output is \(type), expected \(try array(name).type)")
    }
    var variables = trace.weights.map { Tensor(zeros: $0.type) }
    for (weight, place) in zip(weights, own) {
      variables[place] = Tensor(
        variables[place].type, numbers: try array(weight.array).numbers)
    }
    let initial = variables
    let fed =
      try inputs + masks.sorted { $0.key < $1.key }.map(\.value) + cotangents(of: trace.outputs)
    let results = trace.results(
      try engine.compile(trace.graph).run(fed, variables: &variables))

    try checkOutputs(results)
    if hasGradients { try checkGradients(results, weights, own) }
    for (weight, place) in zip(weights, own) where !weight.trainable || isFrozen {
      let value = results.updates[trace.weights[place].path] ?? initial[place]
      let expected = try array(weight.updated ?? weight.array)
      try compare(value, expected, outputTolerance, "\(weight.path) after the step")
    }
  }

  private var outputTolerance: Double { index.tolerance ?? 1e-5 }

  /// What the gradients begin with, one for each output of floats.
  private func cotangents(of outputs: [TensorType]) throws -> [Tensor] {
    let expected = try index.outputs.map { try array($0).shape }
    guard outputs.map(\.shape) == expected else {
      throw Mismatch("the outputs are \(outputs), expected shapes are \(expected)")
    }
    let floats = outputs.filter(\.dtype.isFloatingPoint)
    guard hasGradients else { return floats.map { Tensor(zeros: $0) } }
    guard floats.count == index.cotangents.count else {
      throw Mismatch("\(floats.count) outputs are floats, expected \(index.cotangents.count)")
    }
    return try zip(floats, index.cotangents).map { Tensor($0, numbers: try array($1).numbers) }
  }

  private func checkOutputs(_ results: LayerTrace.Results<Tensor>) throws {
    guard results.outputs.count == index.outputs.count else {
      throw Mismatch("\(results.outputs.count) outputs, expected \(index.outputs.count)")
    }
    for (position, output) in results.outputs.enumerated() {
      try compare(output, array(index.outputs[position]), outputTolerance, "output \(position)")
      guard !Self.reversedMasks.contains(index.name) else { continue }
      switch (results.masks[position], index.outputMasks[position]) {
      case (nil, nil): break
      case (let mask?, let name?): try compare(mask, array(name), 0, "mask of output \(position)")
      case (nil, _?): throw Mismatch("output \(position) has no mask")
      case (_?, nil): throw Mismatch("output \(position) has a mask, Keras's has none")
      }
    }
  }

  private func checkGradients(
    _ results: LayerTrace.Results<Tensor>, _ weights: [Weight], _ own: [Int]
  ) throws {
    for (position, name) in index.inputGradients.enumerated() {
      guard let name else { continue }
      guard let gradient = results.inputGradients[position] else {
        throw Mismatch("input \(position) has no gradient")
      }
      try compare(gradient, array(name), 10 * outputTolerance, "gradient of input \(position)")
    }
    for (weight, place) in zip(weights, own) {
      guard let name = weight.gradient else { continue }
      guard let gradient = results.weightGradients[place] else {
        throw Mismatch("\(weight.path) has no gradient")
      }
      try compare(gradient, array(name), 10 * outputTolerance, "gradient of \(weight.path)")
    }
  }

  /// Where the steps of the output are in reverse order, Keras leaves the mask as it was, so that
  /// it no longer tells which steps count; ours is reversed too.
  static let reversedMasks: Set<String> = Set(
    ["simple_rnn", "lstm", "gru"].flatMap { layer in
      ["right_padded", "holes"].map { "\(layer)_mask_\($0)_backwards_sequences" }
    })

  /// The place of each of Keras's weights among ours.
  ///
  /// Layers in layers may be met in another order than Keras keeps them in, and have other paths;
  /// names, shapes and, in each layer, the order have to be the same.
  private func places(of weights: [Weight], among own: [WeightDeclaration]) throws -> [Int] {
    let fault = Mismatch(
      "weights are \(own.map { "\($0.path) \($0.type.shape)" }), expected "
        + "\(try weights.map { "\($0.path) \(try array($0.array).shape)" })")
    guard own.count >= weights.count else { throw fault }
    var rest = Array(own.indices)
    var last: [String: Int] = [:]
    let places = try weights.map { weight in
      let shape = try array(weight.array).shape
      guard
        let found = rest.firstIndex(where: {
          own[$0].path.lastName == weight.path.lastName && own[$0].type.shape == shape
            && (own[$0].isTrainable == weight.trainable || isFrozen || !weight.trainable)
        })
      else { throw fault }
      let place = rest.remove(at: found)
      let holder = "\(weight.path.dropLast(weight.path.lastName.count))\(own[place].isTrainable)"
      guard last.updateValue(place, forKey: holder).map({ $0 < place }) ?? true else {
        throw fault
      }
      return place
    }
    // The states that a layer keeps between batches are no weights in Keras; they begin with 0.
    guard rest.allSatisfy({ own[$0].path.lastName.hasPrefix("rnn_state") }) else { throw fault }
    return places
  }

  private func compare(
    _ got: Tensor, _ expected: Tensor, _ tolerance: Double, _ name: String
  ) throws {
    guard got.shape == expected.shape else {
      throw Mismatch("\(name) has shape \(got.shape), expected \(expected.shape)")
    }
    guard got.dtype != .string, expected.dtype != .string else {
      guard got.dtype == expected.dtype, got.strings == expected.strings else {
        throw Mismatch("\(name) is \(got), expected \(expected)")
      }
      return
    }
    // Relative to the largest element, and to terms near 1: sums that cancel keep their error.
    let numbers = expected.numbers
    let scale = Swift.max(numbers.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0, 0.05)
    for (a, b) in zip(got.numbers, numbers)
    where !((a - b).magnitude <= tolerance * scale || a == b || (a.isNaN && b.isNaN)) {
      throw Mismatch("\(name): \(a), expected \(b)")
    }
  }
}

extension String {
  /// The last of the names in a path.
  fileprivate var lastName: Substring { split(separator: "/").last ?? "" }
}

extension JSONValue {
  /// The value as an argument of a call.
  fileprivate var argument: CallArgument? {
    switch self {
    case .bool(let value): .bool(value)
    case .int(let value): .number(Double(value))
    case .number(let value): .number(value)
    case .string(let value): .string(value)
    default: nil
    }
  }
}
