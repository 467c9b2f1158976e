import NeuralNetworks
import TensorGraph

/// Operations that move elements.
extension GraphExporter {
  func reshape(_ node: AlignedNode) throws -> ExportValue {
    try repeated(node) ?? scope.reshape(operand(node), node.type().sizes)
  }

  /// Elements that are repeated along an axis: opened to two axes, the second one broadcast, and
  /// both made one.
  private func repeated(_ node: AlignedNode) throws -> ExportValue? {
    guard let wide = operation(node.inputs[0], TensorGraph.Broadcast.self),
      let open = operation(wide.inputs[0], TensorGraph.Reshape.self)
    else { return nil }
    let x = graph.type(open.inputs[0]), type = node.type()
    guard [.float32, .float16].contains(x.dtype), x.sizes.count == type.sizes.count,
      x.sizes.count > 1,
      let axis = x.sizes.indices.first(where: { x.sizes[$0] != type.sizes[$0] })
    else { return nil }
    let counts = Extent(
      (0..<graph.count).map { type.sizes[axis].value($0) / max(x.sizes[axis].value($0), 1) })
    guard let count = counts.fixed, count > 1 else { return nil }
    var expected = x.sizes
    expected.insert(.fixed(count), at: axis + 1)
    var opened = x.sizes, result = x.sizes
    opened.insert(.fixed(1), at: axis + 1)
    result[axis] = Extent((0..<graph.count).map { x.sizes[axis].value($0) * count })
    guard graph.type(wide.inputs[0]).sizes == opened,
      graph.type(node.inputs[0]).sizes == expected, type.sizes == result
    else { return nil }
    let scales = x.sizes.indices.map { $0 == axis ? Float(count) : 1 }
    return scope.one(
      "Resize",
      [
        try scope.expanded(value(open.inputs[0])), nil,
        scope.constant(Tensor([scales.count], scales)),
      ],
      [
        "mode": .string("nearest"), "nearest_mode": .string("floor"),
        "coordinate_transformation_mode": .string("asymmetric"),
      ], type)
  }

  func broadcast(_ node: AlignedNode) throws -> ExportValue {
    var x = try operand(node)
    x.sizes = node.type().sizes
    return x
  }

  func slice(_ node: AlignedNode) throws -> ExportValue {
    let of = graph.type(node.inputs[0]).sizes, type = node.type()
    let starts = node.extents(Slice.self, \.starts), strides = node.extents(Slice.self, \.strides)
    if let last = lastSteps[node.inputs[0]], type.sizes.count == 3,
      isLastEntry(starts, type.sizes, of, axis: 1)
    {
      return scope.unsqueeze(last, [1])
    }
    let cut = of.indices.filter {
      starts[$0] != .fixed(0) || strides[$0] != .fixed(1) || type.sizes[$0] != of[$0]
    }
    let x = try full(node)
    guard !cut.isEmpty else { return x }
    let isReversal =
      cut.count == 1 && strides[cut[0]] == .fixed(-1) && type.sizes[cut[0]] == of[cut[0]]
    if isReversal, let known = reversals[x.name], known.axis == cut[0] { return known.of }
    var from: [Extent] = [], to: [Extent] = []
    for axis in cut {
      from.append(counted(starts[axis], of: of[axis]))
      to.append(end(starts[axis], strides[axis], type.sizes[axis], of[axis]))
    }
    let steps = cut.map { strides[$0] }
    let y = scope.one(
      "Slice",
      [x, try scope.sizes(from), try scope.sizes(to), scope.ints(cut)]
        + (steps.allSatisfy { $0 == .fixed(1) } ? [] : [try scope.sizes(steps)]), [:], type)
    if isReversal { reversals[y.name] = (cut[0], x) }
    return y
  }

  /// Whether a slice takes the last entry of `axis`, and all of the others.
  private func isLastEntry(
    _ starts: [Extent], _ sizes: [Extent], _ of: [Extent], axis: Int
  ) -> Bool {
    let traces = 0..<graph.count
    return of.indices.allSatisfy { other in
      other == axis
        ? sizes[axis] == .fixed(1)
          && traces.allSatisfy { starts[axis].value($0) == of[axis].value($0) - 1 }
        : starts[other] == .fixed(0) && sizes[other] == of[other]
    }
  }

