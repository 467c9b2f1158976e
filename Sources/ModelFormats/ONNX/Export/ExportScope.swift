import NeuralNetworks
import TensorGraph

/// The nodes of one graph of the file, in order.
final class ExportScope {
  let file: ExportFile
  let parent: ExportScope?
  var nodes: [ExportNode] = []
  /// The layers around what is being written.
  var path = ""
  /// Where a size is found: an axis of a value.
  private var sources: [Extent: (value: String, axis: Int)] = [:]
  private var sizeValues: [Extent: ExportValue] = [:]

  init(file: ExportFile, parent: ExportScope? = nil) {
    self.file = file
    self.parent = parent
    path = parent?.path ?? ""
  }

  private var outermost: ExportScope { parent?.outermost ?? self }

  /// Adds a node, and returns its results.
  func add(
    _ type: String, _ inputs: [ExportValue?], _ attributes: [String: ExportAttribute] = [:],
    _ results: [ExportType], domain: String = ""
  ) -> [ExportValue] {
    let outputs = results.map { ExportValue(file.newValue($0), $0) }
    nodes.append(
      ExportNode(
        type: type, inputs: inputs.map { $0?.name ?? "" }, outputs: outputs.map(\.name),
        attributes: attributes, path: path, domain: domain))
    outputs.forEach(noteSizes)
    return outputs
  }

  /// Adds a node with one result.
  func one(
    _ type: String, _ inputs: [ExportValue?], _ attributes: [String: ExportAttribute] = [:],
    _ result: ExportType
  ) -> ExportValue {
    add(type, inputs, attributes, [result])[0]
  }

  /// Remembers which sizes are found in `value`.
  func noteSizes(of value: ExportValue) {
    for (axis, size) in value.stored.enumerated() where size.fixed == nil {
      if sources[size] == nil { sources[size] = (value.name, axis) }
    }
  }

  // MARK: Constants

  func constant(_ tensor: Tensor, label: String? = nil) -> ExportValue {
    file.constant(tensor, label: label ?? (path.isEmpty ? "constant" : path + "/constant"))
  }

  /// A number without axes.
  func scalar(_ number: Double, _ dtype: DType) -> ExportValue {
    constant(Tensor(TensorType(dtype, []), numbers: [number]))
  }

  /// A list of integers.
  func ints(_ values: [Int]) -> ExportValue {
    constant(Tensor([values.count], values.map(Int64.init)))
  }

  // MARK: Sizes

  /// A size as `int64[1]`.
  func size(_ extent: Extent) throws -> ExportValue {
    if let fixed = extent.fixed { return ints([fixed]) }
    if let value = found(extent) { return value }
    throw openSizeMistake(extent.values(file.traceCount).map(Double.init))
  }

  /// The error that a number follows from open sizes in a way that cannot be written.
  func openSizeMistake(_ numbers: [Double]) -> FormatError {
    func list(_ numbers: [Double]) -> String {
      numbers.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }.joined(separator: ", ")
    }
    return FormatError(
      "\(path.isEmpty ? "the model" : path) computes with a number that follows from an open size "
        + "in a way that ONNX has no operators for",
      got: list(numbers) + " for "
        + file.axes.map { "\($0.name) " + list($0.extent.values(file.traceCount).map(Double.init)) }
        .joined(separator: "; "),
      hint: "give the inputs fixed sizes")
  }

  /// Sizes as `int64[count]`.
  func sizes(_ extents: [Extent]) throws -> ExportValue {
    let fixed = extents.compactMap(\.fixed)
    if fixed.count == extents.count { return ints(fixed) }
    // Neighbors that are fixed are one constant.
    var parts: [ExportValue] = [], run: [Int] = []
    func flush() {
      if !run.isEmpty { parts.append(ints(run)) }
      run = []
    }
    for extent in extents {
      if let fixed = extent.fixed {
        run.append(fixed)
      } else {
        flush()
        parts.append(try size(extent))
      }
    }
    flush()
    if parts.count == 1 { return parts[0] }
    return one(
      "Concat", parts, ["axis": .int(0)], ExportType(.int64, [.fixed(extents.count)]))
  }

  private func found(_ extent: Extent) -> ExportValue? {
    if let known = cached(extent) { return known }
    if let axis = file.axes.first(where: { $0.extent == extent }) {
      return outermost.root(axis)
    }
    if let value = fromSources(extent) { return value }
    return computed(extent)
  }

  private func cached(_ extent: Extent) -> ExportValue? {
    sizeValues[extent] ?? parent?.cached(extent)
  }

  private func root(_ axis: OpenAxis) -> ExportValue? {
    fromSources(axis.extent)
  }

  private func fromSources(_ extent: Extent) -> ExportValue? {
    if let known = sizeValues[extent] { return known }
    guard let source = sources[extent], let type = file.types[source.value] else {
      return parent?.fromSources(extent)
    }
    let value = one(
      "Shape", [ExportValue(source.value, type)],
      ["start": .int(source.axis), "end": .int(source.axis + 1)], ExportType(.int64, [.fixed(1)]))
    sizeValues[extent] = value
    return value
  }

  /// The size as a product of open sizes and a number, or as a multiple of one and a number more.
  private func computed(_ extent: Extent) -> ExportValue? {
    let scope = outermost, traces = 0..<file.traceCount
    let values = extent.values(file.traceCount)
    func keep(_ value: ExportValue) -> ExportValue {
      scope.sizeValues[extent] = value
      return value
    }
    for subset in 1..<(1 << min(file.axes.count, 6)) {
      let axes = file.axes.indices.filter { subset >> $0 & 1 == 1 }.map { file.axes[$0] }
      let product = traces.map { trace in axes.reduce(1) { $0 * $1.extent.value(trace) } }
      let factor = values[0] / product[0]
      guard factor != 0, traces.allSatisfy({ product[$0] * factor == values[$0] }) else { continue }
      let roots = axes.compactMap(scope.root)
      guard roots.count == axes.count else { continue }
      return keep(
        roots.dropFirst().reduce(scope.scaled(roots[0], by: factor)) {
          scope.integer("Mul", $0, $1)
        })
    }
    for axis in file.axes {
      let sizes = axis.extent.values(file.traceCount)
      let (rise, run) = (values[1] - values[0], sizes[1] - sizes[0])
      guard run != 0, rise % run == 0, rise != 0 else { continue }
      let factor = rise / run, rest = values[0] - factor * sizes[0]
      guard traces.allSatisfy({ sizes[$0] * factor + rest == values[$0] }),
        let root = scope.root(axis)
      else { continue }
      return keep(scope.integer("Add", scope.scaled(root, by: factor), scope.ints([rest])))
    }
    return nil
  }

  private func scaled(_ value: ExportValue, by factor: Int) -> ExportValue {
    factor == 1 ? value : integer("Mul", value, ints([factor]))
  }

  private func integer(_ type: String, _ a: ExportValue, _ b: ExportValue) -> ExportValue {
    one(type, [a, b], [:], ExportType(.int64, [.fixed(1)]))
  }
}
