import TensorGraph

extension Loss {
  /// `axes` of `prediction` counted from the front, in order; nothing, and a mistake, when one of
  /// them is no axis or is there twice.
  func axes(_ axes: [Int], of prediction: Symbol) -> [Int]? {
    guard prediction.isValid else { return nil }
    var found: [Int] = []
    for axis in axes {
      guard let positive = prediction.shape.axis(axis) else {
        prediction.trace.fail(
          "\(className) has the axis \(axis), but predictions have \(prediction.shape.rank) axes",
          operands: [prediction.type], hint: "axes count from 0, or from -1 at the end")
        return nil
      }
      guard !found.contains(positive) else {
        prediction.trace.fail(
          "\(className) has the axis \(axis) twice", operands: [prediction.type])
        return nil
      }
      found.append(positive)
    }
    return found.sorted()
  }
}

extension Symbol {
  /// The order of axes that moves `axis`, counted from the front, to the end.
  private func orderMovingLast(_ axis: Int) -> [Int] {
    (0..<shape.rank).filter { $0 != axis } + [axis]
  }

  /// With `axis`, counted from the front, as the last one; the others keep their order.
  func movingLast(_ axis: Int) -> Symbol { isValid ? transposed(orderMovingLast(axis)) : self }
}

/// `log Σ eˣ` over the last axis, computed so that no exponential overflows.
func logSumExp(_ x: Symbol) -> Symbol {
  guard x.isValid else { return x }
  let largest = stopGradient(x.max(axes: [-1], keepDims: true))
  return log(exp(x - largest).sum(axes: [-1])) + largest.squeezed(-1)
}
