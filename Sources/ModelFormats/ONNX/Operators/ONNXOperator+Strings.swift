import TensorGraph

extension ONNXOperator {
  /// The same operator on strings too, which no engine moves: they are numbered, and what becomes
  /// of their numbers becomes of them. All inputs have to be known then.
  func movingStrings() -> ONNXOperator {
    ONNXOperator(timing) { call in
      let isText = call.inputs.contains { $0?.tensors.contains { $0.type == .string } ?? false }
      guard isText else { return try rule(call) }
      guard call.isKnown else { throw ONNXError.needsValue("strings") }
      var strings: [String] = []
      let numbered = call.inputs.map { value in
        value?.mapped { tensor in
          guard tensor.type == .string, let known = tensor.known else { return tensor }
          let numbers = strings.count..<strings.count + known.count
          strings += known.strings
          return ONNXTensor(Tensor(known.shape, numbers.map { Int64($0) }))
        }
      }
      let values = try rule(call.with(numbered))
      let symbols = values.flatMap(\.tensors).compactMap { tensor -> Symbol? in
        guard case .traced(let symbol, _) = tensor.content else { return nil }
        return symbol
      }
      guard symbols.allSatisfy(\.isValid) else { return values }
      let graph = try call.trace.graph(returning: symbols)
      var results = try ReferenceEngine().compile(graph).run([])[...]
      return values.map { value in
        value.mapped { tensor in
          let known = tensor.known ?? results.popFirst()
          guard let known, tensor.type == .int64 else { return tensor }
          let places = known.scalars(as: Int64.self)
          return ONNXTensor(
            Tensor(
              known.shape,
              places.map { place in
                strings.indices.contains(Int(place)) ? strings[Int(place)] : ""
              }))
        }
      }
    }
  }
}
