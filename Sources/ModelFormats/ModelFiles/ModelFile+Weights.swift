import FoundationEssentials
import NeuralNetworks
import OrderedCollections
import TensorGraph

extension ModelFile {
  /// The bytes of a file of the weights of `model`, of the kind `format`.
  ///
  /// - Throws: when files of that kind hold more than weights.
  static func weightsData(
    of model: Model, as format: ModelFormat
  ) throws(FormatError) -> Data {
    switch format {
    case .kerasWeights: return try KerasFile.weightsData(of: model)
    case .safetensors:
      return try SafetensorsFile.data(
        model.weights, metadata: ["format": "strata", "name": model.name])
    case .npz:
      // NumPy has no bfloat16; its numbers are all float32's, too.
      return try NumPy.data(
        archive: model.weights.map { ($0, $1.dtype == .bfloat16 ? $1.cast(to: .float32) : $1) })
    case .legacyKeras: return try LegacyKerasFile.weightsData(of: model)
    case .keras, .onnx, .configuration:
      throw FormatError(
        "a file of weights ends in .weights.h5, .safetensors or .npz", got: format.name,
        hint: "save(to:) writes the whole model")
    }
  }

  /// Gives `model` the weights in `data`, the bytes of a file with weights, or of a whole model.
  ///
  /// - Throws: when the file has other weights than the model; then nothing changes.
  static func restoreWeights(
    _ data: Data, file: String?, to model: Model, _ names: WeightNames = WeightNames()
  ) throws(FormatError) {
    let format = ModelFormat(of: data)
    if let tensors = try tensors(data, format, file) {
      return try restore(tensors, file, to: model, names)
    }
    guard names.convention == .keras, names.renaming.isEmpty, !names.allowsUnused else {
      throw FormatError(
        "only tensors by name, safetensors and NPZ, can be renamed",
        got: format?.name ?? "a file of another kind", file: file)
    }
    switch format {
    case .keras:
      try KerasFile.restoreWeights(
        data, file: file, to: model, byName: names.byName, skipMismatch: names.skipMismatch)
    case .kerasWeights, .legacyKeras:
      guard LegacyKerasFile.isLegacy(data) else {
        return try KerasFile.restoreWeights(
          data, file: file, to: model, byName: names.byName, skipMismatch: names.skipMismatch)
      }
      try LegacyKerasFile.restoreWeights(
        data, file: file, to: model, byName: names.byName, skipMismatch: names.skipMismatch)
    case .onnx, .configuration, .safetensors, .npz, nil:
      throw FormatError(
        "this is no file of weights", got: format?.name ?? "\(data.count) bytes of another kind",
        file: file, hint: "weights are in .weights.h5, .h5, .keras, .safetensors and .npz files")
    }
  }

  /// The tensors by name in a file that has just that; nothing for one of another kind.
  static func tensors(
    _ data: Data, _ format: ModelFormat?, _ file: String?
  ) throws(FormatError) -> OrderedDictionary<String, Tensor>? {
    switch format {
    case .safetensors: return try SafetensorsFile(data, file: file).tensors()
    case .npz:
      return OrderedDictionary(
        try NumPy.archive(data, file: file).map { ($0.name, $0.tensor) },
        uniquingKeysWith: { first, _ in first })
    default: return nil
    }
  }

  /// Gives `model` the weights among `tensors`, all or none.
  static func restore(
    _ tensors: OrderedDictionary<String, Tensor>, _ file: String?, to model: Model,
    _ names: WeightNames
  ) throws(FormatError) {
    var missing: [String] = [], misfits: [String] = [], unused = Set(tensors.keys)
    var variables = model.variables
    for (index, declaration) in model.declarations.enumerated() {
      let path = declaration.path
      let name = names.convention.name(of: path, renaming: names.renaming)
      guard let tensor = tensors[name] else {
        missing.append(name == path ? path : "\(path) (\(name))")
        continue
      }
      unused.remove(name)
      let value = names.convention.weight(tensor, at: path, declaration.type.shape)
      guard value.shape == declaration.type.shape, value.dtype != .string else {
        misfits.append("\(path) is \(value.type) instead of \(declaration.type)")
        continue
      }
      variables[index] = value.cast(to: declaration.type.dtype).owned()
    }
    guard !names.byName || missing.count < model.declarations.count || missing.isEmpty else {
      throw FormatError(
        "no tensor of the file is called as a weight of \(model.name)",
        got: listed(Array(tensors.keys)), file: file,
        hint: names.hint(missing: missing, superfluous: Array(tensors.keys)))
    }
    let superfluous =
      names.allowsUnused || names.byName ? [] : tensors.keys.filter { unused.contains($0) }
    let faults = [
      ("missing: ", names.byName ? [] : missing),
      ("of other shapes: ", names.skipMismatch ? [] : misfits),
      ("not in the model: ", superfluous),
    ].filter { !$0.1.isEmpty }
    guard faults.isEmpty else {
      throw FormatError(
        "the weights in the file do not fit \(model.name)",
        got: faults.map { $0 + listed($1) }.joined(separator: "; "), file: file,
        hint: names.hint(missing: missing, superfluous: superfluous))
    }
    model.variables = variables
  }

  /// The first of many names.
  static func listed(_ names: [String]) -> String {
    names.count <= 20
      ? names.joined(separator: ", ")
      : names.prefix(20).joined(separator: ", ") + ", and \(names.count - 20) more"
  }
}

/// Where a file has the weights of a model.
struct WeightNames: Hashable {
  var convention = WeightConvention.keras
  var renaming: [String: String] = [:]
  var allowsUnused = false
  var byName = false
  var skipMismatch = false

  func hint(missing: [String], superfluous: [String]) -> String? {
    if !missing.isEmpty, !superfluous.isEmpty {
      return convention == .keras && superfluous.contains { $0.hasSuffix(".weight") }
        ? "for a file of PyTorch: convention: .pyTorch, renaming: […]"
        : "say where the layers are in the file: renaming: [\"layer\": \"name in the file\"]"
    }
    return missing.isEmpty && !superfluous.isEmpty
      ? "to pass over what the model has no use for: allowsUnused: true" : nil
  }
}
