import NeuralNetworks
import TensorGraph

/// Tables of words and numbers, and the bins of numbers.
extension GraphExporter {
  /// An operation on elements that need not be numbers.
  func lookup(_ node: AlignedNode) throws -> [ExportValue] {
    let type = node.type()
    if let bins = BinTable(node.nodes[0], model) {
      return [try binned(operand(node), bins.boundaries, type)]
    }
    guard let table = LookupTable(node.nodes[0], model) else {
      throw UnsupportedOperation.error([(node.operation.name, node.path)], model)
    }
    var x = try full(node)
    if x.dtype != .string { x = scope.cast(x, .int64) }
    return [
      scope.add("LabelEncoder", [x], table.attributes, [type], domain: LookupTable.domain)[0]
    ]
  }

  /// How many boundaries are not above each number. No number is below NaN.
  private func binned(
    _ x: ExportValue, _ boundaries: [Float], _ type: ExportType
  ) throws -> ExportValue {
    guard !boundaries.isEmpty else {
      var none = scope.scalar(0, type.dtype)
      none.sizes = type.sizes
      return none
    }
    let dtype: DType = x.dtype == .float32 ? .float32 : .float64
    let wide = scope.unsqueeze(try scope.expanded(scope.cast(x, dtype)), [x.rank])
    let list = scope.constant(
      Tensor(TensorType(dtype, [boundaries.count]), numbers: boundaries.map(Double.init)))
    let isReached = scope.elementwise("Not", [scope.compare("Less", wide, list)])
    return try scope.reduce(
      "ReduceSum", scope.cast(isReached, type.dtype), [x.rank], keepDims: false)
  }
}

/// The boundaries of a layer that puts numbers into bins.
struct BinTable {
  let boundaries: [Float]

  init?(_ node: Node, _ model: ExportedModel) {
    guard node.operation is any HostOperation,
      let layer = model.layer(at: node.path)?.layer as? Discretization
    else { return nil }
    boundaries = (layer.binBoundaries ?? []).map(Float.init)
  }
}

/// What a lookup gives for each word or number that it knows, and for all others.
///
/// Unknown words that are spread over several bins are hashed, which ONNX does not do.
struct LookupTable {
  /// Where the operator of tables is.
  static let domain = "ai.onnx.ml"

  let attributes: [String: ExportAttribute]

  init?(_ node: Node, _ model: ExportedModel) {
    let operation = node.operation
    guard operation is any HostOperation || operation is any StringResultOperation,
      let layer = model.layer(at: node.path)?.layer
    else { return nil }
    /// What the operation gives for these elements.
    func results(_ keys: Tensor) -> ReferenceTensor {
      operation.evaluate(
        [ReferenceTensor(keys)], [TensorType(node.types[0].dtype, keys.shape)])[0]
    }
    var words: [String] = [], numbers: [Int64] = [], keys: Tensor
    switch layer {
    case let layer as IntegerLookup where layer.invert:
      numbers = (0...Int64(layer.vocabularySize)).map { $0 }
    case let layer as StringLookup where layer.invert:
      numbers = (0...Int64(layer.vocabularySize)).map { $0 }
    case let layer as IntegerLookup where layer.numOovIndices <= 1:
      numbers = Self.distinct(layer.tokens + [layer.maskToken].compactMap(\.self))
      numbers.append(Self.unknown(numbers))
    case let layer as StringLookup where layer.numOovIndices <= 1:
      words = Self.distinct(layer.words + [layer.maskToken].compactMap(\.self))
      words.append(words.reduce("?") { $0 > $1 ? $0 : $1 + "?" })
    default: return nil
    }
    // The last key stands for all that are unknown.
    keys = words.isEmpty ? Tensor([numbers.count], numbers) : Tensor([words.count], words)
    let values = results(keys)
    var attributes: [String: ExportAttribute] = [:]
    if words.isEmpty {
      attributes["keys_int64s"] = .ints(numbers.dropLast().map(Int.init))
    } else {
      attributes["keys_strings"] = .strings(words.dropLast())
    }
    if let strings = values.strings?.strings {
      attributes["values_strings"] = .strings(strings.dropLast())
      attributes["default_string"] = .string(strings.last ?? "")
    } else {
      let integers = values.numbers.map { Int(Int64(nearest: $0)) }
      attributes["values_int64s"] = .ints(integers.dropLast())
      attributes["default_int64"] = .int(integers.last ?? -1)
    }
    self.attributes = attributes
  }

  private static func distinct<T: Hashable>(_ values: [T]) -> [T] {
    var seen: Set<T> = []
    return values.filter { seen.insert($0).inserted }
  }

  /// A number that is not among `numbers`.
  private static func unknown(_ numbers: [Int64]) -> Int64 {
    let known = Set(numbers)
    return (0...Int64(numbers.count)).first { !known.contains($0) } ?? -1
  }
}
