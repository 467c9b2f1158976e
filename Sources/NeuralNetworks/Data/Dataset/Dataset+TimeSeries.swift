import TensorGraph

extension Dataset {
  /// Creates the windows of a time series, as Keras's `timeseries_dataset_from_array`.
  ///
  ///     // Ten steps of the past, and the step after them to be predicted.
  ///     let dataset = try Dataset(
  ///       timeSeries: series.rows(0..<990), targets: series.rows(10..<1000), sequenceLength: 10)
  ///
  /// The window at `i` holds the steps `i`, `i + samplingRate`, … of the data, and its target is the
  /// entry `i` of `targets`; the next window begins at `i + sequenceStride`. Windows share the
  /// memory of the series until they become a batch.
  ///
  /// - Parameters:
  ///   - data: `[time, …]`; windows are `[sequenceLength, …]`.
  ///   - targets: `[time, …]`, one for each step at which a window begins; windows without one are
  ///     left out.
  ///   - sequenceLength: The number of steps of a window.
  ///   - sequenceStride: How many steps after another a window begins.
  ///   - samplingRate: How many steps lie between two steps of a window.
  ///   - startIndex: The first step that is used.
  ///   - endIndex: The step before which the last window ends.
  /// - Throws: when a number makes no sense, or there is no window.
  public init(
    timeSeries data: Tensor, targets: Tensor? = nil, sequenceLength: Int, sequenceStride: Int = 1,
    samplingRate: Int = 1, startIndex: Int? = nil, endIndex: Int? = nil
  ) throws(FormatError) {
    for (name, value) in [
      ("sequenceLength", sequenceLength), ("sequenceStride", sequenceStride),
      ("samplingRate", samplingRate),
    ] where value < 1 {
      throw FormatError("\(name) is at least 1", got: "\(value)")
    }
    for (name, tensor) in [("a time series", data), ("targets", targets ?? data)]
    where tensor.shape.rank == 0 {
      throw FormatError("\(name) has no axis of time", got: "\(tensor.type)")
    }
    let steps = data.shape[0]
    let (start, end) = (startIndex ?? 0, endIndex ?? steps)
    guard 0 <= start, start < end, end <= steps else {
      throw FormatError(
        "startIndex and endIndex mark a part of the \(steps) steps",
        got: "startIndex \(start), endIndex \(end)")
    }
    let span = (sequenceLength - 1).saturatingMultiply(samplingRate)
    var places = end - start > span ? end - start - span : 0
    // A target for each, counted from the same step.
    if let targets { places = min(places, max(targets.shape[0] - start, 0)) }
    guard places > 0 else {
      throw FormatError(
        "the time series is shorter than a window",
        got: "\(end - start) steps, windows of \(span.saturatingAdd(1))"
          + (targets.map { ", \(max($0.shape[0] - start, 0)) targets" } ?? ""),
        hint: "make sequenceLength or samplingRate smaller")
    }
    self.init(
      WindowNode(
        data: data, targets: targets, length: sequenceLength, stride: sequenceStride,
        rate: samplingRate, start: start, windowCount: (places - 1) / sequenceStride + 1))
  }
}

/// Windows of a time series.
private struct WindowNode: DatasetNode {
  let data: Tensor
  let targets: Tensor?
  let length: Int
  let stride: Int
  let rate: Int
  let start: Int
  let windowCount: Int

  var count: ElementCount { .finite(windowCount) }
  var isIndexed: Bool { true }

  func element(_ index: Int, _ pass: Pass) -> Sample {
    let batch = stacked([index], pass)
    return batch.mapTensors { $0.reshaped(Shape(Array($0.shape.dims.dropFirst()))) }
  }

  func stacked(_ indices: [Int], _: Pass) -> Sample {
    let starts = indices.map { start + $0 * stride }
    let rows = starts.flatMap { first in (0..<length).map { first + $0 * rate } }
    let shape = Shape([indices.count, length] + data.shape.dims.dropFirst())
    return Sample(
      inputs: [data.gathered(rows).reshaped(shape)],
      targets: targets.map { [$0.gathered(starts)] } ?? [])
  }
}

extension Tensor {
  /// The entries `rows` of the first axis.
  fileprivate func gathered(_ rows: [Int]) -> Tensor {
    if dtype == .string { return stringRows(rows) }
    return Tensor(type(samples: rows.count)) { bytes in
      rows.map { Int32(truncatingIfNeeded: $0) }.withUnsafeBufferPointer {
        copyRows($0, to: bytes)
      }
    }
  }
}
