import TensorGraph

extension ONNXCall {
  /// The attribute `name`; that of the function around the node if it refers to one.
  func attribute(_ name: String) -> ONNXAttributeProto? {
    guard let attribute = node.attributes[name] else { return nil }
    guard attribute.hasRefAttrName, !attribute.refAttrName.isEmpty else { return attribute }
    return scope.attributes[attribute.refAttrName]
  }

  func int(_ name: String) -> Int? { attribute(name).map { Int($0.i) } }
  func int(_ name: String, _ standard: Int) -> Int { int(name) ?? standard }
  func bool(_ name: String, _ standard: Bool = false) -> Bool {
    int(name).map { $0 != 0 } ?? standard
  }
  func ints(_ name: String) -> [Int]? { attribute(name).map { $0.ints.map { Int($0) } } }
  func float(_ name: String) -> Double? { attribute(name).map { Double($0.f) } }
  func float(_ name: String, _ standard: Double) -> Double { float(name) ?? standard }
  func floats(_ name: String) -> [Double]? { attribute(name).map { $0.floats.map { Double($0) } } }
  func string(_ name: String) -> String? {
    attribute(name).map { String(decoding: $0.s, as: UTF8.self) }
  }
  func string(_ name: String, _ standard: String) -> String { string(name) ?? standard }
  func strings(_ name: String) -> [String]? {
    attribute(name).map { $0.strings.map { String(decoding: $0, as: UTF8.self) } }
  }
  func tensor(named name: String) throws -> ONNXTensor? {
    try attribute(name).map { try ONNXTensor($0.t) }
  }

  /// The element type that the attribute `name` says.
  func elementType(_ name: String) throws -> ONNXType? {
    guard let number = int(name) else { return nil }
    guard let type = ONNXType(rawValue: Int32(truncatingIfNeeded: number)), type.dtype != nil else {
      throw ONNXError.mistake("\(name) is \(number), no element type that Strata has")
    }
    return type
  }

  /// `axis`, which may count from the end, from the front.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    let positive = axis < 0 ? axis + rank : axis
    guard (0..<rank).contains(positive) else {
      throw ONNXError.mistake("there is no axis \(axis) in a tensor of \(rank) axes")
    }
    return positive
  }

  /// The attribute `axis` from the front.
  func axis(_ standard: Int, of shape: Shape) throws -> Int {
    try axis(int("axis", standard), rank: shape.rank)
  }

  /// Axes that are an attribute in old files and the input at `index` in new ones; nothing when
  /// neither is there.
  func axes(_ name: String = "axes", input index: Int = 1, rank: Int) throws -> [Int]? {
    let given = try ints(name) ?? (has(index) ? integers(index) : nil)
    return try given?.map { try axis($0, rank: rank) }
  }
}
