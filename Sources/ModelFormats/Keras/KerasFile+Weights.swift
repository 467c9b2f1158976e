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

  /// Gives `model` the weights in `data`, the bytes of a `.weights.h5` or `.keras` file, and, if it
  /// is compiled, its optimizer the variables that the file has.
  ///
  /// - Parameters:
  ///   - data: The bytes.
  ///   - file: The name of the file, for messages.
  ///   - model: What gets the weights.
  ///   - byName: Whether layers get the weights of the layer that is called as they are. Other
  ///     layers and the optimizer are then left alone.
  ///   - skipMismatch: Whether weights of other shapes are left out.
  /// - Throws: when the file is damaged, or has other weights than the model; then nothing changes.
  public static func restoreWeights(
    _ data: Data, file: String? = nil, to model: Model, byName: Bool = false,
    skipMismatch: Bool = false
  ) throws(FormatError) {
    try naming(file) {
      let image = isArchive(data) ? try ZipReader(data, file: file).slice(of: weights) : data
      let stored = try StoredWeights(HDF5File(image: image, file: file))
      let layout = try WeightLayout(model) { container, layers throws(FormatError) in
        byName
          ? try stored.groups(in: container, named: layers.map(\.name))
          : try stored.groups(in: container, of: layers)
      }
      let before = model.variables
      try stored.restore(layout, to: model, byName: byName, skipMismatch: skipMismatch)
      guard !byName, !skipMismatch, let optimizer = OptimizerLayout(model, layout) else { return }
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
