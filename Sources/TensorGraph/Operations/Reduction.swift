/// A reduction over some axes, which stay with size 1.
public struct Reduction: SingleResultOperation {
  /// What the elements are reduced by.
  public enum Kind: String, CaseIterable, Sendable {
    case sum, product, max, min
  }
  /// What the elements are reduced by.
  public let kind: Kind
  /// The axes, increasing.
  public let axes: [Int]

  /// Creates the reduction over `axes`, which increase.
  public init(kind: Kind, axes: [Int]) {
    self.kind = kind
    self.axes = axes
  }

  public var name: String { "\(kind.rawValue) axes \(axes)" }

  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    var type = x[0]
    for axis in axes {
      guard (0..<type.shape.rank).contains(axis) else {
        throw ShapeError("\(kind) over axis \(axis) of a tensor with \(type.shape.rank) axes")
      }
      type.shape[axis] = 1
    }
    guard kind == .sum || kind == .product || x[0].shape.count > 0 else {
      throw ShapeError("the \(kind) of no elements is not defined")
    }
    return type
  }

  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    let x = x[0]
    switch kind {
    case .sum: return [dy.broadcast(to: x.shape)]
    case .max, .min:  // equal extremes share the derivative
      let chosen = (x .== y).cast(to: dy.dtype)
      return [dy * chosen / chosen.reduced(.sum, axes)]
    case .product: return [dy * productOfOthers(x)]
    }
  }

  /// For each element the product of all others that it is multiplied with: without a division,
  /// so zeros are fine, and the derivatives of any order are right.
  private func productOfOthers(_ x: Symbol) -> Symbol {
    guard x.shape.count > 0 else { return x }
    let order = x.shape.dims.indices.filter { !axes.contains($0) } + axes
    let moved = x.transposed(order)
    let lines = moved.reshaped(Shape(moved.shape.dims.dropLast(axes.count) + [-1]))
    let before = lines.cumulativeProduct(axis: -1, exclusive: true)
    let after = lines.reversed(axis: -1).cumulativeProduct(axis: -1, exclusive: true)
    let others = (before * after.reversed(axis: -1)).reshaped(moved.shape)
    return others.transposed(order.indices.map { axis in order.firstIndex(of: axis) ?? axis })
  }

  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let start: Double =
      switch kind {
      case .sum: 0
      case .product: 1
      case .max: -.infinity
      case .min: .infinity
      }
    var y = ReferenceTensor(type.shape, repeating: start)
    var strides = type.shape.strides
    for axis in axes { strides[axis] = 0 }
    var position = 0
    forEachIndex(of: x[0].shape) { index in
      let target = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
      let (a, b) = (y.numbers[target], x[0].numbers[position])
      y.numbers[target] =
        switch kind {
        case .sum: a + b
        case .product: a * b
        case .max: Binary.maximum.value(a, b)
        case .min: Binary.minimum.value(a, b)
        }
      position += 1
    }
    return y
  }
}

/// Where along an axis the extreme is; the first of equal ones, and the first NaN if there is one.
public struct ArgReduction: SingleResultOperation {
  /// Whether the largest element is sought, not the smallest.
  public let isMax: Bool
  /// The axis, which is dropped.
  public let axis: Int

  public var name: String { "\(isMax ? "argmax" : "argmin") axis \(axis)" }

  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard (0..<x[0].shape.rank).contains(axis), x[0].shape[axis] > 0 else {
      throw ShapeError("\(isMax ? "argmax" : "argmin") over axis \(axis) of \(x[0].shape)")
    }
    return TensorType(.int32, x[0].shape.removing(axis))
  }
  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] { [nil] }

  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    let inner = x[0].shape.strides[axis], size = x[0].shape[axis]
    return ReferenceTensor(
      type.shape,
      (0..<type.shape.count).map { position in
        let start = position / inner * inner * size + position % inner
        var best = 0
        for i in 0..<size {
          let (candidate, current) = (
            x[0].numbers[start + i * inner], x[0].numbers[start + best * inner]
          )
          if current.isNaN { break }
          if candidate.isNaN || (isMax ? candidate > current : candidate < current) { best = i }
        }
        return Double(best)
      })
  }
}

extension Symbol {
  /// The reduction over `axes`, which stay with size 1.
  func reduced(_ kind: Reduction.Kind, _ axes: [Int]) -> Symbol {
    axes.isEmpty ? self : trace.emit(Reduction(kind: kind, axes: axes), [self])
  }

  /// The reduction over `axes` (all of them by default), which are dropped unless `keepDims`.
  private func reduced(_ kind: Reduction.Kind, axes: [Int]?, keepDims: Bool) -> Symbol {
    guard isValid else { return self }
    var found: [Int] = []
    for axis in axes ?? Array(0..<shape.rank) {
      guard let positive = shape.axis(axis) else {
        return trace.fail(
          "\(kind) over axis \(axis) of a tensor with \(shape.rank) axes", operands: [type])
      }
      if !found.contains(positive) { found.append(positive) }
    }
    let y = reduced(kind, found.sorted())
    guard y.isValid, !keepDims else { return y }
    return y.reshaped(
      Shape(shape.dims.indices.filter { !found.contains($0) }.map { shape.dims[$0] }))
  }

  /// The sum over `axes`, or over all of them. Booleans are counted.
  public func sum(axes: [Int]? = nil, keepDims: Bool = false) -> Symbol {
    (dtype == .bool ? cast(to: .int32) : self).reduced(.sum, axes: axes, keepDims: keepDims)
  }
  /// The mean over `axes`, or over all of them.
  public func mean(axes: [Int]? = nil, keepDims: Bool = false) -> Symbol {
    guard isValid else { return self }
    let sum = floatingPoint.sum(axes: axes, keepDims: keepDims)
    guard sum.isValid else { return sum }
    let terms =
      axes.map { Set($0.compactMap(shape.axis)).reduce(1) { $0 * shape[$1] } } ?? shape.count
    return sum * (1 / Double(terms))
  }
  /// The variance over `axes`, or over all of them: the mean squared distance from the mean.
  public func variance(axes: [Int]? = nil, keepDims: Bool = false) -> Symbol {
    square(self - mean(axes: axes, keepDims: true)).mean(axes: axes, keepDims: keepDims)
  }
  /// The product over `axes`, or over all of them.
  public func product(axes: [Int]? = nil, keepDims: Bool = false) -> Symbol {
    reduced(.product, axes: axes, keepDims: keepDims)
  }
  /// The largest element over `axes`, or over all of them.
  public func max(axes: [Int]? = nil, keepDims: Bool = false) -> Symbol {
    reduced(.max, axes: axes, keepDims: keepDims)
  }
  /// The smallest element over `axes`, or over all of them.
  public func min(axes: [Int]? = nil, keepDims: Bool = false) -> Symbol {
    reduced(.min, axes: axes, keepDims: keepDims)
  }
  /// Where along `axis` the largest element is: `int32`, the first of equal ones.
  public func argmax(axis: Int) -> Symbol { arg(isMax: true, axis) }
  /// Where along `axis` the smallest element is: `int32`, the first of equal ones.
  public func argmin(axis: Int) -> Symbol { arg(isMax: false, axis) }

  private func arg(isMax: Bool, _ axis: Int) -> Symbol {
    guard isValid else { return self }
    return trace.emit(ArgReduction(isMax: isMax, axis: shape.axis(axis) ?? axis), [self])
  }
}
