import FoundationEssentials
import TensorGraph

/// What the values, nodes and constants of the file are called: after the layers they are in.
struct ExportNames {
  private var taken: Set<String> = []
  private(set) var values: [String: String] = [:]
  private let file: ExportFile
  private let model: ExportedModel

  init(_ file: ExportFile, _ model: ExportedModel) {
    self.file = file
    self.model = model
  }

  /// Gives `value` this name, or the first free one like it.
  mutating func name(_ value: String, _ wanted: String) {
    values[value] = unique(wanted)
  }

  private mutating func unique(_ wanted: String) -> String {
    var (name, count) = (wanted, 0)
    while !taken.insert(name).inserted {
      count += 1
      name = "\(wanted)_\(count)"
    }
    return name
  }

  /// Names the constants that `nodes` read, and returns them in order.
  mutating func nameConstants(of nodes: [ExportNode], _ outputs: [String]) -> [String] {
    var order: [String] = []
    for read in nodes.flatMap(\.reads) + outputs where values[read] == nil {
      guard let constant = file.constants[read] else { continue }
      name(read, model.modelPath(constant.label))
      order.append(read)
    }
    return order
  }

  /// The nodes as the file has them.
  mutating func protos(_ nodes: [ExportNode]) -> [ONNXNodeProto] {
    nodes.map { node in
      let path = model.modelPath(node.path)
      let wanted = path.isEmpty ? node.type : "\(path)/\(node.type)"
      var proto = ONNXNodeProto()
      proto.opType = node.type
      if !node.domain.isEmpty { proto.domain = node.domain }
      proto.input = node.inputs.map { values[$0] ?? $0 }
      let name = unique(wanted)
      proto.name = name
      for (index, output) in node.outputs.enumerated()
      where values[output] == nil && !output.isEmpty {
        self.name(output, index == 0 ? "\(name):0" : "\(name):\(index)")
      }
      proto.output = node.outputs.map { values[$0] ?? $0 }
      proto.attribute = node.attributes.sorted { $0.key < $1.key }.map { self.proto($0, $1) }
      return proto
    }
  }

  private mutating func proto(_ name: String, _ value: ExportAttribute) -> ONNXAttributeProto {
    var proto = ONNXAttributeProto()
    proto.name = name
    switch value {
    case .float(let number): (proto.f, proto.type) = (Float(number), 1)
    case .int(let number): (proto.i, proto.type) = (Int64(number), 2)
    case .string(let text): (proto.s, proto.type) = (text.utf8Data, 3)
    case .graph(let body): (proto.g, proto.type) = (self.proto(body, name), 5)
    case .floats(let numbers): (proto.floats, proto.type) = (numbers.map(Float.init), 6)
    case .ints(let numbers): (proto.ints, proto.type) = (numbers.map(Int64.init), 7)
    case .strings(let texts): (proto.strings, proto.type) = (texts.map(\.utf8Data), 8)
    }
    return proto
  }

  private mutating func proto(_ body: ExportBody, _ label: String) -> ONNXGraphProto {
    var proto = ONNXGraphProto()
    proto.name = unique(label)
    for (index, input) in body.inputs.enumerated() { name(input, "\(proto.name)/input_\(index)") }
    proto.node = protos(body.nodes)
    proto.input = body.inputs.map(info)
    proto.output = body.outputs.map(info)
    return proto
  }

  /// A value with its type.
  func info(_ value: String) -> ONNXValueInfoProto {
    var proto = ONNXValueInfoProto()
    proto.name = values[value] ?? value
    guard let type = file.types[value] else { return proto }
    var tensor = ONNXTypeProto.Tensor()
    tensor.elemType = ONNXType(type.dtype).rawValue
    tensor.shape.dim = type.sizes.map { size in
      var dim = ONNXTensorShapeProto.Dimension()
      if let fixed = size.fixed {
        dim.dimValue = Int64(fixed)
      } else if let axis = file.axes.first(where: { $0.extent == size }) {
        dim.dimParam = axis.name
      }
      return dim
    }
    proto.type.tensorType = tensor
    return proto
  }
}
