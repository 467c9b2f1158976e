import TensorGraph

/// Values of images at places between their pixels.
struct ONNXSampler {
  /// A pixel that counts for a place, along one axis.
  struct Tap {
    /// Which pixel, as a float that is one of the axis.
    let index: Symbol
    /// How much it counts; all if nothing is said.
    var weight: Symbol?
    /// Whether it is in the image, if that matters.
    var isInside: Symbol?
  }

  /// `[batch, spatial…, channels]`
  let images: Symbol

  /// The values that count for places, each with its weight: `[places…, channels]`.
  ///
  /// `image` are integers, which image a place is in; `taps` for each spatial axis the pixels that
  /// count, whose symbols broadcast.
  func corners(image: Symbol, _ taps: [[Tap]]) -> [Symbol] {
    let spatial = images.shape.spatial, size = spatial.reduce(1, *)
    let type: DType = images.shape[0] * size > Int(Int32.max) ? .int64 : .int32
    let pixels = images.reshaped([images.shape[0] * size, images.shape[-1]])
    let strides = Shape(spatial).strides
    let first = image.cast(to: type) * Double(size)
    var combined: [Tap?] = [nil]
    for (axis, choices) in taps.enumerated() {
      combined = combined.flatMap { known in
        choices.map { tap in
          let own = tap.index.cast(to: type) * Double(strides[axis])
          guard let known else {
            return Tap(index: first + own, weight: tap.weight, isInside: tap.isInside)
          }
          return Tap(
            index: known.index + own, weight: product(known.weight, tap.weight) { $0 * $1 },
            isInside: product(known.isInside, tap.isInside) { $0 .& $1 })
        }
      }
    }
    return combined.compactMap(\.self).map { tap in
      var value = pixels.gathered(at: tap.index)
      if let isInside = tap.isInside {
        value = select(isInside.expandingDims(at: -1).broadcast(to: value.shape), value, 0)
      }
      if let weight = tap.weight {
        value = value * weight.cast(to: value.dtype).expandingDims(at: -1)
      }
      return value
    }
  }

  private func product(
    _ a: Symbol?, _ b: Symbol?, _ body: (Symbol, Symbol) -> Symbol
  ) -> Symbol? {
    guard let a else { return b }
    return b.map { body(a, $0) } ?? a
  }

  /// The sum of the values that count.
  func values(image: Symbol, _ taps: [[Tap]]) -> Symbol {
    let all = corners(image: image, taps)
    return all.dropFirst().reduce(all[0]) { $0 + $1 }
  }

  /// The two pixels around `places` on an axis of `size` pixels, without those outside.
  static func linear(_ places: Symbol, _ size: Int) -> [Tap] {
    let low = floor(places), share = places - low
    return [(low, 1 - share), (low + 1, share)].map { index, weight in
      Tap(
        index: clip(index, 0, Double(size - 1)), weight: weight,
        isInside: (index .>= 0) .& (index .< Double(size)))
    }
  }

  /// `places` as numbers that count pixels exactly; far outside where they are none.
  static func finite(_ places: Symbol) -> Symbol {
    let limit = Double(1 << 22)
    let bounded = clip(places, -limit, limit)
    return select(isNaN(places), places.constant(-limit), bounded)
  }
}
