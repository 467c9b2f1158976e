import TensorGraph

extension ONNXCall {
  /// A tensor of other sizes, whose elements are found from those nearby, axis by axis.
  func resized() throws -> [ONNXValue] {
    let tensor = try tensor(0), shape = tensor.shape
    let plans = try resizing(shape)
    var x = try tensor.isChannelsLast ? channelsLast(0) : x(0)
    let dtype = x.dtype, isLinear = string("mode", "nearest") != "nearest"
    if isLinear { x = x.floatingPoint }
    var sizes = shape
    for plan in plans {
      sizes[plan.axis] = plan.count
      try checkResult(sizes)
      let axis =
        !tensor.isChannelsLast || plan.axis == 0
        ? plan.axis : plan.axis == 1 ? shape.rank - 1 : plan.axis - 1
      x = try plan.applied(to: x, axis: axis)
    }
    if isLinear { x = x.rounded(to: dtype) }
    guard x.isValid else { throw ONNXError.reported }
    return [
      .tensor(
        tensor.isChannelsLast
          ? ONNXTensor(channelsLast: x, type: tensor.type) : ONNXTensor(x, type: tensor.type))
    ]
  }

  /// What changes along each axis that changes.
  private func resizing(_ shape: Shape) throws -> [ONNXResizing] {
    let mode: ONNXResizing.Mode
    switch string("mode", "nearest") {
    case "nearest": mode = .nearest(string("nearest_mode", "round_prefer_floor"))
    case "linear", "bilinear", "trilinear": mode = .linear
    case "cubic": mode = .cubic(float("cubic_coeff_a", -0.75))
    case let other: throw ONNXError.mistake("mode is \(other)")
    }
    let isOld = node.operator.type == "Upsample" || opset < 11
    let chosen =
      try ints("axes")?.map { try axis($0, rank: shape.rank) } ?? Array(0..<shape.rank)
    guard Set(chosen).count == chosen.count else { throw ONNXError.mistake("axes are \(chosen)") }
    func numbers(_ index: Int, _ count: Int) throws -> [Double]? {
      guard has(index), try self.shape(index).count > 0 else { return nil }
      let all = try known(index).numbers
      guard all.count == count else {
        throw ONNXError.mistake("input \(index) has \(all.count) numbers for \(chosen.count) axes")
      }
      return all
    }
    guard chosen.allSatisfy({ shape[$0] > 0 }) else {
      throw ONNXError.mistake("there is nothing to resize in \(shape)")
    }
    var scales = try isOld ? floats("scales") ?? numbers(1, chosen.count) : numbers(2, chosen.count)
    let sizes: [Double]
    if let given = scales {
      guard given.count == chosen.count else {
        throw ONNXError.mistake("scales are \(given) for \(chosen.count) axes")
      }
      sizes = zip(given, chosen).map { ($0 * Double(shape[$1])).rounded(.down) }
    } else if !isOld, let given = try numbers(3, chosen.count) {
      scales = zip(given, chosen).map { $0 / Double(shape[$1]) }
      let policy = string("keep_aspect_ratio_policy", "stretch")
      if policy != "stretch" {
        guard ["not_larger", "not_smaller"].contains(policy) else {
          throw ONNXError.mistake("keep_aspect_ratio_policy is \(policy)")
        }
        let common = (policy == "not_larger" ? scales?.min() : scales?.max()) ?? 1
        scales = chosen.map { _ in common }
        sizes = chosen.map { (Double(shape[$0]) * common + 0.5).rounded(.down) }
      } else {
        sizes = given
      }
    } else {
      throw ONNXError.mistake("neither scales nor sizes are given")
    }
    let regions = isOld ? nil : try numbers(1, 2 * chosen.count)
    let coordinates =
      isOld ? "asymmetric" : string("coordinate_transformation_mode", "half_pixel")
    return try chosen.indices.compactMap { index -> ONNXResizing? in
      let (axis, size, scale) = (chosen[index], sizes[index], scales?[index] ?? 1)
      guard size >= 1, size <= 0x1p30, scale > 0, scale.isFinite else {
        throw ONNXError.mistake("an axis of \(shape[axis]) cannot become \(size) by \(scale)")
      }
      let region =
        coordinates == "tf_crop_and_resize"
        ? regions.map { (start: $0[index], end: $0[chosen.count + index]) } ?? (0, 1) : nil
      if Int(size) == shape[axis], scale == 1, region.map({ $0 == (0, 1) }) ?? true { return nil }
      return ONNXResizing(
        axis: axis, size: shape[axis], count: Int(size), scale: scale,
        mode: isOld && !mode.isLinear ? .nearest("floor") : mode, coordinates: coordinates,
        region: region, antialiases: bool("antialias"), excludesOutside: bool("exclude_outside"),
        extrapolation: float("extrapolation_value", 0))
    }
  }
}

