import TensorGraph

/// Moves transposes past operators that do not mind the order of axes, until they meet their
/// inverses.
///
/// A transposed value is at first only noted: as another value, and the order of its axes. It is
/// written where something asks for it that cannot do without.
struct TransposePass {
  /// A value that is another one with its axes in another order.
  private struct View {
    let base: String
    /// Which axis of the base each axis is.
    let order: [Int]
  }

  private let file: ExportFile
  private var nodes: [ExportNode] = []
  private var views: [String: View] = [:]
  private var names: [String: String] = [:]

  init(_ file: ExportFile) { self.file = file }

  /// The nodes and outputs of a graph with as few transposes as this way leads to.
  static func run(
    _ nodes: [ExportNode], _ outputs: [String], _ file: ExportFile
  ) -> (nodes: [ExportNode], outputs: [String]) {
    var pass = TransposePass(file)
    for var node in nodes {
      node.mapBodies { body in
        var body = body
        (body.nodes, body.outputs) = run(body.nodes, body.outputs, file)
        return body
      }
      node.rename(pass.names)
      pass.add(node)
    }
    let outputs = outputs.map { pass.names[$0] ?? $0 }
    for output in outputs { pass.write(output, for: pass.nodes.last?.path ?? "") }
    return (pass.nodes, outputs)
  }

  private mutating func add(_ node: ExportNode) {
    switch node.type {
    case "Transpose":
      guard let order = node.attributes["perm"]?.ints else { break }
      let view = views[node.inputs[0]]
      let combined = order.map { view?.order[$0] ?? $0 }
      let base = view?.base ?? node.inputs[0]
      if combined == Array(combined.indices) {
        names[node.outputs[0]] = base
      } else {
        views[node.outputs[0]] = View(base: base, order: combined)
      }
      return
    case let type where Self.elementwise.contains(type):
      if addElementwise(node) { return }
    case let type where type.hasPrefix("Reduce") || type == "Squeeze":
      if addReduction(node) { return }
    case "Concat", "Softmax", "LogSoftmax", "Pad", "Slice", "Resize":
      if addAlongAxis(node) { return }
    case "Shape":
      guard let view = views[node.inputs[0]], let axis = node.attributes["start"]?.int else {
        break
      }
      var moved = node
      moved.inputs = [view.base]
      moved.attributes["start"] = .int(view.order[axis])
      moved.attributes["end"] = .int(view.order[axis] + 1)
      nodes.append(moved)
      return
    default: break
    }
    for read in node.reads { write(read, for: node.path) }
    nodes.append(node)
  }

  /// Writes the transpose that a value is, if it is one, for a node of the layer at `path`.
  private mutating func write(_ name: String, for path: String) {
    guard let view = views.removeValue(forKey: name) else { return }
    nodes.append(
      ExportNode(
        type: "Transpose", inputs: [view.base], outputs: [name],
        attributes: ["perm": .ints(view.order)], path: path))
  }

  private func rank(_ name: String) -> Int? { file.types[name]?.sizes.count }

  /// Adds `node` on the values that its inputs are views of, with a view as its result.
  private mutating func addMoved(_ node: ExportNode, _ inputs: [String], _ order: [Int]) {
    guard let output = node.outputs.first, let type = file.types[output] else { return }
    var sizes = type.sizes
    for (axis, from) in order.enumerated() { sizes[from] = type.sizes[axis] }
    var moved = node
    moved.inputs = inputs
    let base = file.newValue(ExportType(type.dtype, sizes))
    moved.outputs = [base]
    nodes.append(moved)
    views[output] = View(base: base, order: order)
  }

  private static let elementwise: Set<String> = [
    "Neg", "Abs", "Sign", "Sqrt", "Reciprocal", "Exp", "Log", "Sin", "Cos", "Tan", "Asin", "Acos",
    "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Tanh", "Sigmoid", "Softplus", "Relu", "Erf",
    "Floor", "Ceil", "Round", "IsNaN", "IsInf", "Not", "Cast", "LeakyRelu", "Elu", "Clip", "Add",
    "Sub", "Mul", "Div", "Max", "Min", "Pow", "Mod", "And", "Or", "Xor", "Equal", "Less",
    "LessOrEqual", "Greater", "GreaterOrEqual", "Where", "PRelu",
  ]

