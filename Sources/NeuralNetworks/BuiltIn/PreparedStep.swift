import TensorGraph

/// A training step or a prediction on samples that mean nothing: for measurements.
package struct PreparedStep {
  /// The graph, ready to run.
  package let executable: any Executable
  /// What it is fed.
  package let inputs: [Tensor]
  let graph: Graph
  /// The floating-point operations of a run.
  package var flops: Int { GraphCost(graph).flops }
}

extension Model {
  /// A training step, for a model that is compiled.
  ///
  /// - Throws: when the model is not compiled or the step cannot be built.
  package func preparedTrainingStep(_ data: TrainingData) throws -> PreparedStep {
    let compilation = try compiled()
    updateOptimizerVariables(compilation)
    let types = try StepTypes(data, samples: data.sampleCount)
    let graph = try stepGraph(compilation, types, mode: .train)
    return PreparedStep(
      executable: try engine.compile(graph), inputs: data.tensors, graph: graph)
  }

  /// A prediction.
  ///
  /// - Throws: when it cannot be built.
  package func preparedPrediction(_ data: TrainingData) throws -> PreparedStep {
    let graph = try predictionGraph(data.inputs.map(\.type))
    return PreparedStep(
      executable: try engine.compile(graph), inputs: data.inputs, graph: graph)
  }

  /// Samples that fit the model and mean nothing; open sizes become 32. `dtype` is
  /// the type of the inputs that are floats in the model.
  package func meaninglessData(
    samples: Int, dtype: DType? = nil
  ) throws(FormatError) -> TrainingData {
    var random = SeededGenerator(seed: 0)
    let tokens = structure.layers.compactMap { ($0.layer as? Embedding)?.inputDim }.min() ?? 2
    func tensor(_ type: TensorType, below limit: Int?) -> Tensor {
      if type.dtype == .string { return Tensor(zeros: type) }  // empty texts
      let numbers = (0..<type.shape.count).map { _ in
        limit.map { Double(random.below(max($0, 1))) } ?? random.uniform()
      }
      return Tensor(type, numbers: numbers)
    }
    func shape(_ sizes: some Sequence<Int?>) -> Shape { Shape([samples] + sizes.map { $0 ?? 32 }) }
    let x = inputs.map { input in
      let type = TensorType(
        input.dtype.isFloatingPoint ? dtype ?? input.dtype : input.dtype, shape(input.shape))
      let limit: Int? =
        switch type.dtype {
        case .uint8: 256
        case .int8, .int32, .int64: tokens
        case .bool: 2
        case .float16, .bfloat16, .float32, .float64, .string: nil
        }
      return tensor(type, below: limit)
    }
    let losses = compilation?.losses ?? []
    let y = zip(losses, structure.outputShapes).map { loss, output in
      let prediction = shape(output.dropFirst())
      let expected = loss.targets.expectedShape(prediction)
      switch loss.targets {
      case .labels, .labelSequences, .identities:
        let classes = loss.targets.classes(prediction.dims.map(\.self))
        return tensor(TensorType(.int32, expected), below: classes ?? 1)
      case .binary: return tensor(TensorType(.float32, expected), below: 2)
      case .probabilities, .numbers: return tensor(TensorType(.float32, expected), below: nil)
      }
    }
    return try TrainingData(inputs: x, targets: y)
  }
}
