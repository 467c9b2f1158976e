import TensorGraph

extension ONNXOperator {
  /// The largest elements.
  static let sorting: [String: ONNXOperator] = [
    "TopK": ONNXOperator { call in
      let x = try call.x(0), rank = x.shape.rank
      let axis = try call.axis(call.int("axis", -1), rank: rank)
      let k = try call.opset < 10 ? call.int("k", -1) : call.integer(1)
      guard k >= 0, k <= x.shape[axis] else {
        throw ONNXError.mistake("there are \(x.shape[axis]) elements, k is \(k)")
      }
      var values: Symbol, places: Symbol
      if call.bool("largest", true) {
        var order = Array(0..<rank)
        order.swapAt(axis, rank - 1)
        (values, places) = x.transposed(order).topK(k)
        guard values.isValid else { return try call.result(values) }
        (values, places) = (values.transposed(order), places.transposed(order))
      } else {
        (values, places) = x.sortedWithIndices(axis: axis)
        (values, places) = (
          values.sliced(axis: axis, 0..<k), places.sliced(axis: axis, 0..<k)
        )
      }
      return try call.result(values) + call.result(places.cast(to: .int64), .int64)
    }
  ]

  /// What depends on the numbers so much that they have to be known.
  static let searching: [String: ONNXOperator] = [
    "NonZero": ONNXOperator { call in
      let x = try call.known(0)
      let numbers = x.numbers, strides = x.shape.strides
      let found = numbers.indices.filter { numbers[$0] != 0 }
      let places = x.shape.dims.indices.flatMap { axis in
        found.map { Int64($0 / strides[axis] % x.shape[axis]) }
      }
      return [.tensor(ONNXTensor(Tensor([x.shape.rank, found.count], places)))]
    },
    "Unique": ONNXOperator { try $0.unique() },
    "NonMaxSuppression": ONNXOperator { try $0.boxes() },
  ]
}

extension ONNXCall {
  fileprivate func unique() throws -> [ONNXValue] {
    var x = try known(0)
    let type = try type(0)
    var axis = 0
    if let given = int("axis") {
      axis = try self.axis(given, rank: x.shape.rank)
    } else {
      x = x.reshaped([x.count])
    }
    let entries: (first: [Int], inverse: [Int], counts: [Int])
    let isSorted = bool("sorted", true)
    if x.dtype == .string {
      entries = Self.distinct(Self.entries(x.strings, x.shape, axis), isSorted: isSorted)
    } else if x.dtype.isFloatingPoint {
      entries = Self.distinct(Self.entries(x.numbers, x.shape, axis), isSorted: isSorted)
    } else {
      let integers = x.scalars(as: Int64.self)
      entries = Self.distinct(Self.entries(integers, x.shape, axis), isSorted: isSorted)
    }
    func integers(_ all: [Int]) -> ONNXValue {
      .tensor(ONNXTensor(Tensor([all.count], all.map { Int64($0) })))
    }
    return [
      .tensor(ONNXTensor(x.entries(entries.first, axis: axis), type: type)),
      integers(entries.first), integers(entries.inverse), integers(entries.counts),
    ]
  }

  /// The entries of `axis`, each as a list of its elements.
  private static func entries<T>(_ all: [T], _ shape: Shape, _ axis: Int) -> [[T]] {
    let inner = shape.strides[axis], size = shape[axis]
    var entries = [[T]](repeating: [], count: size)
    for (index, element) in all.enumerated() { entries[index / inner % size].append(element) }
    return entries
  }

  /// Where each distinct entry is first, which of those each entry is, and how many there are.
  private static func distinct<T: Hashable & Comparable>(
    _ entries: [[T]], isSorted: Bool
  ) -> (first: [Int], inverse: [Int], counts: [Int]) {
    var known: [[T]: Int] = [:], first: [Int] = [], inverse: [Int] = []
    for (index, entry) in entries.enumerated() {
      let number = known[entry] ?? first.count
      if number == first.count {
        known[entry] = number
        first.append(index)
      }
      inverse.append(number)
    }
    if isSorted {
      let order = first.indices.sorted { a, b in
        entries[first[a]].lexicographicallyPrecedes(entries[first[b]])
      }
      var place = order
      for (to, from) in order.enumerated() { place[from] = to }
      first = order.map { first[$0] }
      inverse = inverse.map { place[$0] }
    }
    var counts = first.map { _ in 0 }
    for number in inverse { counts[number] += 1 }
    return (first, inverse, counts)
  }

