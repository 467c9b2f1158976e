import NeuralNetworks
import TensorGraph

/// Operators that change no element.
extension ExportScope {
  /// The value stored with all of its sizes.
  func expanded(_ x: ExportValue) throws -> ExportValue {
    guard x.stored != x.sizes else { return x }
    let lead = x.sizes.count - x.stored.count
    // `Expand` broadcasts both ways, so sizes that are there already need not be known.
    let target = x.sizes.enumerated().map { axis, size in
      axis >= lead && x.stored[axis - lead] == size ? Extent.fixed(1) : size
    }
    if let tensor = file.tensor(x.name), tensor.count == 1, x.sizes.allSatisfy({ $0.fixed != nil }),
      let shape = x.type.shape, shape.count <= 256
    {
      return constant(Tensor(TensorType(x.dtype, shape), repeating: tensor.number))
    }
    return one("Expand", [x, try sizes(target)], [:], x.type)
  }

  func cast(_ x: ExportValue, _ dtype: DType) -> ExportValue {
    guard x.dtype != dtype else { return x }
    var result = one(
      "Cast", [x], ["to": .int(Int(ONNXType(dtype).rawValue))], ExportType(dtype, x.stored))
    result.sizes = x.sizes
    return result
  }

  func transpose(_ x: ExportValue, _ order: [Int]) throws -> ExportValue {
    let x = try expanded(x)
    guard order != Array(order.indices) else { return x }
    if let tensor = file.tensor(x.name), let label = file.constants[x.name]?.label {
      return constant(tensor.permuted(order), label: label)
    }
    return one(
      "Transpose", [x], ["perm": .ints(order)],
      ExportType(x.dtype, order.map { x.sizes[$0] }))
  }

  func reshape(_ x: ExportValue, _ sizes: [Extent]) throws -> ExportValue {
    guard x.sizes != sizes else { return x }
    let x = try expanded(x)
    let type = ExportType(x.dtype, sizes)
    if let tensor = file.tensor(x.name), let shape = type.shape,
      let label = file.constants[x.name]?.label
    {
      return constant(tensor.reshaped(shape), label: label)
    }
    if let axes = removedOnes(x.sizes, sizes) { return squeeze(x, axes) }
    if let axes = removedOnes(sizes, x.sizes) { return unsqueeze(x, axes) }
    if sizes.count == 2, x.rank > 2, sizes[0] == x.sizes[0] {
      return one("Flatten", [x], ["axis": .int(1)], type)
    }
    var target: [Extent] = [], isFree = true
    for (axis, size) in sizes.enumerated() {
      if size.fixed != nil {
        target.append(size)
      } else if axis < x.rank, x.sizes[axis] == size {
        target.append(.fixed(0))  // that of the operand
      } else if isFree {
        target.append(.fixed(-1))
        isFree = false
      } else {
        target.append(size)
      }
    }
    // A fixed size of 0 would be read as that of the operand.
    let hasZero = sizes.contains(.fixed(0))
    return one(
      "Reshape", [x, try self.sizes(hasZero ? sizes : target)],
      hasZero ? ["allowzero": .int(1)] : [:], type)
  }

  func squeeze(_ x: ExportValue, _ axes: [Int]) -> ExportValue {
    let sizes = x.sizes.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
    return one("Squeeze", [x, ints(axes)], [:], ExportType(x.dtype, sizes))
  }

  /// With axes of size 1 at the places that `axes` are in the result.
  func unsqueeze(_ x: ExportValue, _ axes: [Int]) -> ExportValue {
    var sizes = x.sizes
    for axis in axes { sizes.insert(.fixed(1), at: axis) }
    return one("Unsqueeze", [x, ints(axes)], [:], ExportType(x.dtype, sizes))
  }

  /// The axes of size 1 of `sizes` without which it is `rest`.
  private func removedOnes(_ sizes: [Extent], _ rest: [Extent]) -> [Int]? {
    guard sizes.count > rest.count else { return nil }
    var axes: [Int] = [], place = 0
    for (axis, size) in sizes.enumerated() {
      if place < rest.count, rest[place] == size {
        place += 1
      } else if size == .fixed(1) {
        axes.append(axis)
      } else {
        return nil
      }
    }
    return place == rest.count ? axes : nil
  }

  func concat(_ x: [ExportValue], axis: Int, _ type: ExportType) throws -> ExportValue {
    one("Concat", try x.map(expanded), ["axis": .int(axis)], type)
  }

  /// The part of an axis from `start` up to `end`; nothing is the end of the axis.
  func slice(
    _ x: ExportValue, axis: Int, from start: Int, to end: Int?, size: Extent
  ) throws -> ExportValue {
    var type = x.type
    type.sizes[axis] = size
    return one(
      "Slice", [try expanded(x), ints([start]), ints([end ?? Int.max]), ints([axis])], [:], type)
  }
}

extension Tensor {
  /// The elements with the axes in another order: axis `i` is axis `order[i]` of this one.
  func permuted(_ order: [Int]) -> Tensor {
    let shape = Shape(order.map { self.shape[$0] })
    let strides = order.map { self.shape.strides[$0] }, width = dtype.byteCount
    return Tensor(TensorType(dtype, shape)) { target in
      withUnsafeBytes { source in
        guard let from = source.baseAddress, let to = target.baseAddress, count > 0 else { return }
        let inner = shape.dims.last ?? 1, step = (strides.last ?? 0) * width
        var index = [Int](repeating: 0, count: max(order.count - 1, 0)), offset = 0, place = 0
        while place < count {
          for i in 0..<inner {
            (to + (place + i) * width).copyMemory(from: from + offset + i * step, byteCount: width)
          }
          place += inner
          var axis = index.count - 1
          while axis >= 0 {
            index[axis] += 1
            offset += strides[axis] * width
            if index[axis] < shape[axis] { break }
            offset -= index[axis] * strides[axis] * width
            index[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }
}
