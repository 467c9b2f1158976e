import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension KerasFile {
  /// The bytes of a `.weights.h5` file: the weights of `model`, the variables of its optimizer, and
  /// the state of its random numbers.
  ///
  /// Throws when a layer is none that files can name.
  public static func weightsData(of model: Model) throws(FormatError) -> Data {
    try naming(nil) { try weights(of: model) }
  }

  /// Gives `model` the weights in `data`, the bytes of a `.weights.h5` file, and, if it is compiled,
  /// its optimizer the variables that the file has.
  ///
  /// Throws when the file is damaged, or has other weights than the model; then nothing changes.
  public static func restoreWeights(
    _ data: Data, file: String? = nil, to model: Model
  ) throws(FormatError) {
    try naming(file) {
      let stored = try StoredWeights(HDF5File(image: data, file: file))
      let layout = try WeightLayout(model) { container, layers throws(FormatError) in
        try stored.groups(in: container, of: layers)
      }
      let before = model.variables
      try stored.restore(layout, to: model)
      guard let optimizer = OptimizerLayout(model, layout) else { return }
      let values = try stored.optimizerVariables()
      guard !values.isEmpty else { return }
      do {
        try optimizer.restore(values, to: model)
      } catch {
        model.variables = before
        throw error
      }
    }
  }
}

extension Model {
  /// Writes the weights, with the optimizer's variables, to the `.weights.h5` file at `path`.
  ///
  /// Throws when the name is another one, or the file cannot be written.
  public func saveWeights(to path: String) throws(FormatError) {
    guard path.hasSuffix(".weights.h5") else {
      throw FormatError("a file of weights has a name that ends in .weights.h5", got: path)
    }
    try Files.write(KerasFile.weightsData(of: self), to: path)
  }

  /// Reads the weights, and the optimizer's variables if the model is compiled, from the
  /// `.weights.h5` file at `path`.
  ///
  /// Throws when the file is damaged, or has other weights; then nothing changes.
  public func loadWeights(from path: String) throws(FormatError) {
    try KerasFile.restoreWeights(Files.contents(of: path), file: path, to: self)
  }
}
