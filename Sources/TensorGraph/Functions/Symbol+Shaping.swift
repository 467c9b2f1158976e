extension Symbol {
  /// The same elements in another shape; one size may be −1 and follows from the others.
  public func reshaped(_ shape: Shape) -> Symbol {
    guard isValid, shape != self.shape else { return self }
    var shape = shape
    if let open = shape.dims.firstIndex(of: -1) {
      let rest = shape.dims.enumerated().reduce(1) { $1.offset == open ? $0 : $0 * $1.element }
      guard rest > 0, self.shape.count % rest == 0 else {
        return trace.fail("cannot reshape \(self.shape) to \(shape)", operands: [type])
      }
      shape[open] = self.shape.count / rest
    }
    return trace.emit(Reshape(shape: shape), [self])
  }

  /// The axes in another order: axis `i` of the result is axis `permutation[i]` of this one.
  public func transposed(_ permutation: [Int]) -> Symbol {
    permutation == Array(0..<shape.rank)
      ? self : trace.emit(Transpose(permutation: permutation), [self])
  }

  /// With the last two axes exchanged.
  public func transposed() -> Symbol {
    guard isValid, shape.rank >= 2 else { return self }
    var order = Array(0..<shape.rank)
    order.swapAt(shape.rank - 1, shape.rank - 2)
    return transposed(order)
  }

  /// Repeated along axes of size 1 until it fills `shape`.
  public func broadcast(to shape: Shape) -> Symbol {
    !isValid || shape == self.shape ? self : trace.emit(Broadcast(shape: shape), [self])
  }

  /// With a new axis of size 1 before `axis`; a negative one counts from the end of the result.
  public func expandingDims(at axis: Int) -> Symbol {
    isValid ? reshaped(shape.inserting(1, at: axis)) : self
  }

  /// Without `axis`, whose size is 1.
  public func squeezed(_ axis: Int) -> Symbol { isValid ? reshaped(shape.removing(axis)) : self }

  /// The part `range` of `axis`, every `stride`-th index of it.
  public func sliced(axis: Int, _ range: Range<Int>, stride: Int = 1) -> Symbol {
    guard isValid else { return self }
    guard let axis = shape.axis(axis) else {
      return trace.fail("\(shape) has no axis \(axis)", operands: [type])
    }
    if stride == 1, range == 0..<shape[axis] { return self }
    var starts = shape.dims.map { _ in 0 }, sizes = shape.dims, strides = shape.dims.map { _ in 1 }
    (starts[axis], strides[axis]) = (range.lowerBound, stride)
    sizes[axis] = (range.count + stride - 1) / stride
    return trace.emit(Slice(starts: starts, sizes: sizes, strides: strides), [self])
  }

  /// Entry `index` of `axis`, which is dropped; a negative index counts from the end.
  public func entry(_ index: Int, axis: Int) -> Symbol {
    guard isValid, let axis = shape.axis(axis) else { return self }
    let index = index < 0 ? index + shape[axis] : index
    return sliced(axis: axis, index..<index + 1).squeezed(axis)
  }

  /// In reverse order along `axis`.
  public func reversed(axis: Int) -> Symbol {
    guard isValid, let axis = shape.axis(axis) else { return self }
    var starts = shape.dims.map { _ in 0 }, strides = shape.dims.map { _ in 1 }
    (starts[axis], strides[axis]) = (Swift.max(shape[axis] - 1, 0), -1)
    return trace.emit(Slice(starts: starts, sizes: shape.dims, strides: strides), [self])
  }

  /// With `low` and `high` elements of value `number` added before and after each axis.
  public func padded(low: [Int], high: [Int], with number: Double = 0) -> Symbol {
    guard isValid, low != high || low.contains(where: { $0 != 0 }) else { return self }
    let shape = Shape(zip(self.shape.dims, zip(low, high)).map { $0 + $1.0 + $1.1 })
    let slice = Slice(starts: low, sizes: self.shape.dims, strides: low.map { _ in 1 })
    let padded = trace.emit(Unslice(slice: slice, shape: shape), [self])
    guard number != 0, padded.isValid else { return padded }
    let inside = trace.emit(
      Unslice(slice: slice, shape: shape), [trace.constant(1, self.shape, dtype: dtype)])
    return padded + number * (1 - inside)
  }

  /// Cut along `axis` into `count` parts of equal size.
  public func split(_ count: Int, axis: Int) -> [Symbol] {
    guard isValid else { return Array(repeating: self, count: count) }
    guard let axis = shape.axis(axis), count > 0, shape[axis] % count == 0 else {
      let mistake = trace.fail(
        "cannot split axis \(axis) of \(shape) into \(count) equal parts", operands: [type])
      return Array(repeating: mistake, count: count)
    }
    let size = shape[axis] / count
    return (0..<count).map { sliced(axis: axis, $0 * size..<($0 + 1) * size) }
  }
}

/// The symbols one after another along `axis`.
public func concatenate(_ x: [Symbol], axis: Int) -> Symbol {
  guard x.allSatisfy(\.isValid) else { return x[0].trace.invalid }
  let dtype = x.dropFirst().reduce(x[0].dtype) { $0.promoted(with: $1.dtype) }
  return x[0].trace.emit(
    Concatenate(axis: x[0].shape.axis(axis) ?? axis), x.map { $0.cast(to: dtype) })
}

/// The symbols, all of one shape, along a new axis.
public func stack(_ x: [Symbol], axis: Int = 0) -> Symbol {
  concatenate(x.map { $0.expandingDims(at: axis) }, axis: axis)
}
