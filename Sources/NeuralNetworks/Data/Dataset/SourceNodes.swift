import TensorGraph

/// The rows of tensors.
struct TensorNode: DatasetNode {
  let inputs: [Tensor]
  let targets: [Tensor]
  let sampleWeights: [Tensor]
  let rowCount: Int

  init(_ data: TrainingData) {
    inputs = data.inputs
    targets = data.targets
    sampleWeights = data.sampleWeights
    rowCount = data.sampleCount
  }

  var count: ElementCount { .finite(rowCount) }
  var isIndexed: Bool { true }

  func element(_ index: Int, _: Pass) -> Sample {
    Sample(inputs: inputs, targets: targets, sampleWeights: sampleWeights).mapTensors { tensor in
      tensor.rows(index..<index + 1).reshaped(Shape(Array(tensor.shape.dims.dropFirst())))
    }
  }

  func stacked(_ indices: [Int], _: Pass) -> Sample? {
    let rows = indices.map { Int32(truncatingIfNeeded: $0) }
    return Sample(inputs: inputs, targets: targets, sampleWeights: sampleWeights)
      .mapTensors { tensor in
        if tensor.dtype == .string { return tensor.stringRows(indices) }
        return Tensor(tensor.type(samples: rows.count)) { bytes in
          rows.withUnsafeBufferPointer { tensor.copyRows($0, to: bytes) }
        }
      }
  }
}

/// Elements that a closure gives for their index.
struct ListNode: DatasetNode {
  let size: Int
  let threads: Int?
  let body: @Sendable (Int) throws -> Sample

  var count: ElementCount { .finite(size) }
  var isIndexed: Bool { true }

  func element(_ index: Int, _ pass: Pass) throws -> Sample {
    try located("sample", index, pass) { try body(index) }
  }
}

/// The elements of an iterator that a closure makes for every pass.
struct GeneratorNode: DatasetNode {
  let make: @Sendable (_ epoch: Int) throws -> () throws -> Sample?

  var count: ElementCount { .unknown }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    let next = try make(pass.epoch)
    var index = 0
    return try ClosureStream {
      defer { index += 1 }
      return try located("sample", index, pass, next)
    }.dropping(start)
  }
}

/// What `body` gives; an error that names no place is given that of the element.
func located<R>(
  _ unit: String, _ index: Int, _ pass: Pass, _ body: () throws -> R
) throws -> R {
  do {
    return try body()
  } catch var error as FormatError {
    if error.position == nil { error.position = .part("\(unit) \(index) of epoch \(pass.epoch)") }
    throw error
  }
}
