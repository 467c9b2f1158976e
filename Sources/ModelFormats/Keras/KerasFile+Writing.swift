import FoundationEssentials
import Glibc
import NeuralNetworks
import TensorGraph

extension KerasFile {
  /// The bytes of a `.keras` file of `model`; `date` is when it was written.
  ///
  /// Throws when a layer is none that files can name, or a number in the configuration is none
  /// that JSON has.
  public static func data(of model: Model, date: Date = Date()) throws(FormatError) -> Data {
    try naming(nil) {
      var configuration = try model.configuration().object ?? [:]
      configuration["compile_config"] = try model.compileConfiguration()
      let zip = try ZipWriter()
      try zip.add(metadata, metadata(of: model, date).serialized())
      try zip.add(self.configuration, JSONValue.object(configuration).serialized())
      try zip.add(weights, weights(of: model, TestVector(of: model)))
      return try zip.finish()
    }
  }

  private static func metadata(of model: Model, _ date: Date) -> JSONValue {
    var metadata: [String: JSONValue] = [
      "keras_version": .string(kerasVersion), "date_saved": .string(text(date)),
    ]
    let frozen = model.declarations.indices.filter {
      model.declarations[$0].isTrainable && !model.isTrainable($0)
    }
    if !frozen.isEmpty {
      metadata[self.frozen] = .array(frozen.map { .string(model.declarations[$0].path) })
    }
    return .object(metadata)
  }

  /// A date as Keras writes it, such as `2026-11-22@15:29:15`, in local time.
  private static func text(_ date: Date) -> String {
    var seconds = time_t(date.timeIntervalSince1970), parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return "" }
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%d@%H:%M:%S", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The HDF5 file of the weights, of the optimizer's variables and of the random numbers' state,
  /// and of a test vector.
  static func weights(
    of model: Model, _ vector: TestVector? = nil
  ) throws(FormatError) -> Data {
    let layout = try WeightLayout(model)
    let file = try HDF5Writer()
    for group in layout.groups {
      try file.addGroup(group.variables)
      try file.setAttribute("name", group.name, of: group.variables)
      for (weight, path) in group.arrays { try file.add(path, model.variables[weight]) }
      for (path, constant) in group.constants { try file.add("\(group.path)/\(path)", constant) }
    }
    if let optimizer = OptimizerLayout(model, layout) {
      try file.addGroup(self.optimizer)
      try file.setAttribute("name", optimizer.name, of: self.optimizer)
      for (index, value) in optimizer.values(of: model).enumerated() {
        try file.add("\(self.optimizer)/\(index)", value)
      }
      for (group, values) in optimizer.innerValues(of: model) {
        try file.addGroup("optimizer/\(group)/vars")
        for (index, value) in values.enumerated() {
          try file.add("optimizer/\(group)/vars/\(index)", value)
        }
      }
    }
    try file.add(randomKey, model.variables[model.declarations.count])
    try vector?.write(to: file)
    return try file.image()
  }
}