  private mutating func addElementwise(_ node: ExportNode) -> Bool {
    guard let rank = rank(node.outputs[0]),
      let order = node.inputs.compactMap({ views[$0]?.order }).first, order.count == rank
    else { return false }
    var inputs: [String] = []
    for input in node.inputs {
      if let view = views[input] {
        guard view.order == order else { return false }
        inputs.append(view.base)
      } else if let sizes = file.types[input]?.sizes, sizes.allSatisfy({ $0 == .fixed(1) }) {
        inputs.append(input)  // the same for all elements
      } else if let constant = file.constants[input] {
        inputs.append(moved(constant, order))
      } else {
        return false
      }
    }
    addMoved(node, inputs, order)
    return true
  }

  /// A constant that broadcasts to a view, as it broadcasts to what the view is of.
  private func moved(_ constant: ExportFile.Constant, _ order: [Int]) -> String {
    let shape = constant.tensor.shape
    let wide = Array(repeating: 1, count: order.count - shape.rank) + shape.dims
    var inverse = order
    for (axis, from) in order.enumerated() { inverse[from] = axis }
    let tensor = constant.tensor.reshaped(Shape(wide)).permuted(inverse)
    let ones = tensor.shape.dims.prefix { $0 == 1 }.count
    let short = Shape(Array(tensor.shape.dims.dropFirst(min(ones, order.count - 1))))
    return file.constant(tensor.reshaped(short), label: constant.label).name
  }

  private func ints(_ name: String) -> [Int]? {
    file.tensor(name)?.scalars(as: Int64.self).map(Int.init)
  }

  private func constant(_ values: [Int]) -> String {
    file.constant(Tensor([values.count], values.map(Int64.init)), label: ExportFile.unnamed).name
  }

  private mutating func addReduction(_ node: ExportNode) -> Bool {
    guard let view = views[node.inputs[0]], node.inputs.count == 2,
      let axes = ints(node.inputs[1])
    else { return false }
    let inputs = [view.base, constant(axes.map { view.order[$0] }.sorted())]
    if node.type != "Squeeze", node.attributes["keepdims"]?.int != 0 {
      addMoved(node, inputs, view.order)
      return true
    }
    let kept = view.order.indices.filter { !axes.contains($0) }.map { view.order[$0] }
    let order = kept.map { axis in kept.filter { $0 < axis }.count }
    if order == Array(order.indices) {
      var moved = node
      moved.inputs = inputs
      nodes.append(moved)
    } else {
      addMoved(node, inputs, order)
    }
    return true
  }

  private mutating func addAlongAxis(_ node: ExportNode) -> Bool {
    guard let view = views[node.inputs[0]] else { return false }
    var moved = node, inputs = [view.base] + node.inputs.dropFirst()
    switch node.type {
    case "Concat":
      guard let axis = node.attributes["axis"]?.int else { return false }
      for (place, input) in node.inputs.enumerated() {
        guard let other = views[input], other.order == view.order else { return false }
        inputs[place] = other.base
      }
      moved.attributes["axis"] = .int(view.order[axis])
    case "Pad":
      guard let pads = ints(node.inputs[1]) else { return false }
      let rank = view.order.count
      var turned = pads
      for (axis, from) in view.order.enumerated() {
        (turned[from], turned[from + rank]) = (pads[axis], pads[axis + rank])
      }
      inputs[1] = constant(turned)
    case "Slice":
      guard node.inputs.count > 3, let axes = ints(node.inputs[3]) else { return false }
      inputs[3] = constant(axes.map { view.order[$0] })
    case "Resize":
      guard let scales = file.tensor(node.inputs[2])?.numbers else { return false }
      var turned = scales
      for (axis, from) in view.order.enumerated() { turned[from] = scales[axis] }
      inputs[2] =
        file.constant(
          Tensor([turned.count], turned.map(Float.init)), label: ExportFile.unnamed
        ).name
    default:
      guard let axis = node.attributes["axis"]?.int else { return false }
      moved.attributes["axis"] = .int(view.order[axis])
    }
    addMoved(moved, inputs, view.order)
    return true
  }
}
