import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension KerasFile {
  /// The model in `data`, the bytes of a `.keras` file.
  ///
  /// - Parameters:
  ///   - data: The bytes.
  ///   - file: The name of the file, for messages.
  ///   - compile: Whether the model is compiled as it was, with the optimizer's variables.
  ///   - checksTestVector: Whether a test vector that the file has is computed again.
  ///   - registry: The layers that the file may name.
  ///   - engine: What runs the graphs.
  /// - Returns: the model, with the weights of the file.
  /// - Throws: when the file is damaged, names what Strata does not have, or has other weights
  ///   than its network, or when this machine computes something else than the test vector says.
  public static func model(
    _ data: Data, file: String? = nil, compile: Bool = true, checksTestVector: Bool = true,
    registry: LayerRegistry = .standard, engine: any Engine
  ) throws(FormatError) -> Model {
    try naming(file) {
      guard isArchive(data) else {
        throw FormatError(
          "this is not a .keras file",
          got: HDF5File.isHDF5(data) ? "an HDF5 file" : "\(data.count) bytes that are no archive",
          hint: "save the model as .keras")
      }
      let zip = try ZipReader(data, file: file)
      let described = try naming([file, configuration].compactMap(\.self).joined(separator: " ")) {
        try JSONValue(parsing: zip.text(of: configuration))
      }
      let weights = try HDF5File(image: zip.slice(of: self.weights), file: file)
      let stored = try StoredWeights(weights)
      let object = try addingAssets(to: described, zip, stored, registry)
      let settings = compile ? object["compile_config"] : nil
      let model = try listingMistakes(in: object, settings, registry, configuration) {
        try Model(
          NetworkConfiguration(object, registry: registry), seed: stored.seed ?? 0, engine: engine,
          drawsWeights: false, byteLimit: stored.byteLimit)
      }
      let layout = try WeightLayout(model) { container, layers throws(FormatError) in
        try stored.groups(in: container, of: layers)
      }
      try stored.restore(layout, to: model)
      if zip.names.contains(metadata) { try freeze(model, zip.text(of: metadata)) }
      if let settings = settings?.object, !settings.isEmpty {
        try listingMistakes(in: object, .object(settings), registry, configuration) {
          try naming(file, hint: "load the model with compile: false, and compile it anew") {
            let outputs = model.structure.outputNames
            try model.compile(CompileSettings(.object(settings), outputNames: outputs))
          }
        }
        try OptimizerLayout(model, layout).map { optimizer throws(FormatError) in
          let values = try stored.optimizerVariables()
          if !values.isEmpty { try optimizer.restore(values, to: model) }
        }
      }
      if checksTestVector { try stored.testVector?.check(model, file: file) }
      return model
    }
  }

  /// Freezes the weights that the metadata name.
  private static func freeze(_ model: Model, _ metadata: Data) throws {
    let frozen = try JSONValue(parsing: metadata)[self.frozen]?.array ?? []
    for path in frozen.compactMap(\.string) where model.isTrainable(path) {
      try model.freeze(path)
    }
  }

  /// Calls `body`, and if it throws, throws one error for all that `network` and `settings` name
  /// and nobody knows, if that is the reason.
  static func listingMistakes<R>(
    in network: JSONValue, _ settings: JSONValue?, _ registry: LayerRegistry, _ part: String,
    _ body: () throws -> R
  ) throws -> R {
    do {
      return try body()
    } catch {
      throw ConfigurationMistakes(network, settings: settings, registry).error(in: part) ?? error
    }
  }
}
