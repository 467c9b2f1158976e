import NeuralNetworks
import TensorGraph

/// Windows over images. Ours have the channels last, ONNX's first: transposes are put around each
/// node, and most of them meet their inverses later.
extension GraphExporter {
  /// `[batch, spatial…, channels]` as `[batch, channels, spatial…]`.
  private func channelsFirst(_ x: ExportValue) throws -> ExportValue {
    try scope.transpose(x, [0, x.rank - 1] + Array(1..<x.rank - 1))
  }

  private func channelsLast(_ x: ExportValue) throws -> ExportValue {
    try scope.transpose(x, [0] + Array(2..<x.rank) + [1])
  }

  private func channelsFirst(_ type: ExportType) -> ExportType {
    let sizes = type.sizes
    return ExportType(type.dtype, [sizes[0], sizes[sizes.count - 1]] + sizes[1..<sizes.count - 1])
  }

  func convolution(_ node: AlignedNode, _ operation: Convolution) throws -> ExportValue {
    let windows = node.attributes(Convolution.self, \.window)
    var attributes = self.attributes(of: windows[0])
    attributes["group"] = .int(operation.groups)
    let x = try channelsFirst(full(node, 0))
    let rank = x.rank, kernel = try full(node, 1)
    guard case .inputGradient = operation.part else {
      let places = graph.type(node.inputs[0]).sizes
      attributes.merge(try padding(of: windows, for: places)) { $1 }
      let weights = try scope.transpose(kernel, [rank - 1, rank - 2] + Array(0..<rank - 2))
      return try channelsLast(
        scope.one("Conv", [x, weights], attributes, channelsFirst(node.type())))
    }
    attributes.merge(try transposedPadding(node, windows)) { $1 }
    let weights = try scope.transpose(kernel, [rank - 1, rank - 2] + Array(0..<rank - 2))
    return try channelsLast(
      scope.one("ConvTranspose", [x, weights], attributes, channelsFirst(node.type())))
  }

  private func attributes(of window: Window) -> [String: ExportAttribute] {
    var result: [String: ExportAttribute] = [
      "kernel_shape": .ints(window.sizes), "strides": .ints(window.strides),
    ]
    if window.dilations.contains(where: { $0 != 1 }) {
      result["dilations"] = .ints(window.dilations)
    }
    return result
  }

  /// The padding of a window over images of `sizes`, which may follow from open sizes.
  private func padding(
    of windows: [Window], for sizes: [Extent]
  ) throws -> [String: ExportAttribute] {
    let spatial = Array(sizes[1..<sizes.count - 1])
    let fixed = windows.allSatisfy { $0.low == windows[0].low && $0.high == windows[0].high }
    let plain: [String: ExportAttribute] =
      (windows[0].low + windows[0].high).allSatisfy { $0 == 0 }
      ? [:] : ["pads": .ints(windows[0].low + windows[0].high)]
    if fixed, zip(spatial, windows[0].strides).allSatisfy({ $0.fixed != nil || $1 == 1 }) {
      return plain
    }
    let isSame = windows.enumerated().allSatisfy { trace, window in
      let same = window.padded(.same, for: spatial.map { $0.value(trace) })
      return same.low == window.low && same.high == window.high
    }
    let isPadded = windows.contains { ($0.low + $0.high).contains { $0 != 0 } }
    if isSame, isPadded { return ["auto_pad": .string("SAME_UPPER")] }
    if fixed { return plain }
    throw scope.openSizeMistake(windows.map { Double(($0.low + $0.high).reduce(0, +)) })
  }

  /// The padding of a transposed convolution, and what its last window does not reach.
  private func transposedPadding(
    _ node: AlignedNode, _ windows: [Window]
  ) throws -> [String: ExportAttribute] {
    let window = windows[0], traces = 0..<graph.count
    let input = graph.type(node.inputs[0]).sizes, output = node.type().sizes
    var rests: [Int] = []
    for axis in window.sizes.indices {
      let rest = Extent(
        traces.map { trace in
          let window = windows[trace]
          return output[axis + 1].value(trace)
            - (window.strides[axis] * (input[axis + 1].value(trace) - 1)
              + window.effectiveSizes[axis] - window.low[axis] - window.high[axis])
        })
      let isFixed = windows.allSatisfy { $0.low == window.low && $0.high == window.high }
      guard let fixed = rest.fixed, isFixed else {
        throw scope.openSizeMistake(rest.values(graph.count).map(Double.init))
      }
      rests.append(fixed)
    }
    var result: [String: ExportAttribute] = [:]
    if (window.low + window.high).contains(where: { $0 != 0 }) {
      result["pads"] = .ints(window.low + window.high)
    }
    if rests.contains(where: { $0 != 0 }) { result["output_padding"] = .ints(rests) }
    return result
  }

  func maxPooling(_ node: AlignedNode) throws -> [ExportValue] {
    guard !isUsed(ValueID(node.index, 1)) else {
      throw UnsupportedOperation.error([("the places of the largest elements", node.path)], model)
    }
    return [try pooled("MaxPool", node, node.attributes(MaxPooling.self, \.window))]
  }

  func averagePooling(_ node: AlignedNode) throws -> ExportValue {
    try pooled("AveragePool", node, node.attributes(AveragePooling.self, \.window))
  }

  private func pooled(
    _ type: String, _ node: AlignedNode, _ windows: [Window]
  ) throws -> ExportValue {
    let x = try full(node), dtype = x.dtype
    let isInteger = [.int32, .int64, .bool].contains(dtype)
    var attributes = attributes(of: windows[0])
    attributes.merge(try padding(of: windows, for: x.sizes)) { $1 }
    var result = channelsFirst(node.type())
    if isInteger { result.dtype = .float64 }
    let y = scope.one(
      type, [try channelsFirst(isInteger ? scope.cast(x, .float64) : x)], attributes, result)
    return scope.cast(try channelsLast(y), dtype)
  }
}
