import FoundationEssentials
import NeuralNetworks
import OrderedCollections
import TensorGraph

extension Model {
  /// Writes the weights to the file at `path`, whose ending says how: `.weights.h5` as Keras 3,
  /// with the optimizer's variables; `.h5` as older Keras; `.safetensors` or `.npz`, tensors by
  /// the names that `weights` has.
  ///
  /// - Throws: when the name ends in something else, or the file cannot be written.
  public func saveWeights(to path: String) throws(FormatError) {
    let format: ModelFormat
    do {
      format = try ModelFormat(writing: path)
    } catch {
      throw FormatError(
        "a file of weights has a name that ends in .weights.h5, .safetensors or .npz", got: path)
    }
    try Files.write(ModelFile.weightsData(of: self, as: format), to: path)
  }

  /// Reads the weights in the file at `path`, told by its content: weights as `saveWeights(to:)` or
  /// Keras writes them, a `.keras` or `.h5` file, or tensors by name of another program.
  ///
  ///     try model.loadWeights(from: "digits.safetensors")
  ///     try bert.loadWeights(
  ///       from: "model.safetensors", convention: .pyTorch,
  ///       renaming: ["tokens": "embeddings.word_embeddings", "pooler": "pooler.dense"])
  ///
  /// A `.weights.h5` or `.keras` file has the optimizer's variables, too; a compiled model gets
  /// them. By name, weights go to the layers that are called as those in the file, whatever else
  /// the file has: also from the file of a model that cannot be read, since it has layers of
  /// Python. Weights of another element type are converted. The model does not depend on the file
  /// afterwards.
  ///
  /// - Parameters:
  ///   - path: Where the file is.
  ///   - byName: Whether weights that the file does not name, and what else it has, are left alone.
  ///   - skipMismatch: Whether weights of other shapes are left alone.
  ///   - convention: What a file of tensors calls weights, and how it lays them out.
  ///   - renaming: What it calls layers, or single weights, by their paths here. The longest path
  ///     counts; an empty name leaves it out.
  ///   - allowsUnused: Whether tensors that the model has no use for are passed over.
  /// - Throws: when the file is damaged, or has other weights than the model, with all that are
  ///   missing, left over or of another shape; then nothing changes.
  public func loadWeights(
    from path: String, byName: Bool = false, skipMismatch: Bool = false,
    convention: WeightConvention = .keras, renaming: [String: String] = [:],
    allowsUnused: Bool = false
  ) throws(FormatError) {
    try ModelFile.restoreWeights(
      Files.contents(of: path), file: path, to: self,
      WeightNames(
        convention: convention, renaming: renaming, allowsUnused: allowsUnused, byName: byName,
        skipMismatch: skipMismatch))
  }

  /// Reads the weights that `place` makes of the tensors in a safetensors or NPZ file of another
  /// program.
  ///
  ///     try model.loadWeights(from: "lstm.npz") { name, tensor in
  ///       name == "lstm.weight_ih" ? ("lstm/kernel", tensor.transposed()) : nil
  ///     }
  ///
  /// - Parameters:
  ///   - path: Where the file is.
  ///   - place: Gives the path of a weight, as `weights` has it, and its value for a tensor of the
  ///     file; nothing for a tensor that is not used.
  /// - Throws: when the file is damaged, a weight of the model is not given or of another shape, or
  ///   what `place` throws; then nothing changes.
  public func loadWeights(
    from path: String,
    _ place: (_ name: String, _ tensor: Tensor) throws -> (path: String, value: Tensor)?
  ) throws(FormatError) {
    let data = try Files.contents(of: path)
    guard let tensors = try ModelFile.tensors(data, ModelFormat(of: data), path) else {
      throw FormatError(
        "this is neither a safetensors nor an NPZ file",
        got: ModelFormat(of: data)?.name ?? "\(data.count) bytes of another kind", file: path)
    }
    try KerasFile.naming(path) {
      var weights: OrderedDictionary<String, Tensor> = [:]
      for (name, tensor) in tensors {
        guard let (path, value) = try place(name, tensor) else { continue }
        guard weights.updateValue(value, forKey: path) == nil else {
          throw FormatError("two tensors are to be the weight \(path)", at: .part(name))
        }
      }
      try ModelFile.restore(weights, path, to: self, WeightNames())
    }
  }
}
