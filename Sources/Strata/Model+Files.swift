import CPUEngine
import ModelFormats

extension Model {
  /// Reads the model in the file at `path`: a `.keras` file, a model in HDF5 (`.h5`) of any version
  /// of Keras, or an ONNX file. What it is, its content says.
  ///
  ///     let model = try Model.load(from: "digits.keras")
  ///     let classes = try model.predict(images)
  ///
  /// A model that was compiled is compiled as it was, with the optimizer's variables: training
  /// goes on where it ended. A configuration of Keras in JSON gives its network with first weights.
  ///
  /// A file that Strata wrote has a test vector, a small input and what the model gave for it. It
  /// is computed again, which costs about as much as two predictions of a sample: so it is noticed
  /// when this machine computes something else than the one that trained the model.
  ///
  /// - Parameters:
  ///   - path: Where the file is.
  ///   - compile: Whether the model is compiled as it was.
  ///   - checksTestVector: Whether a test vector that the file has is computed again.
  ///   - layers: Layers of your own that the file names.
  ///   - engine: What runs the model.
  /// - Returns: the model, with its weights.
  /// - Throws: when there is no such file, it is damaged, it names what Strata does not have, or
  ///   this machine computes something else than the test vector says.
  public static func load(
    from path: String, compile: Bool = true, checksTestVector: Bool = true,
    layers: [any NamedLayer.Type] = [], engine: any Engine = CPUEngine()
  ) throws(FormatError) -> Model {
    try ModelFile.model(
      Files.contents(of: path), file: path, compile: compile, checksTestVector: checksTestVector,
      registry: layers.isEmpty ? .standard : LayerRegistry(adding: layers), engine: engine)
  }

  /// Writes the model to the file at `path`, in the form that its ending says: `.keras`, which
  /// Keras 3 reads, `.h5` or `.hdf5`, which all versions of Keras read, or `.onnx`.
  ///
  /// A `.keras` file holds the network, its weights, a test vector, and, if the model is compiled,
  /// how, with the optimizer's variables. Others hold less: `strata convert` says what is lost. A
  /// file that was there is replaced when the new one is complete.
  ///
  /// - Throws: when the name ends in something else, files of that kind cannot hold the model, or
  ///   the file cannot be written.
  public func save(to path: String) throws(FormatError) {
    let format = try ModelFormat(savingTo: path)
    try Files.write(ModelFile.data(of: self, as: format), to: path)
  }
}
