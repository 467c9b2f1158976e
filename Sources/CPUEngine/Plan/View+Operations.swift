import TensorGraph

extension TensorGraph.Operation {
  /// Whether the result lies in the memory of the operand.
  var isView: Bool { self is Reshape || self is Transpose || self is Broadcast || self is Slice }

  /// The part of `view` that the operation looks at.
  func view(of view: View, _ type: TensorType) -> View {
    var result = view
    switch self {
    case let operation as Transpose:
      result.dims = operation.permutation.map { view.dims[$0] }
      result.strides = operation.permutation.map { view.strides[$0] }
    case let operation as Slice:
      result.dims = operation.sizes
      result.offset += zip(operation.starts, view.strides).reduce(0) { $0 + $1.0 * $1.1 }
      result.strides = zip(operation.strides, view.strides).map { $0 * $1 }
    default: result = view.broadcast(to: type.shape)
    }
    return result
  }
}

extension View {
  /// The elements repeated along axes of size 1 and along new leading axes.
  func broadcast(to shape: Shape) -> View {
    guard dims != shape.dims else { return self }
    var result = self
    let lead = shape.rank - dims.count
    result.dims = shape.dims
    if lead >= 0 {
      result.strides = shape.dims.indices.map {
        $0 < lead || dims[$0 - lead] == 1 && shape.dims[$0] != 1 ? 0 : strides[$0 - lead]
      }
    } else {  // only axes of size 1 can be missing
      let kept = dims.indices.filter { dims[$0] != 1 }
      let axes = shape.dims.indices.filter { shape.dims[$0] != 1 }
      result.strides = shape.dims.map { _ in 0 }
      for (axis, own) in zip(axes, kept) { result.strides[axis] = strides[own] }
    }
    return result
  }

  /// Whether the innermost axis that matters repeats or runs through memory in order, so that
  /// reading it in place is as good as reading a copy.
  var isReadInOrder: Bool {
    for (size, stride) in zip(dims, strides).reversed() where size != 1 {
      return stride == 0 || stride == 1
    }
    return true
  }

  /// The axes with sizes and strides, without those of size 1 and with neighbors that run on
  /// merged.
  var collapsed: [(size: Int, stride: Int)] {
    var axes: [(size: Int, stride: Int)] = []
    for (size, stride) in zip(dims, strides) where size != 1 {
      if let last = axes.last, last.stride == stride * size {
        axes[axes.count - 1] = (last.size * size, stride)
      } else {
        axes.append((size, stride))
      }
    }
    return axes
  }
}
