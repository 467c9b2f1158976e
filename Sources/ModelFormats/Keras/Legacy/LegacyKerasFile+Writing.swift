import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension LegacyKerasFile {
  /// The bytes of a whole-model `.h5` file of `model`, as Keras 3 writes it.
  ///
  /// Keras 3 loads the model compiled, and trains on with a new optimizer: it does not find the
  /// variables of one again in its own files of this form either. Strata does.
  ///
  /// Throws when a layer is none that files can name, or a number in the configuration is none
  /// that JSON has.
  public static func data(of model: Model) throws(FormatError) -> Data {
    try KerasFile.naming(nil) {
      let file = try HDF5Writer()
      let network = LegacyConfiguration.network(try model.configuration())
      try file.setAttribute("keras_version", KerasFile.kerasVersion)
      try file.setAttribute("backend", backend)
      try file.setAttribute(self.network, text(network))
      // Keras 3 reads the names of many losses and metrics, and then finds functions that it
      // cannot take.
      if let settings = try model.compileConfiguration(namesObjects: true) {
        try file.setAttribute(training, text(LegacyConfiguration.training(settings)))
      }
      let frozen = model.declarations.indices.filter {
        model.declarations[$0].isTrainable && !model.isTrainable($0)
      }.map { model.declarations[$0].path }
      if !frozen.isEmpty { try file.setAttribute(KerasFile.frozen, frozen) }
      try file.setAttribute(randomKey, model.variables[model.declarations.count])
      try add(weightsOf: model, to: file, in: weights)
      try add(optimizerOf: model, to: file)
      return try file.image()
    }
  }

  /// The bytes of a weights-only `.h5` file of `model`, as Keras 2 writes it.
  ///
  /// Throws when the file cannot be put together.
  public static func weightsData(of model: Model) throws(FormatError) -> Data {
    let file = try HDF5Writer()
    try add(weightsOf: model, to: file, in: "")
    return try file.image()
  }

  /// Whose kernels the weights are: Keras 2 turns those of Theano around.
  private static let backend = "tensorflow"

  private static func text(_ value: JSONValue) throws -> String {
    String(decoding: try value.serialized(), as: UTF8.self)
  }

  private static func add(
    weightsOf model: Model, to file: HDF5Writer, in root: String
  ) throws(FormatError) {
    let layout = try LegacyLayout(model)
    try file.addGroup("/\(root)")
    try file.setAttribute("layer_names", layout.layers.map(\.name), of: "/\(root)")
    try file.setAttribute("backend", backend, of: "/\(root)")
    try file.setAttribute("keras_version", KerasFile.kerasVersion, of: "/\(root)")
    let own = LegacyLayout.Layer(
      name: LegacyWeights.ownGroup, weights: layout.own, byLayer: layout.own)
    for layer in layout.layers.sorted(by: { $0.name < $1.name }) + [own] {
      let group = "\(root)/\(layer.name)"
      try add(
        layer.weights.map { (model.declarations[$0].path, model.variables[$0]) }, to: file,
        in: group)
    }
  }

  private static func add(optimizerOf model: Model, to file: HDF5Writer) throws(FormatError) {
    guard let layout = OptimizerLayout(model, try WeightLayout(model)) else { return }
    try add(
      Array(zip(layout.names(of: model), layout.values(of: model))), to: file, in: optimizerState)
  }

  /// Adds arrays by name to `group`, and their list, which gives their order.
  private static func add(
    _ arrays: [(name: String, value: Tensor)], to file: HDF5Writer, in group: String
  ) throws(FormatError) {
    try file.addGroup(group)
    try file.setAttribute("weight_names", arrays.map(\.name), of: group)
    for (name, value) in arrays { try file.add("\(group)/\(name)", value) }
  }
}
