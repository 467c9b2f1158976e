import TensorGraph

extension ONNXOperator {
  /// Lists of tensors, and optionals.
  static let sequences: [String: ONNXOperator] = [
    "SequenceEmpty": ONNXOperator(.byRule) { call in
      [.sequence([], of: try call.elementType("dtype") ?? .float32)]
    },
    "SequenceConstruct": ONNXOperator(.byRule) { call in
      let values = try call.inputs.indices.map { try call.value($0) }
      return [.sequence(values, of: values.first?.tensors.first?.type ?? .float32)]
    },
    "SequenceInsert": ONNXOperator(.byRule) { call in
      var (values, type) = try call.sequence(0)
      let new = try call.value(1)
      let place = call.has(2) ? try call.place(2, among: values.count, orAfter: true) : values.count
      values.insert(new, at: place)
      return [.sequence(values, of: new.tensors.first?.type ?? type)]
    },
    "SequenceErase": ONNXOperator(.byRule) { call in
      var (values, type) = try call.sequence(0)
      let place = call.has(1) ? try call.place(1, among: values.count) : values.count - 1
      guard values.indices.contains(place) else { throw ONNXError.mistake("the sequence is empty") }
      values.remove(at: place)
      return [.sequence(values, of: type)]
    },
    "SequenceAt": ONNXOperator(.byRule) { call in
      let (values, _) = try call.sequence(0)
      return [values[try call.place(1, among: values.count)]]
    },
    "SequenceLength": ONNXOperator(.byRule) { call in
      [.tensor(ONNXTensor(Tensor(Int64(try call.sequence(0).values.count))))]
    },
    "SplitToSequence": ONNXOperator(.byRule) { try $0.splitToSequence() },
    "ConcatFromSequence": ONNXOperator(.byRule) { try $0.concatFromSequence() },
    "SequenceMap": ONNXOperator(.byRule) { try $0.sequenceMap() },
    "Optional": ONNXOperator(.byRule) { $0.has(0) ? [try $0.value(0)] : [.none] },
    "OptionalHasElement": ONNXOperator(.byRule) { call in
      var has = call.has(0)
      if has, case .none = try call.value(0) { has = false }
      return [.tensor(ONNXTensor(Tensor([], [has])))]
    },
    "OptionalGetElement": ONNXOperator(.byRule) { call in
      let value = try call.value(0)
      if case .none = value { throw ONNXError.mistake("the optional has nothing") }
      return [value]
    },
  ]
}

extension ONNXCall {
  /// The values of the sequence at `index`.
  fileprivate func sequence(_ index: Int) throws -> (values: [ONNXValue], type: ONNXType) {
    guard case .sequence(let values, let type) = try value(index) else {
      throw ONNXError.mistake("input \(index) is not a sequence")
    }
    return (values, type)
  }

  /// The place that the number at `index` names in a list of `count`.
  fileprivate func place(_ index: Int, among count: Int, orAfter: Bool = false) throws -> Int {
    guard let number = try integers(index).first else {
      throw ONNXError.mistake("the position is empty")
    }
    let place = number < 0 ? number &+ count : number
    guard (0..<count + (orAfter ? 1 : 0)).contains(place) else {
      throw ONNXError.mistake("there is no position \(number) in a sequence of \(count)")
    }
    return place
  }

  /// `body` of `tensor`: computed at once if it is known.
  private func made(
    from tensors: [ONNXTensor], _ body: ([Symbol]) throws -> Symbol
  ) throws -> ONNXValue {
    if tensors.allSatisfy(\.isConstant) { return .tensor(try computed(tensors, body)) }
    return .tensor(ONNXTensor(try body(try tensors.map { try symbol($0) }), type: tensors[0].type))
  }

  fileprivate func splitToSequence() throws -> [ONNXValue] {
    let x = try tensor(0), axis = try axis(0, of: x.shape), size = x.shape[axis]
    var sizes: [Int]
    var keeps = true
    if has(1) {
      sizes = try integers(1)
      if try shape(1).rank == 0 {
        let part = sizes.first ?? 0
        guard part > 0 else { throw ONNXError.mistake("parts of \(part)") }
        sizes = stride(from: 0, to: size, by: part).map { min(part, size - $0) }
      }
    } else {
      sizes = Array(repeating: 1, count: size)
      keeps = bool("keepdims", true)
    }
    guard sizes.allSatisfy({ (0...size).contains($0) }), sizes.reduce(0, +) == size else {
      throw ONNXError.mistake("parts of \(sizes) do not make \(size)")
    }
    var start = 0
    let parts = try sizes.map { part in
      let range = start..<start + part
      start += part
      return try made(from: [x]) {
        let part = $0[0].sliced(axis: axis, range)
        return keeps ? part : part.squeezed(axis)
      }
    }
    return [.sequence(parts, of: x.type)]
  }

  fileprivate func concatFromSequence() throws -> [ONNXValue] {
    let tensors = try sequence(0).values.flatMap(\.tensors), isNew = bool("new_axis")
    guard let first = tensors.first else { throw ONNXError.mistake("the sequence is empty") }
    let axis = try axis(int("axis", 0), rank: first.shape.rank + (isNew ? 1 : 0))
    return [
      try made(from: tensors) { isNew ? stack($0, axis: axis) : concatenate($0, axis: axis) }
    ]
  }

  fileprivate func sequenceMap() throws -> [ONNXValue] {
    guard let body = node.graphs["body"] else { throw ONNXError.mistake("body is missing") }
    let count = try sequence(0).values.count
    var results: [[ONNXValue]] = body.outputs.map { _ in [] }
    for step in 0..<count {
      let given = try inputs.indices.map { index -> ONNXValue in
        guard case .sequence(let values, _) = try value(index) else { return try value(index) }
        guard values.indices.contains(step) else {
          throw ONNXError.mistake("the sequences have different lengths")
        }
        return values[step]
      }
      for (index, value) in try evaluation.outputs(of: body, given, in: scope, trace).enumerated() {
        results[index].append(value)
      }
    }
    return zip(results, body.outputs).map { values, port in
      .sequence(values, of: values.first?.tensors.first?.type ?? port.type ?? .float32)
    }
  }
}
