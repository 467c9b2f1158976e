import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Models in files of all kinds, told apart by content.
public enum ModelFile {
  /// The model in `data`, the bytes of a file.
  ///
  /// - Parameters:
  ///   - data: The bytes: a `.keras` file, a model in HDF5, an ONNX file, or the configuration of
  ///     a network, which gives a model with first weights.
  ///   - file: The name of the file, for messages.
  ///   - compile: Whether the model is compiled as it was.
  ///   - checksTestVector: Whether a test vector that the file has is computed again.
  ///   - seed: What the weights follow from if the file has none.
  ///   - registry: The layers that the file may name.
  ///   - engine: What runs the model.
  /// - Returns: the model.
  /// - Throws: when the file is of another kind or damaged, or names what Strata does not have, or
  ///   when this machine computes something else than what the test vector says.
  public static func model(
    _ data: Data, file: String? = nil, compile: Bool = true, checksTestVector: Bool = true,
    seed: UInt64 = 0, registry: LayerRegistry = .standard, engine: any Engine
  ) throws(FormatError) -> Model {
    switch ModelFormat(of: data) {
    case .keras:
      return try KerasFile.model(
        data, file: file, compile: compile, checksTestVector: checksTestVector,
        registry: registry, engine: engine)
    case .legacyKeras:
      return try LegacyKerasFile.model(
        data, file: file, compile: compile, registry: registry, engine: engine)
    case .onnx:
      let model = try ONNXFile.model(data, file: file, engine: engine)
      if checksTestVector, let vector = try TestVector(onnx: data, file: file) {
        try vector.check(model, file: file)
      }
      return model
    case .configuration:
      return try KerasFile.naming(file) {
        try Model(
          NetworkConfiguration(JSONValue(parsing: data), registry: registry), seed: seed,
          engine: engine)
      }
    case let format?:
      throw weightsAlone(format, file)
    case nil: throw unknown(data, file)
    }
  }

  /// The bytes of a file of `model`, of the kind `format`.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - format: The kind of file.
  ///   - opset: The version of the operators of an ONNX file.
  /// - Returns: the bytes.
  /// - Throws: when files of that kind cannot hold the model.
  public static func data(
    of model: Model, as format: ModelFormat, opset: Int = 18
  ) throws(FormatError) -> Data {
    switch format {
    case .keras: return try KerasFile.data(of: model)
    case .legacyKeras: return try LegacyKerasFile.data(of: model)
    case .onnx:
      let data = try ONNXFile.data(of: model, opset: opset)
      return try TestVector(of: model).map { vector throws(FormatError) in
        try data + vector.onnxField()
      } ?? data
    case .configuration:
      return try KerasFile.naming(nil) { try model.configuration().serialized() }
    case .kerasWeights, .safetensors, .npz: return try weightsData(of: model, as: format)
    }
  }

  /// Throws if a layer of `model` has no name in the kind of file that `path` asks for: now, before
  /// work is done that could not be kept.
  package static func checkNames(of model: Model, savingTo path: String) throws(FormatError) {
    let format = try ModelFormat(savingTo: path)
    guard format == .keras || format == .legacyKeras else { return }
    try KerasFile.naming(nil, hint: "end the name of the file in .onnx") {
      _ = try model.configuration()
    }
  }

  /// The report of a file of weights where a model is needed.
  package static func weightsAlone(_ format: ModelFormat, _ file: String?) -> FormatError {
    FormatError(
      "this file has weights and no network", got: format.name, file: file,
      hint: "put both into one file: "
        + "strata convert \(file ?? "WEIGHTS") OUT.keras --architecture MODEL, "
        + "or build the network and load them: model.loadWeights(from:)")
  }

  /// The report of a file that is none of a model.
  package static func unknown(_ data: Data, _ file: String?) -> FormatError {
    let kinds: [([UInt8], String)] = [
      ([0x93] + Array("NUMPY".utf8), "an array of NumPy"), ([0x50, 0x4b], "a ZIP archive"),
      ([0x89] + Array("PNG".utf8), "a picture"), ([0xff, 0xd8, 0xff], "a picture"),
      ([0x80, 0x02], "a pickle, which can run any program when it is read"),
      ([0x1f, 0x8b], "a file compressed by gzip"),
    ]
    let kind = kinds.first { data.starts(with: $0.0) }?.1
    return FormatError(
      "this is no model",
      got: data.isEmpty ? "an empty file" : kind ?? "\(data.count) bytes of another kind",
      file: file,
      hint: "models are .keras, .h5 and .onnx files, and configurations of Keras in JSON")
  }
}
