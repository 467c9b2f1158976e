import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Models in the HDF5 files that Keras wrote before `.keras` files, and still writes: whole models
/// (`.h5`, `.hdf5`), and weights alone.
///
/// A whole model has its network as text in the attribute `model_config`, how it was compiled in
/// `training_config`, its weights by layers in `model_weights`, and the optimizer's variables in
/// `optimizer_weights`. A file of weights alone has the layers at its root.
public enum LegacyKerasFile {
  static let weights = "model_weights"
  static let optimizer = "optimizer_weights"
  /// Where Strata keeps the optimizer's variables. Of a file that has `optimizer_weights`, Keras 3
  /// makes an optimizer without slots, and refuses to train on.
  static let optimizerState = "optimizer_state"
  static let network = "model_config"
  static let training = "training_config"
  /// The attribute with the state of the random numbers, which Keras passes over.
  static let randomKey = "random_key"

  /// What an older file of Keras holds.
  public enum Content: Sendable, Hashable {
    /// A network and its weights.
    case model
    /// Weights alone.
    case weights
  }

  /// What `data` holds if it is one of Keras's older HDF5 files.
  ///
  /// A `.weights.h5` file of Keras 3 is none: its weights are in groups called `layers`.
  public static func content(of data: Data) -> Content? {
    guard HDF5File.isHDF5(data), let file = try? HDF5File(image: data),
      let names = try? file.attributeNames()
    else { return nil }
    if names.contains(network) { return .model }
    if names.contains("layer_names") || names.contains("layer_names0") { return .weights }
    return try? file.kind(of: weights) == .group ? .weights : nil
  }

  /// Whether `data` is an HDF5 file of the older kinds: a whole model, or weights by layers.
  public static func isLegacy(_ data: Data) -> Bool { content(of: data) != nil }
}
