import TensorGraph

/// A tensor as it is held, in the order of axes of the file or with channels last.
struct HeldTensor {
  let symbol: Symbol
  let type: ONNXType
  let isChannelsLast: Bool

  var rank: Int { symbol.shape.rank }

  /// Where `axis` of the file is.
  func place(_ axis: Int) -> Int {
    guard isChannelsLast else { return axis }
    return axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1
  }

  /// The sizes in the order of the file.
  var shape: Shape { Shape((0..<rank).map { symbol.shape[place($0)] }) }

  /// `symbol`, in the same order of axes, as a value.
  func value(_ symbol: Symbol) -> ONNXValue {
    .tensor(
      isChannelsLast
        ? ONNXTensor(channelsLast: symbol, type: type) : ONNXTensor(symbol, type: type))
  }
}

extension ONNXCall {
  /// The most elements of a tensor that a file may make of a few numbers: fewer of one that is
  /// computed at once, while the file is read.
  private var elementLimit: Int { 1 << (isKnown ? 27 : 31) }
  /// The most elements of a tensor, or of indices, that are made one by one.
  static let madeLimit = 1 << 26
  /// The most axes of a tensor.
  static let rankLimit = 64

  /// Whether all inputs are known.
  var isKnown: Bool { inputs.allSatisfy { $0?.isConstant ?? true } }

  /// The tensor at `index` as it is held.
  func held(_ index: Int) throws -> HeldTensor {
    let tensor = try tensor(index)
    if case .traced(let symbol, isChannelsLast: true) = tensor.content {
      return HeldTensor(symbol: symbol, type: tensor.type, isChannelsLast: true)
    }
    return HeldTensor(symbol: try symbol(tensor), type: tensor.type, isChannelsLast: false)
  }

  /// The shape with sizes `dims`, which a file may have made up.
  func sized(_ dims: [Int]) throws -> Shape {
    guard dims.count <= Self.rankLimit else {
      throw ONNXError.mistake("the result would have \(dims.count) axes")
    }
    if let size = dims.first(where: { $0 < 0 }) {
      throw ONNXError.mistake("a size is \(size)")
    }
    let largest = dims.reduce(1) { count, size in
      let (product, overflows) = count.multipliedReportingOverflow(by: max(size, 1))
      return overflows ? .max : product
    }
    guard largest <= elementLimit else {
      throw ONNXError.mistake(
        "the result would be \(Shape(dims)), more than \(elementLimit) elements")
    }
    return Shape(dims)
  }

  /// The only integer at `index`, which has to be known while the graph is made.
  func integer(_ index: Int) throws -> Int {
    let all = try integers(index)
    guard all.count == 1 else {
      throw ONNXError.mistake("input \(index) has \(all.count) numbers instead of one")
    }
    return all[0]
  }

  /// The product of two sizes of a file.
  func times(_ a: Int, _ b: Int) throws -> Int {
    let (product, overflows) = a.multipliedReportingOverflow(by: b)
    guard !overflows else { throw ONNXError.mistake("\(a) times \(b) is too large") }
    return product
  }

  /// Says that there are `count` numbers called `name` where there should be `expected`.
  func expect(_ count: Int, _ name: String, are expected: Int) throws {
    guard count == expected else {
      throw ONNXError.mistake("\(name) has \(count) numbers instead of \(expected)")
    }
  }

  /// `axes`, each from the front, none twice.
  func distinct(_ axes: [Int], rank: Int) throws -> [Int] {
    let places = try axes.map { try axis($0, rank: rank) }
    guard Set(places).count == places.count else {
      throw ONNXError.mistake("an axis occurs twice in \(axes)")
    }
    return places
  }
}
