import TensorGraph

/// An attribute of a node.
enum ExportAttribute: Hashable {
  case int(Int)
  case ints([Int])
  case float(Double)
  case floats([Double])
  case string(String)
  case strings([String])
  case graph(ExportBody)

  /// The list of integers, if it is one.
  var ints: [Int]? {
    if case .ints(let values) = self { return values }
    return nil
  }

  /// The integer, if it is one.
  var int: Int? {
    if case .int(let value) = self { return value }
    return nil
  }
}

/// A node of the file while it is made. Values are called by names that only the exporter knows.
struct ExportNode: Hashable {
  /// What the node does, such as `Conv`.
  var type: String
  var inputs: [String]
  var outputs: [String]
  var attributes: [String: ExportAttribute] = [:]
  /// The enclosing layers.
  var path: String
  var domain = ""

  /// The graphs in it.
  var bodies: [ExportBody] {
    attributes.sorted { $0.key < $1.key }.compactMap {
      if case .graph(let body) = $0.value { return body }
      return nil
    }
  }

  /// Changes the graphs in it.
  mutating func mapBodies(_ change: (ExportBody) -> ExportBody) {
    for (key, value) in attributes {
      if case .graph(let body) = value { attributes[key] = .graph(change(body)) }
    }
  }

  /// All values that the node or a graph in it reads.
  var reads: [String] { inputs + bodies.flatMap { $0.nodes.flatMap(\.reads) + $0.outputs } }

  /// Reads other values.
  mutating func rename(_ names: [String: String]) {
    guard !names.isEmpty else { return }
    inputs = inputs.map { names[$0] ?? $0 }
    mapBodies { $0.renamed(names) }
  }
}

/// A graph within a node: the body of a loop, or a branch.
struct ExportBody: Hashable {
  var inputs: [String] = []
  var outputs: [String] = []
  var nodes: [ExportNode] = []

  /// The body, reading other values.
  func renamed(_ names: [String: String]) -> ExportBody {
    var result = self
    for index in result.nodes.indices { result.nodes[index].rename(names) }
    result.outputs = outputs.map { names[$0] ?? $0 }
    return result
  }
}

/// A value of the file.
///
/// What only repeats along an axis is kept small: `stored` broadcasts to `sizes`, which most
/// operators do by themselves.
struct ExportValue: Hashable {
  var name: String
  var dtype: DType
  /// The sizes that the model knows it with.
  var sizes: [Extent]
  /// The sizes it has in the file.
  var stored: [Extent]

  /// A value that is stored as the model knows it.
  init(_ name: String, _ type: ExportType) {
    self.name = name
    dtype = type.dtype
    sizes = type.sizes
    stored = type.sizes
  }

  var type: ExportType { ExportType(dtype, sizes) }
  var rank: Int { sizes.count }
}