  /// An index, from the end of its axis if that is what is fixed.
  private func counted(_ index: Extent, of size: Extent) -> Extent {
    let fromEnd = Extent((0..<graph.count).map { index.value($0) - size.value($0) })
    if index.fixed == nil, let fixed = fromEnd.fixed, fixed < 0 { return fromEnd }
    return index
  }

  /// Where a slice ends.
  private func end(
    _ start: Extent, _ stride: Extent, _ count: Extent, _ size: Extent
  ) -> Extent {
    let traces = 0..<graph.count
    let ends = traces.map {
      count.value($0) == 0
        ? start.value($0)
        : start.value($0) + (count.value($0) - 1) * stride.value($0)
          + (stride.value($0) < 0 ? -1 : 1)
    }
    let goesToEnd = traces.allSatisfy {
      let stride = stride.value($0)
      let next = start.value($0) + count.value($0) * stride
      return count.value($0) > 0 && (stride > 0 ? next >= size.value($0) : next < 0)
    }
    if goesToEnd { return .fixed((stride.value(0)) < 0 ? -Int.max : Int.max) }
    return counted(Extent(ends), of: size)
  }

  func unslice(_ node: AlignedNode) throws -> ExportValue {
    let type = node.type(), traces = 0..<graph.count
    let starts = node.extents(Unslice.self, \.slice.starts)
    let strides = node.extents(Unslice.self, \.slice.strides)
    var x = try full(node), low = starts
    for axis in strides.indices {
      guard let stride = strides[axis].fixed else { continue }
      let count = x.sizes[axis]
      if stride < 0 {
        x = scope.one(
          "Slice",
          [x, scope.ints([-1]), scope.ints([-Int.max]), scope.ints([axis]), scope.ints([-1])], [:],
          x.type)
        low[axis] = Extent(
          traces.map { starts[axis].value($0) + (count.value($0) - 1) * stride })
      }
      if stride.magnitude > 1 { x = try spread(x, axis, Int(stride.magnitude)) }
    }
    let high = type.sizes.indices.map { axis in
      Extent(
        traces.map {
          type.sizes[axis].value($0) - low[axis].value($0) - x.sizes[axis].value($0)
        })
    }
    guard (low + high).contains(where: { $0 != .fixed(0) }) else { return x }
    let isBool = x.dtype == .bool
    let padded = scope.one(
      "Pad", [isBool ? scope.cast(x, .int32) : x, try scope.sizes(low + high)], [:],
      ExportType(isBool ? .int32 : x.dtype, type.sizes))
    return scope.cast(padded, x.dtype)
  }

  /// With `stride − 1` zeros between the entries of an axis.
  private func spread(_ x: ExportValue, _ axis: Int, _ stride: Int) throws -> ExportValue {
    func times(_ size: Extent, _ factor: Int, less: Int = 0) -> Extent {
      Extent((0..<graph.count).map { size.value($0) * factor - less })
    }
    let wide = scope.unsqueeze(x, [axis + 1])
    var low = wide.sizes.map { _ in 0 }, high = low
    low = low.map { _ in 0 }
    high[axis + 1] = stride - 1
    var sizes = wide.sizes
    sizes[axis + 1] = .fixed(stride)
    let padded = scope.one(
      "Pad", [wide, scope.ints(low + high)], [:], ExportType(x.dtype, sizes))
    var merged = x.sizes
    merged[axis] = times(x.sizes[axis], stride)
    // Built by hand, since the size of the axis is known nowhere else.
    let target = merged.enumerated().map { place, size in
      place == axis ? -1 : size.fixed ?? 0
    }
    let flat = scope.one(
      "Reshape", [padded, scope.ints(target)], [:], ExportType(x.dtype, merged))
    return try scope.slice(
      flat, axis: axis, from: 0, to: -(stride - 1),
      size: times(x.sizes[axis], stride, less: stride - 1))
  }
}
