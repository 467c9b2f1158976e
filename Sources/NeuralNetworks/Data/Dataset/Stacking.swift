import TensorGraph

/// How samples of different lengths become a batch.
struct SamplePadding: Sendable {
  /// The length of the first axis of inputs; without one, that of the longest.
  var length: Int?
  /// The length of the first axis of targets and weights; without one, that of the longest.
  var targetLength: Int?
  /// What is put behind the end of inputs.
  var value = 0.0
  /// What is put behind the end of targets.
  var targetValue = 0.0
}

extension Sample {
  /// The most bytes that a tensor of a batch may take.
  private static let byteLimit = 1 << 36

  /// The samples along a new first axis.
  ///
  /// - Throws: when their tensors differ in number or type; shapes may differ with `padding`.
  static func stacked(_ samples: [Sample], _ padding: SamplePadding? = nil) throws -> Sample {
    guard let first = samples.first else { return Sample(inputs: []) }
    for (index, sample) in samples.enumerated()
    where sample.inputs.count != first.inputs.count || sample.targets.count != first.targets.count
      || sample.sampleWeights.count != first.sampleWeights.count
    {
      func counts(_ sample: Sample) -> String {
        "\(sample.inputs.count) inputs, \(sample.targets.count) targets, "
          + "\(sample.sampleWeights.count) weights"
      }
      throw FormatError(
        "the samples of a batch have different numbers of tensors",
        got: "\(counts(first)), and \(counts(sample))", at: .part("sample \(index) of the batch"))
    }
    let tensors = samples.map(\.tensors)
    var place = 0
    func stack(_ values: [Tensor], _ length: Int?, _ value: Double) throws -> [Tensor] {
      try values.indices.map { _ in
        defer { place += 1 }
        return try stacked(
          tensors.map { $0[place] }, first.role(place), isPadded: padding != nil, length, value)
      }
    }
    return Sample(
      inputs: try stack(first.inputs, padding?.length, padding?.value ?? 0),
      targets: try stack(first.targets, padding?.targetLength, padding?.targetValue ?? 0),
      // What is put behind the end of weights never counts.
      sampleWeights: try stack(first.sampleWeights, padding?.targetLength, 0))
  }

  private static func stacked(
    _ tensors: [Tensor], _ name: String, isPadded: Bool, _ length: Int?, _ value: Double
  ) throws -> Tensor {
    let first = tensors[0]
    var dims = first.shape.dims
    for (index, tensor) in tensors.enumerated() where tensor.type != first.type {
      guard isPadded, tensor.dtype == first.dtype, tensor.shape.rank == first.shape.rank else {
        let isShape = tensor.dtype == first.dtype
        throw FormatError(
          "the samples of a batch have \(name) of different \(isShape ? "shapes" : "types")",
          got: "\(first.type), and \(tensor.type)", at: .part("sample \(index) of the batch"),
          hint: isShape && tensor.shape.rank == first.shape.rank
            ? "paddedBatch makes them as long as the longest" : nil)
      }
      for axis in dims.indices { dims[axis] = max(dims[axis], tensor.shape[axis]) }
    }
    if let length, !dims.isEmpty {
      guard dims[0] <= length else {
        let index = tensors.firstIndex { $0.shape[0] > length } ?? 0
        throw FormatError(
          "\(name) is longer than \(length), to which samples are padded",
          got: "\(tensors[index].type)", at: .part("sample \(index) of the batch"),
          hint: "give a larger length, or cut the samples with map")
      }
      dims[0] = length
    }
    let size = ([tensors.count] + dims).reduce(1) { $0.saturatingMultiply($1) }
    guard size.saturatingMultiply(first.dtype.byteCount) <= byteLimit else {
      throw FormatError(
        "a batch of \(name) is too large", got: "\(first.dtype.rawValue)\([tensors.count] + dims)",
        hint: "make smaller batches")
    }
    if first.dtype == .string { return strings(tensors, Shape([tensors.count] + dims)) }
    let type = TensorType(first.dtype, Shape([tensors.count] + dims))
    if tensors.allSatisfy({ $0.shape.dims == dims }) {
      return Tensor(type) { out in
        var offset = 0
        for tensor in tensors {
          tensor.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: out[offset...]).copyMemory(from: bytes)
            offset += bytes.count
          }
        }
      }
    }
    var result =
      value == 0 ? Tensor(zeros: type) : Tensor(type, repeating: value)
    let width = first.dtype.byteCount
    result.withUnsafeMutableBytes { out in
      for (index, tensor) in tensors.enumerated() {
        tensor.withUnsafeBytes { bytes in
          forEachRun(of: tensor.shape.dims, in: dims) { from, to, count in
            let start = (index * dims.reduce(1, *) + to) * width
            UnsafeMutableRawBufferPointer(rebasing: out[start...]).copyMemory(
              from: UnsafeRawBufferPointer(
                rebasing: bytes[from * width..<(from + count) * width]))
          }
        }
      }
    }
    return result
  }

  private static func strings(_ tensors: [Tensor], _ shape: Shape) -> Tensor {
    var texts = [[UInt8]](repeating: [], count: shape.count)
    let dims = Array(shape.dims.dropFirst()), size = dims.reduce(1, *)
    for (index, tensor) in tensors.enumerated() {
      tensor.withStrings { strings in
        forEachRun(of: tensor.shape.dims, in: dims) { from, to, count in
          for place in 0..<count { texts[index * size + to + place] = Array(strings[from + place]) }
        }
      }
    }
    return Tensor(shape, utf8: texts)
  }

  /// Calls `body` with the places, in elements, of runs of a block of shape `dims` that are runs of
  /// the larger shape `whole` too, in whose first corner the block lies.
  private static func forEachRun(
    of dims: [Int], in whole: [Int], _ body: (_ from: Int, _ to: Int, _ count: Int) -> Void
  ) {
    guard !dims.contains(0) else { return }
    // What comes after the last axis that differs is one run, and so is that axis.
    let axis = dims.indices.last { dims[$0] != whole[$0] } ?? 0
    let run = dims[min(axis, dims.count)...].reduce(1, *)
    let outer = dims[..<min(axis, dims.count)]
    for number in 0..<outer.reduce(1, *) {
      var (rest, to, stride) = (number, 0, whole[min(axis, whole.count)...].reduce(1, *))
      for place in outer.indices.reversed() {
        to += rest % dims[place] * stride
        rest /= dims[place]
        stride *= whole[place]
      }
      body(number * run, to, run)
    }
  }
}
