import CPUEngine
import ModelFormats

extension Model {
  /// Reads the model in the `.keras` file at `path`, as Keras or Strata wrote it.
  ///
  ///     let model = try Model.load(from: "digits.keras")
  ///     let classes = try model.predict(images)
  ///
  /// A model that was compiled is compiled as it was, with the optimizer's variables: training
  /// goes on where it ended.
  ///
  /// - Parameters:
  ///   - path: Where the file is.
  ///   - compile: Whether the model is compiled as it was.
  ///   - layers: Layers of your own that the file names.
  ///   - engine: What runs the model.
  /// - Returns: the model, with its weights.
  /// - Throws: when there is no such file, it is damaged, or it names what Strata does not have.
  public static func load(
    from path: String, compile: Bool = true, layers: [any NamedLayer.Type] = [],
    engine: any Engine = CPUEngine()
  ) throws(FormatError) -> Model {
    try KerasFile.model(
      Files.contents(of: path), file: path, compile: compile,
      registry: layers.isEmpty ? .standard : LayerRegistry(adding: layers), engine: engine)
  }

  /// Writes the model to the `.keras` file at `path`, which Keras 3 reads.
  ///
  /// The file holds the network, its weights, and, if the model is compiled, how, with the
  /// optimizer's variables. A file that was there is replaced when the new one is complete.
  ///
  /// - Throws: when a layer is none that files can name, or the file cannot be written.
  public func save(to path: String) throws(FormatError) {
    try Files.write(KerasFile.data(of: self), to: path)
  }
}