/// How one axis is resized.
struct ONNXResizing {
  enum Mode {
    case nearest(String)
    case linear
    case cubic(Double)

    var isLinear: Bool {
      if case .nearest = self { return false }
      return true
    }
  }

  let axis: Int
  let size: Int
  let count: Int
  let scale: Double
  let mode: Mode
  let coordinates: String
  let region: (start: Double, end: Double)?
  let antialiases: Bool
  let excludesOutside: Bool
  let extrapolation: Double

  /// Where element `index` of the result lies in the original.
  private func place(_ index: Int) throws -> Double {
    let x = Double(index), width = scale * Double(size), last = Double(size - 1)
    switch coordinates {
    case "half_pixel": return (x + 0.5) / scale - 0.5
    case "pytorch_half_pixel": return width == 1 ? -0.5 : (x + 0.5) / scale - 0.5
    case "asymmetric": return x / scale
    case "align_corners": return width == 1 ? 0 : x * last / (width - 1)
    case "half_pixel_symmetric":
      return Double(size) / 2 * (1 - Double(count) / width) + (x + 0.5) / scale - 0.5
    case "tf_crop_and_resize":
      let (start, end) = region ?? (0, 1)
      let step = width == 1 ? (end - start) * last / 2 : x * (end - start) * last / (width - 1)
      return start * last + step
    default: throw ONNXError.mistake("coordinate_transformation_mode is \(coordinates)")
    }
  }

  /// The weight of an element at a distance.
  private func weight(_ distance: Double) -> Double {
    let x = distance.magnitude
    guard case .cubic(let a) = mode else { return max(1 - x, 0) }
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }

  /// The elements that count for the element at `place`, as indices in the original, and how much.
  private func taps(_ place: Double) -> [(index: Int, weight: Double)] {
    let last = size - 1
    if case .nearest(let rule) = mode {
      let nearest =
        switch rule {
        case "floor": place.rounded(.down)
        case "ceil": place.rounded(.up)
        case "round_prefer_ceil": (place + 0.5).rounded(.down)
        default: (place - 0.5).rounded(.up)
        }
      return [(min(max(Int(nearest), 0), last), 1)]
    }
    // An image that becomes smaller has each new pixel see as far as it reaches.
    let shrink = antialiases ? min(scale, 1) : 1
    let radius = (mode.isCubic ? 2 : 1) / shrink
    let first = Int((place - radius).rounded(.down)), end = Int((place + radius).rounded(.up))
    var all: [Int: Double] = [:], sum = 0.0
    for index in first...end {
      let weight = weight((Double(index) - place) * shrink)
      guard weight != 0, !excludesOutside || (0...last).contains(index) else { continue }
      all[min(max(index, 0), last), default: 0] += weight
      sum += weight
    }
    let total = antialiases || excludesOutside ? (sum == 0 ? 1 : sum) : 1
    return all.sorted { $0.key < $1.key }.map { ($0.key, $0.value / total) }
  }

