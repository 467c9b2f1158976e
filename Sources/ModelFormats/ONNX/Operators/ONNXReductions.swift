import TensorGraph

extension ONNXOperator {
  /// Sums, extremes and the like along axes.
  static let reductions: [String: ONNXOperator] = [
    "ReduceSum": reduction { $0.sum(axes: $1, keepDims: true) },
    "ReduceMean": reduction(inFloat: true) { $0.mean(axes: $1, keepDims: true) },
    "ReduceProd": reduction { $0.product(axes: $1, keepDims: true) },
    "ReduceMax": reduction(ofNothing: -.infinity) { $0.max(axes: $1, keepDims: true) },
    "ReduceMin": reduction(ofNothing: .infinity) { $0.min(axes: $1, keepDims: true) },
    "ReduceL1": reduction { abs($0).sum(axes: $1, keepDims: true) },
    "ReduceL2": reduction(inFloat: true) { sqrt(square($0).sum(axes: $1, keepDims: true)) },
    "ReduceSumSquare": reduction { square($0).sum(axes: $1, keepDims: true) },
    "ReduceLogSum": reduction(inFloat: true) { log($0.sum(axes: $1, keepDims: true)) },
    "ReduceLogSumExp": reduction(inFloat: true, ofNothing: -.infinity) { x, axes in
      // Nothing overflows once the largest is subtracted; one that is infinite stays where it is.
      let largest = stopGradient(x.max(axes: axes, keepDims: true))
      let shift = select(isFinite(largest), largest, 0)
      return log(exp(x - shift).sum(axes: axes, keepDims: true)) + shift
    },
    "ArgMax": ONNXOperator { try $0.extreme { $0.argmax(axis: $1) } },
    "ArgMin": ONNXOperator { try $0.extreme { $0.argmin(axis: $1) } },
    "CumSum": ONNXOperator { call in
      let x = try call.x(0), axis = try call.axis(call.integer(1), rank: x.shape.rank)
      return try call.result(
        x.cumulativeSum(
          axis: axis, exclusive: call.bool("exclusive"), reverse: call.bool("reverse")))
    },
    "CumProd": ONNXOperator { call in
      let given = try call.x(0), axis = try call.axis(call.integer(1), rank: given.shape.rank)
      let isReversed = call.bool("reverse")
      let x = isReversed ? given.reversed(axis: axis) : given
      let y = x.cumulativeProduct(axis: axis, exclusive: call.bool("exclusive"))
      return try call.result(isReversed ? y.reversed(axis: axis) : y)
    },
  ]

  /// An operator that reduces axes, which `body` keeps with size 1.
  ///
  /// With `inFloat` integers are computed as floating-point numbers, and cut off then. `ofNothing` is
  /// the reduction of no elements, if `body` does not say it.
  private static func reduction(
    inFloat: Bool = false, ofNothing: Double? = nil,
    _ body: @escaping @Sendable (Symbol, [Int]) -> Symbol
  ) -> ONNXOperator {
    ONNXOperator { call in
      let x = try call.held(0), shape = x.shape
      let given = try call.axes(rank: x.rank) ?? []
      let isNothing = given.isEmpty && call.bool("noop_with_empty_axes")
      let axes = Set(given.isEmpty && !isNothing ? Array(0..<x.rank) : given)
      var y: Symbol
      if let ofNothing, shape.count == 0 {
        let sizes = shape.dims.indices.map { axes.contains($0) ? 1 : shape[$0] }
        let dtype = x.symbol.dtype
        let number = dtype == .bool ? (ofNothing > 0 ? 1 : 0) : ofNothing
        y = call.trace.constant(dtype.rounding(number), Shape(sizes), dtype: dtype)
        return try call.reduced(HeldTensor(symbol: y, type: x.type, isChannelsLast: false), axes)
      }
      let symbol = x.symbol
      let isWide = inFloat && !symbol.dtype.isFloatingPoint
      y = body(isWide ? symbol.cast(to: .float64) : symbol, axes.map(x.place).sorted())
      y = y.cast(to: symbol.dtype)
      return try call.reduced(
        HeldTensor(symbol: y, type: x.type, isChannelsLast: x.isChannelsLast), axes)
    }
  }
}

extension ONNXCall {
  /// `y`, in which `axes` have size 1, without them unless the node keeps them.
  fileprivate func reduced(_ y: HeldTensor, _ axes: Set<Int>) throws -> [ONNXValue] {
    guard y.symbol.isValid, !bool("keepdims", true) else { return [y.value(y.symbol)] }
    let kept = (0..<y.rank).filter { !axes.contains($0) }, shape = y.shape
    let symbol = y.isChannelsLast ? y.symbol.channelsFirst : y.symbol
    return try result(symbol.reshaped(Shape(kept.map { shape[$0] })), y.type)
  }

  /// The places of extremes along an axis: the first of equal ones unless the node says the last.
  fileprivate func extreme(_ body: (Symbol, Int) -> Symbol) throws -> [ONNXValue] {
    let x = try x(0), axis = try axis(0, of: x.shape), size = x.shape[axis]
    var places: Symbol
    if bool("select_last_index") {
      places = Double(size - 1) - body(x.reversed(axis: axis), axis)
    } else {
      places = body(x, axis)
    }
    places = places.cast(to: .int64)
    return try result(bool("keepdims", true) ? places.expandingDims(at: axis) : places, .int64)
  }
}
