import TensorGraph

extension Model {
  /// Trains on all samples at once, by steps of Newton's kind: for small networks and data.
  ///
  ///     try model.compile(optimizer: "adam", loss: .meanSquaredError)
  ///     let minimum = try model.minimize(x, y, by: LBFGS(maxIterations: 200))
  ///     print(minimum.values)  // the loss at the start, and after every step
  ///
  /// The loss is that of `compile`; the optimizer has no part in it. Layers do what they do in
  /// training, and what they draw at random is the same in every step.
  ///
  /// - Returns: the losses of all steps, and all trained weights one after another as the point.
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  @discardableResult
  public func minimize(
    _ x: Tensor, _ y: Tensor, by method: LBFGS = LBFGS()
  ) throws -> LBFGS.Minimum {
    try minimize(TrainingData(x: x, y: y), by: method)
  }

  /// Trains on all samples of `data` at once, by steps of Newton's kind.
  ///
  /// - Throws: when the model is not compiled, or the data do not fit or hold no numbers.
  @discardableResult
  public func minimize(_ data: TrainingData, by method: LBFGS = LBFGS()) throws -> LBFGS.Minimum {
    if let mistake = method.mistake { throw GraphError(mistake) }
    let compilation = try compiled()
    let data = try checked(data, compilation, named: "")
    let source = try BatchPrefetcher(
      data, batchSize: data.sampleCount, shuffle: false, engine: engine)
    guard let batch = source.next() else {
      throw FormatError("there is no sample to make batches of")
    }
    let inputCount = batch.inputs.count, targetCount = batch.targets.count
    let evaluate = ValueAndGradient(of: [self]) { models, tensors in
      let outputs = models[0].outputs(for: Array(tensors.prefix(inputCount)))
      let targets = tensors[inputCount..<inputCount + targetCount]
      let weights = Array(tensors.dropFirst(inputCount + targetCount))
      let terms = zip(outputs, targets).enumerated().map { index, pair in
        let prediction = pair.0.cast(to: .float32).masked(by: pair.0.mask)
        let sampleWeight = weights.count > 1 ? weights[index] : weights.first
        return compilation.losses[index](pair.1, prediction, sampleWeight: sampleWeight)
          * compilation.lossWeights[index]
      }
      return terms.dropFirst().reduce(terms[0], +)
    }

    let paths = trainedWeights.map(\.path)
    let places = paths.compactMap { path in declarations.firstIndex { $0.path == path } }
    let key = variables[declarations.count]
    func set(_ point: [Double]) {
      var start = 0
      for place in places {
        let type = variables[place].type, end = start + type.shape.count
        variables[place] = Tensor(type, numbers: Array(point[start..<end]))
        start = end
      }
    }
    let minimum = try method.minimize(places.flatMap { variables[$0].numbers }) { point in
      set(point)
      variables[declarations.count] = key
      let (values, gradients) = try evaluate.results(batch.tensors)
      return (values[0].numbers[0], paths.flatMap { gradients[0][$0]?.numbers ?? [] })
    }
    set(minimum.point)
    return minimum
  }
}