  /// `x` with `axis` resized.
  func applied(to x: Symbol, axis: Int) throws -> Symbol {
    guard x.isValid else { return x }
    if case .nearest(let rule) = mode {
      guard ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"].contains(rule) else {
        throw ONNXError.mistake("nearest_mode is \(rule)")
      }
    }
    let reach = Double(size) / Double(count) * 4 + 8
    guard Double(count) * reach <= 0x1p22 else {
      throw ONNXError.mistake("an axis of \(size) is too large to become \(count)")
    }
    var all: [[(index: Int, weight: Double)]] = [], outside: [Bool] = []
    for index in 0..<count {
      let place = try place(index)
      let isFar = !place.isFinite || place.magnitude > 0x1p40
      outside.append(isFar || region != nil && (place < 0 || place > Double(size - 1)))
      all.append(taps(isFar ? 0 : place))
    }
    guard all.allSatisfy({ $0.count <= 8 }) || size <= (1 << 26) / count else {
      throw ONNXError.mistake("an axis of \(size) is too large to become \(count)")
    }
    var y = combined(x, axis, all)
    if outside.contains(true), y.isValid {
      let shape = Shape(y.shape.dims.indices.map { $0 == axis ? count : 1 })
      let isOutside = x.trace.constant(Tensor(shape, outside))
      y = select(isOutside.broadcast(to: y.shape), y.constant(extrapolation), y)
    }
    return y
  }

  /// The sums of the entries of an axis by their weights.
  private func combined(
    _ x: Symbol, _ axis: Int, _ taps: [[(index: Int, weight: Double)]]
  ) -> Symbol {
    let most = taps.map(\.count).max() ?? 0
    func column<T>(_ tap: Int, _ value: ((index: Int, weight: Double)) -> T, _ missing: T) -> [T] {
      taps.map { tap < $0.count ? value($0[tap]) : missing }
    }
    if most <= 1 {
      let indices = column(0, \.index, 0)
      if count % size == 0, indices == (0..<count).map({ $0 / (count / size) }) {
        return x.repeated(count / size, axis: axis)
      }
      return x.gathered(
        at: x.trace.constant(Tensor([count], indices.map { Int32($0) })), axis: axis)
    }
    guard most > 8 else {
      let shape = Shape(x.shape.dims.indices.map { $0 == axis ? count : 1 })
      let parts = (0..<most).map { tap in
        let indices = Tensor([count], column(tap, { Int32($0.index) }, 0))
        let weights = Tensor(shape, column(tap, { Float($0.weight) }, 0))
        return x.gathered(at: x.trace.constant(indices), axis: axis)
          * x.trace.constant(weights).cast(to: x.dtype)
      }
      return parts.dropFirst().reduce(parts[0]) { $0 + $1 }
    }
    var matrix = [Float](repeating: 0, count: size * count)
    for (row, entries) in taps.enumerated() {
      for entry in entries { matrix[entry.index * count + row] = Float(entry.weight) }
    }
    // With the axis last it is one product for all others.
    let order = x.shape.dims.indices.filter { $0 != axis } + [axis]
    let back = order.indices.map { order.firstIndex(of: $0) ?? $0 }
    return matmul(
      x.transposed(order), x.trace.constant(Tensor([size, count], matrix)).cast(to: x.dtype)
    ).transposed(back)
  }
}

extension ONNXResizing.Mode {
  var isCubic: Bool {
    if case .cubic = self { return true }
    return false
  }
}

extension Symbol {
  /// The nearest numbers that `dtype` has, or this symbol if it has them all.
  fileprivate func rounded(to dtype: DType) -> Symbol {
    guard isValid, dtype != self.dtype else { return self }
    let y = round(self)
    switch dtype {
    case .uint8: return clip(y, 0, 255).cast(to: dtype)
    case .int8: return clip(y, -128, 127).cast(to: dtype)
    default: return y.cast(to: dtype)
    }
  }
}
