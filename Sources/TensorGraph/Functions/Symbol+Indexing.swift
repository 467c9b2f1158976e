extension Symbol {
  /// The entries of `axis` that `indices`, integers, name.
  ///
  ///     [before…, size, after…] at [indices…] → [before…, indices…, after…]
  ///
  /// Where an index is out of range, and negative ones are, floats are NaN and integers 0.
  public func gathered(at indices: Symbol, axis: Int = 0) -> Symbol {
    trace.emit(Gather(axis: shape.axis(axis) ?? axis), [self, indices])
  }

  /// Element by element, the entry of `axis` that `indices` name.
  ///
  ///     y[…, i, …] = x[…, indices[…, i, …], …]
  ///
  /// `indices` are integers of the shape of this symbol but for `axis`. Where an index is out of
  /// range, and negative ones are, floats are NaN and integers 0.
  public func gathered(along axis: Int, at indices: Symbol) -> Symbol {
    trace.emit(GatherAlong(axis: shape.axis(axis) ?? axis), [self, indices])
  }

  /// Zeros, with the entries of this symbol added at `indices` of `axis`, whose size is `size`.
  ///
  ///     [before…, indices…, after…] at [indices…] → [before…, size, after…]
  ///
  /// Entries out of range are dropped.
  public func scattered(at indices: Symbol, axis: Int = 0, size: Int) -> Symbol {
    trace.emit(ScatterAdd(axis: axis, size: size), [self, indices])
  }

  /// Zeros, with the elements of this symbol added where `indices` say along `axis`, whose size
  /// is `size`. Elements out of range are dropped.
  public func scattered(along axis: Int, at indices: Symbol, size: Int) -> Symbol {
    trace.emit(ScatterAlong(axis: shape.axis(axis) ?? axis, size: size), [self, indices])
  }

  /// In order along `axis`: ascending with NaN last, or descending with NaN first.
  ///
  /// The order is stable: equal elements stay in theirs.
  public func sorted(axis: Int = -1, descending: Bool = false) -> Symbol {
    sortedWithIndices(axis: axis, descending: descending).values
  }

  /// Where the elements in order along `axis` come from: `int32`, equal elements in their order.
  public func argsort(axis: Int = -1, descending: Bool = false) -> Symbol {
    sortedWithIndices(axis: axis, descending: descending).indices
  }

  /// In order along `axis`, and where each element comes from.
  public func sortedWithIndices(
    axis: Int = -1, descending: Bool = false
  ) -> (values: Symbol, indices: Symbol) {
    let y = trace.emit(
      Sort(axis: shape.axis(axis) ?? axis, descending: descending), [self], results: 2)
    return (y[0], y[1])
  }

  /// The `k` largest elements of the last axis, the largest first, and where each comes from.
  ///
  /// Of equal elements the one with the lower index is first; NaN is larger than any number.
  public func topK(_ k: Int) -> (values: Symbol, indices: Symbol) {
    let y = trace.emit(TopK(k: k), [self], results: 2)
    return (y[0], y[1])
  }

  /// The sum of the elements up to each along `axis`; with `exclusive`, without that one.
  ///
  /// With `reverse` the sum runs from the end.
  public func cumulativeSum(axis: Int, exclusive: Bool = false, reverse: Bool = false) -> Symbol {
    trace.emit(
      CumulativeSum(axis: shape.axis(axis) ?? axis, exclusive: exclusive, reverse: reverse),
      [self])
  }

  /// The product of the elements up to each along `axis`; with `exclusive`, without that one.
  public func cumulativeProduct(axis: Int, exclusive: Bool = false) -> Symbol {
    guard isValid else { return self }
    guard let axis = shape.axis(axis) else {
      return trace.fail("\(shape) has no axis \(axis)", operands: [type])
    }
    let size = shape[axis]
    /// `x` moved on by `steps`, with ones before.
    func shifted(_ x: Symbol, by steps: Int) -> Symbol {
      var before = shape
      before[axis] = steps
      let ones = trace.constant(1, before, dtype: dtype)
      return concatenate([ones, x.sliced(axis: axis, 0..<size - steps)], axis: axis)
    }
    // Products over the last 1, 2, 4, … elements: no division, so zeros are fine.
    var y = self
    var step = 1
    while step < size {
      y = y * shifted(y, by: step)
      step *= 2
    }
    return exclusive && size > 0 ? shifted(y, by: 1) : y
  }
}

/// 1 at the index of a new last axis of size `depth`, and 0 elsewhere.
///
///     [indices…] → [indices…, depth]
///
/// An index out of range gives zeros only.
public func oneHot(_ indices: Symbol, depth: Int, dtype: DType = .float32) -> Symbol {
  guard indices.isValid else { return indices }
  guard depth >= 0 else {
    return indices.trace.fail("oneHot with a depth of \(depth)", operands: [indices.type])
  }
  let classes = indices.trace.iota([depth], axis: 0, dtype: indices.dtype)
  return (indices.expandingDims(at: -1) .== classes).cast(to: dtype)
}
