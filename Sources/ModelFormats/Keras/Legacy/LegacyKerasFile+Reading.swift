import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension LegacyKerasFile {
  /// The model in `data`, the bytes of a whole-model `.h5` file of Keras 1, 2 or 3.
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
    try KerasFile.naming(file) {
      let hdf5 = try HDF5File(image: data, file: file)
      guard let network = try hdf5.string(self.network) else {
        throw FormatError(
          "the file has no network", got: try contents(of: hdf5), at: .part("/"),
          hint: "make the model in code, and load the weights: model.loadWeights(from:)")
      }
      let object = try parsed(network, self.network, file)
      let settings = try hdf5.string(training).map { try parsed($0, training, file) }
      let stored = try LegacyWeights(hdf5)
      let random = try randomState(of: hdf5)
      let compiled = compile ? settings.map { CompileSettings.current($0, []) } : nil
      let model = try KerasFile.listingMistakes(in: object, compiled, registry, self.network) {
        try Model(
          NetworkConfiguration(object, registry: registry),
          seed: random.map { UInt64(bitPattern: $0[0]) } ?? 0, engine: engine, drawsWeights: false,
          byteLimit: stored.byteLimit)
      }
      try stored.restore(to: model, .byNetwork, skipMismatch: false)
      if let random { model.variables[model.declarations.count] = Tensor([2], random) }
      for path in try hdf5.strings(KerasFile.frozen) ?? [] where model.isTrainable(path) {
        try model.freeze(path)
      }
      if compile, let settings, settings != .null {
        let hint = "load the model with compile: false, and compile it anew"
        try KerasFile.listingMistakes(in: object, compiled, registry, training) {
          try KerasFile.naming(file, hint: hint) {
            let outputs = model.structure.outputNames
            try model.compile(CompileSettings(training: settings, outputNames: outputs))
          }
        }
        try KerasFile.naming(file, hint: hint) { try restoreOptimizer(hdf5, to: model) }
      }
      return model
    }
  }

  /// Gives `model` the weights in `data`, the bytes of a weights-only or a whole-model `.h5` file.
  ///
  /// - Parameters:
  ///   - data: The bytes.
  ///   - file: The name of the file, for messages.
  ///   - model: What gets the weights.
  ///   - byName: Whether layers get the weights of the layer that is called as they are, and others
  ///     are left alone; or else the first layer that has weights gets those of the first in the
  ///     file, and so on, in the order from inputs to outputs.
  ///   - skipMismatch: Whether weights of other shapes are left out.
  /// - Throws: when the file is damaged, or has other weights than the model; then nothing changes.
  public static func restoreWeights(
    _ data: Data, file: String? = nil, to model: Model, byName: Bool = false,
    skipMismatch: Bool = false
  ) throws(FormatError) {
    try KerasFile.naming(file) {
      let stored = try LegacyWeights(HDF5File(image: data, file: file))
      try stored.restore(to: model, byName ? .byName : .byPosition, skipMismatch: skipMismatch)
    }
  }

  private static func parsed(
    _ text: String, _ attribute: String, _ file: String?
  ) throws(FormatError) -> JSONValue {
    try KerasFile.naming([file, attribute].compactMap(\.self).joined(separator: " ")) {
      try JSONValue(parsing: Data(text.utf8))
    }
  }

  /// What a file has that is no whole model, for messages.
  private static func contents(of file: HDF5File) throws(FormatError) -> String {
    if try file.strings("layer_names") != nil { return "weights alone" }
    let names = try file.children()
    if names.contains("layers") || names.contains("_layer_checkpoint_dependencies") {
      return "weights alone, as in a .weights.h5 file"
    }
    return names.isEmpty ? "an empty file" : names.prefix(8).joined(separator: ", ")
  }

  /// What the random numbers of the model follow from, in files of Strata.
  private static func randomState(of file: HDF5File) throws(FormatError) -> [Int64]? {
    guard let key = try file.numbers(randomKey) else { return nil }
    guard key.type == TensorType(.int64, [2]) else {
      throw FormatError(
        "the state of the random numbers is int64[2]", got: "\(key.type)", at: .part(randomKey))
    }
    return key.scalars(as: Int64.self)
  }

  /// Gives the optimizer of `model` the variables of the file, if it has them.
  private static func restoreOptimizer(
    _ file: HDF5File, to model: Model
  ) throws(FormatError) {
    let optimizer = try file.kind(of: self.optimizer) == .group ? self.optimizer : optimizerState
    guard try file.kind(of: optimizer) == .group,
      let layout = OptimizerLayout(model, try WeightLayout(model))
    else { return }
    var missing: [String] = [], values: [Tensor] = []
    let paths = try LegacyWeights.arrays(of: optimizer, in: file)
    for path in paths {
      guard try file.kind(of: path) == .dataset else {
        missing.append(path)
        continue
      }
      values.append(try file.tensor(path))
    }
    guard missing.isEmpty else {
      throw FormatError(
        "variables of the optimizer are missing", got: missing.joined(separator: ", "),
        at: .part(optimizer))
    }
    guard !values.isEmpty else { return }
    let names = paths.map { String($0.dropFirst(optimizer.count + 1)) }
    try layout.restore(layout.current(values, named: names, model), to: model)
  }
}
