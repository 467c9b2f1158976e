import TensorGraph

/// The axes along which a layer normalizes, and the shapes of the weights it has for them.
struct NormalizationAxes {
  /// The axes, in ascending order.
  let axes: [Int]
  /// The shape of the weights. Keras sorts axes as they were written, negative ones first.
  let sizes: Shape
  /// `sizes` among axes of size 1, so that weights broadcast to the input.
  let aligned: Shape
}

extension LayerContext {
  /// The axes `axis` of `x`, which `layer` normalizes; nothing after a mistake.
  func axes(_ axis: OneOrMany<Int>, of x: Symbol, for layer: any Layer) -> NormalizationAxes? {
    let axes = Set(axis.values.compactMap(x.shape.axis)).sorted()
    guard !axes.isEmpty, axes.count == axis.values.count, axes[0] > 0 else {
      _ = fail(
        "\(layer.className) cannot normalize along \(axis.values)", x,
        hint: "name axes of the input, each once, other than the batch's")
      return nil
    }
    guard isIndependentOfPadding(x, axes, layer) else { return nil }
    let first = axes[0]
    return NormalizationAxes(
      axes: axes, sizes: Shape(axis.values.sorted().map { x.shape[$0] }),
      aligned: Shape((first..<x.shape.rank).map { axes.contains($0) ? x.shape[$0] : 1 }))
  }

  /// Whether the steps that are masked stay apart from the others when `layer` takes its moments
  /// along `axes`; else a mistake is reported.
  func isIndependentOfPadding(_ x: Symbol, _ axes: [Int], _ layer: any Layer) -> Bool {
    guard let mask = x.mask, axes.contains(where: { $0 < mask.shape.rank }) else { return true }
    _ = fail(
      "\(layer.className) would mix masked steps into the others", x,
      hint: "normalize along the features alone, or mask after this layer")
    return false
  }

  /// Whether `epsilon` can be added to what is no less than 0.
  func isEpsilon(_ epsilon: Double, of layer: any Layer) -> Bool {
    guard epsilon >= 0, epsilon.isFinite else {
      _ = fail("\(layer.className) needs an epsilon of at least 0, not \(epsilon)")
      return false
    }
    return true
  }
}

extension Symbol {
  /// The same numbers in `float32` at least: the moments of small types overflow and round.
  var forMoments: Symbol { cast(to: dtype.promoted(with: .float32)) }
}