  /// Boxes of the highest scores that do not overlap others of their class too much.
  fileprivate func boxes() throws -> [ONNXValue] {
    let (boxes, scores) = (try known(0), try known(1))
    guard boxes.shape.rank == 3, scores.shape.rank == 3, boxes.shape[2] == 4,
      boxes.shape[0] == scores.shape[0], boxes.shape[1] == scores.shape[2]
    else {
      throw ONNXError.mistake(
        "boxes \(boxes.shape) and scores \(scores.shape) are not [batch, boxes, 4] and "
          + "[batch, classes, boxes]")
    }
    let most = try has(2) ? integer(2) : 0
    let overlap = try has(3) ? number(3) : 0
    let least = try has(4) ? number(4) : -.infinity
    let (batch, classes, count) = (scores.shape[0], scores.shape[1], scores.shape[2])
    let numbers = boxes.numbers, score = scores.numbers
    let isCentered = bool("center_point_box")
    let all = (0..<batch * count).map { index in
      Box(Array(numbers[index * 4..<index * 4 + 4]), isCentered: isCentered)
    }
    var chosen: [Int64] = []
    for entry in 0..<batch {
      for kind in 0..<classes {
        let start = (entry * classes + kind) * count
        let order = (0..<count).filter { score[start + $0] > least }.sorted {
          let (a, b) = (score[start + $0], score[start + $1])
          return a > b || (a == b && $0 < $1)
        }
        var kept: [Int] = []
        for index in order {
          guard kept.count < most else { break }
          let box = all[entry * count + index]
          if kept.contains(where: { all[entry * count + $0].overlap(with: box) > overlap }) {
            continue
          }
          kept.append(index)
        }
        chosen += kept.flatMap { [Int64(entry), Int64(kind), Int64($0)] }
      }
    }
    return [.tensor(ONNXTensor(Tensor([chosen.count / 3, 3], chosen)))]
  }
}

/// A rectangle.
private struct Box {
  let low: (Double, Double)
  let high: (Double, Double)

  /// From two opposite corners, or from center and size.
  init(_ numbers: [Double], isCentered: Bool) {
    let (a, b, c, d) = (numbers[0], numbers[1], numbers[2], numbers[3])
    if isCentered {
      low = (a - c / 2, b - d / 2)
      high = (a + c / 2, b + d / 2)
    } else {
      low = (min(a, c), min(b, d))
      high = (max(a, c), max(b, d))
    }
  }

  var area: Double { (high.0 - low.0) * (high.1 - low.1) }

  /// The area of what is in both, as a part of the area of what is in one of them.
  func overlap(with other: Box) -> Double {
    let wide = min(high.0, other.high.0) - max(low.0, other.low.0)
    let tall = min(high.1, other.high.1) - max(low.1, other.low.1)
    let both = max(wide, 0) * max(tall, 0)
    return both > 0 ? both / (area + other.area - both) : 0
  }
}

extension Tensor {
  /// The entries `indices` of `axis`.
  func entries(_ indices: [Int], axis: Int) -> Tensor {
    let inner = shape.strides[axis], size = shape[axis]
    let outer = shape.dims[..<axis].reduce(1, *)
    var result = shape
    result[axis] = indices.count
    if dtype == .string {
      let all = strings
      let places = (0..<outer).flatMap { block in
        indices.flatMap { index in (0..<inner).map { (block * size + index) * inner + $0 } }
      }
      return Tensor(result, places.map { all[$0] })
    }
    let bytes = inner * dtype.byteCount
    return Tensor(TensorType(dtype, result)) { target in
      withUnsafeBytes { source in
        guard let from = source.baseAddress, let to = target.baseAddress, bytes > 0 else { return }
        for block in 0..<outer {
          for (place, index) in indices.enumerated() {
            (to + (block * indices.count + place) * bytes).copyMemory(
              from: from + (block * size + index) * bytes, byteCount: bytes)
          }
        }
      }
    }
  }
}
