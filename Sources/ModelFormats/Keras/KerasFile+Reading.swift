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
  ///   - registry: The layers that the file may name.
  ///   - engine: What runs the graphs.
  /// - Returns: the model, with the weights of the file.
  /// - Throws: when the file is damaged, names what Strata does not have, or has other weights
  ///   than its network.
  public static func model(
    _ data: Data, file: String? = nil, compile: Bool = true, registry: LayerRegistry = .standard,
    engine: any Engine
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
        try JSONValue(parsing: zip.bytes(of: configuration))
      }
      try checkClasses(in: described, registry)
      let weights = try HDF5File(image: zip.bytes(of: self.weights), file: file)
      let stored = try StoredWeights(weights)
      let object = try addingAssets(to: described, zip, stored, registry)
      let model = try Model(
        NetworkConfiguration(object, registry: registry), seed: stored.seed ?? 0, engine: engine,
        drawsWeights: false, byteLimit: stored.byteLimit)
      let layout = try WeightLayout(model) { container, layers throws(FormatError) in
        try stored.groups(in: container, of: layers)
      }
      try stored.restore(layout, to: model)
      if zip.names.contains(metadata) { try freeze(model, zip.bytes(of: metadata)) }
      if compile, let settings = object["compile_config"]?.object, !settings.isEmpty {
        try naming(file, hint: "load the model with compile: false, and compile it anew") {
          let outputs = model.structure.outputNames
          try model.compile(CompileSettings(.object(settings), outputNames: outputs))
        }
        try OptimizerLayout(model, layout).map { optimizer throws(FormatError) in
          let values = try stored.optimizerVariables()
          if !values.isEmpty { try optimizer.restore(values, to: model) }
        }
      }
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

  /// Throws unless all layers of the network are known: one error for all that are not.
  private static func checkClasses(
    in object: JSONValue, _ registry: LayerRegistry
  ) throws(FormatError) {
    let known = Set(registry.classNames + ["Sequential", "Functional", "Model", "InputLayer"])
    var unknown: [String] = []
    var waiting = object["config"]?["layers"]?.array ?? []
    while let layer = waiting.popLast() {
      waiting += layer["config"]?["layers"]?.array ?? []
      waiting += ["layer", "backward_layer", "cell"].compactMap { layer["config"]?[$0] }
      waiting += layer["config"]?["cells"]?.array ?? []
      guard let className = layer["class_name"]?.string, !known.contains(className),
        layer["module"]?.string?.hasPrefix("keras.src.ops") != true
      else { continue }
      let name = layer["config"]?["name"]?.string ?? layer["name"]?.string
      unknown.append(className + (name.map { " (\($0))" } ?? ""))
    }
    guard unknown.count > 1 else { return }  // one alone is reported with a better hint
    throw FormatError(
      "the network has layers that are not known", got: unknown.reversed().joined(separator: ", "),
      at: .part(configuration),
      hint: "give your own layers in the registry: LayerRegistry(adding: […])")
  }
}
