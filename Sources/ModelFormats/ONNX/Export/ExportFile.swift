import TensorGraph

/// What all graphs of a file share: constants, the types of values, and the sizes that are open.
final class ExportFile {
  /// A tensor in the file, and what it would be called.
  struct Constant: Hashable {
    let tensor: Tensor
    let label: String
  }

  /// The number of traces.
  let traceCount: Int
  let axes: [OpenAxis]
  private(set) var constants: [String: Constant] = [:]
  /// The type that each value has in the file.
  private(set) var types: [String: ExportType] = [:]
  private var known: [Constant: String] = [:]
  private var count = 0

  init(axes: [OpenAxis], traceCount: Int) {
    self.axes = axes
    self.traceCount = traceCount
  }

  /// A name for a value.
  func newValue(_ type: ExportType) -> String {
    count += 1
    let name = "%\(count)"
    types[name] = type
    return name
  }

  /// A constant of the file, made once for the same weight, and for equal ones that are none.
  func constant(_ tensor: Tensor, label: String) -> ExportValue {
    let type = ExportType(tensor.dtype, tensor.shape.dims.map { .fixed($0) })
    let isWeight = !label.hasSuffix(Self.unnamed)
    let key = Constant(tensor: tensor, label: isWeight ? label : "")
    if let name = known[key] { return ExportValue(name, type) }
    count += 1
    let name = "$\(count)"
    constants[name] = Constant(tensor: tensor, label: label)
    types[name] = type
    known[key] = name
    return ExportValue(name, type)
  }

  /// What constants that are no weights are called.
  static let unnamed = "constant"

  /// The tensor of a value that is a constant.
  func tensor(_ name: String) -> Tensor? { constants[name]?.tensor }
}
