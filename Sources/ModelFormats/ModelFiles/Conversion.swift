import FoundationEssentials
import NeuralNetworks
import OrderedCollections
import TensorGraph

/// A model of a file, written as a file of another kind.
public struct Conversion: Sendable {
  /// What kind of file it was.
  public let source: ModelFormat
  /// What kind of file it is now.
  public let target: ModelFormat
  /// The new file.
  public let data: Data
  /// What is not in it, though the model has it.
  public let losses: [ConversionLoss]
  /// How far apart predictions of the model and of the new file, read again, are, in units of the
  /// largest number of an output; nothing when they could not be compared.
  public let largestDifference: Double?
}

extension ModelFile {
  /// Writes the model in `data`, the bytes of a file, as a file of the kind `target`, reads that
  /// again, and compares the two.
  ///
  /// - Parameters:
  ///   - data: The bytes of a file of any kind.
  ///   - file: The name of the file, for messages.
  ///   - target: What it is converted to.
  ///   - network: The network of the weights, where `data` has weights alone; it gets them.
  ///   - opset: The version of the operators, where an ONNX file is written.
  ///   - checksTestVector: Whether a test vector that the file has is computed again.
  ///   - engine: What runs the model for the comparison.
  /// - Returns: the new file, and what could not be carried over.
  /// - Throws: when `data` cannot be read, or files of the new kind cannot hold what it has, or
  ///   when what was written computes something else.
  public static func convert(
    _ data: Data, file: String? = nil, to target: ModelFormat, network: Model? = nil,
    opset: Int = 18, checksTestVector: Bool = true, engine: any Engine
  ) throws(FormatError) -> Conversion {
    guard let source = ModelFormat(of: data) else { throw unknown(data, file) }
    let model: Model
    if source.content == .weights {
      if network == nil, let tensors = try tensors(data, source, file) {
        return try convert(tensors, of: data, source, file, to: target)
      }
      guard let network else { throw networkMissing(source, file) }
      try restoreWeights(data, file: file, to: network)
      model = network
    } else {
      guard network == nil else {
        throw FormatError(
          "the file has a network of its own", got: source.name, file: file,
          hint: "leave out --architecture")
      }
      model = try self.model(data, source, file, for: target, checksTestVector, engine)
    }
    let converted: Data
    do throws(FormatError) {
      converted = try self.data(of: model, as: target, opset: opset)
    } catch {
      throw error.naming(file)
    }
    // Where operators became layers, the file itself says what is right.
    let original = source == .onnx ? try? ONNXFile.model(data, file: file, engine: engine) : nil
    var (losses, difference) = try comparison(model, converted, target, original ?? model)
    losses += try fileLosses(data, source, target, file)
    if source == .configuration, target.content != .network {
      losses.insert(
        ConversionLoss(.weights, "weights: the configuration has none, these are first ones"),
        at: 0)
    }
    return Conversion(
      source: source, target: target, data: converted, losses: losses,
      largestDifference: difference)
  }

  /// The model in `data`, in the form that a file of the kind `target` needs.
  private static func model(
    _ data: Data, _ source: ModelFormat, _ file: String?, for target: ModelFormat,
    _ checksTestVector: Bool, _ engine: any Engine
  ) throws(FormatError) -> Model {
    let isKeras = [.keras, .legacyKeras, .configuration, .kerasWeights].contains(target)
    guard source == .onnx, isKeras else {
      return try model(data, file: file, checksTestVector: checksTestVector, engine: engine)
    }
    let model = try ONNXFile.layers(data, file: file, engine: engine)
    if checksTestVector { try TestVector(onnx: data, file: file)?.check(model, file: file) }
    return model
  }

  private static func networkMissing(_ source: ModelFormat, _ file: String?) -> FormatError {
    FormatError(
      "this file has weights and no network", got: source.name, file: file,
      hint: "name the model that they belong to: --architecture MODEL")
  }

  /// Writes tensors that nothing is known of but their names as a file of the other kind.
  private static func convert(
    _ tensors: OrderedDictionary<String, Tensor>, of data: Data, _ source: ModelFormat,
    _ file: String?, to target: ModelFormat
  ) throws(FormatError) -> Conversion {
    var losses = try fileLosses(data, source, target, file)
    let converted: Data
    switch target {
    case .safetensors: converted = try SafetensorsFile.data(tensors)
    case .npz:
      let narrow = tensors.filter { $0.value.dtype == .bfloat16 }.keys
      if !narrow.isEmpty {
        losses.append(ConversionLoss(.weightTypes, "types of weights: bfloat16 became float32"))
      }
      converted = try NumPy.data(
        archive: tensors.map { ($0, $1.dtype == .bfloat16 ? $1.cast(to: .float32) : $1) })
    default: throw networkMissing(source, file)
    }
    let again = try self.tensors(converted, target, nil) ?? [:]
    for (name, tensor) in tensors where again[name]?.cast(to: tensor.dtype) != tensor {
      throw FormatError("a tensor is another one in the new file", at: .part(name))
    }
    return Conversion(
      source: source, target: target, data: converted, losses: losses, largestDifference: 0)
  }

  /// What `converted`, a file of `model`, has lost, and how far its predictions are from those of
  /// the original.
  private static func comparison(
    _ model: Model, _ converted: Data, _ target: ModelFormat, _ original: Model
  ) throws(FormatError) -> ([ConversionLoss], Double?) {
    let again: Model
    var losses: [ConversionLoss] = []
    switch target.content {
    case .model, .network:
      again = try self.model(converted, checksTestVector: false, engine: model.engine)
    case .weights:
      losses = ConversionLoss.ofNetwork(model)
      do {
        again = try Model(
          network: model.network, inputs: model.inputs, name: model.name, seed: 0,
          dtypePolicy: model.dtypePolicy, engine: model.engine, drawsWeights: false)
      } catch {
        throw FormatError(error)
      }
      if target == .kerasWeights, let settings = model.compileSettings {
        // The file has the optimizer's variables, which a compiled model alone takes.
        try KerasFile.naming(nil) {
          for path in ConversionLoss.frozenWeights(of: model) { try again.freeze(path) }
          try again.compile(settings)
        }
      }
      try restoreWeights(converted, file: nil, to: again)
    }
    losses += ConversionLoss.all(from: model, to: again)
    if target == .kerasWeights, model.compileSettings != nil {
      losses += [ConversionLoss.frozen(model, nil)].compactMap(\.self)
      losses.append(ConversionLoss(.compileSettings, "how the model is trained: loss and metrics"))
    }
    guard target.content != .network else {
      if !model.declarations.isEmpty {
        losses.append(
          ConversionLoss(.weights, "weights: \(model.parameterCount) numbers"))
      }
      return (losses, nil)
    }
    // Who converts waits for a check of a second, too.
    let flops = 50 * TestVector.Limits.flops
    let vector = TestVector(of: original, flops: flops)
    guard let deviation = try vector?.deviation(of: again, flops: flops) else {
      return (losses, nil)
    }
    guard !deviation.isTooLarge else {
      throw FormatError(
        "what was written computes something else than the model", got: deviation.description,
        hint: "nothing is kept of it; report it with the model")
    }
    return (losses, max(deviation.share, 0))
  }

  /// What `data`, a file of the kind `source`, has beside the model that one of the kind `target`
  /// has not.
  private static func fileLosses(
    _ data: Data, _ source: ModelFormat, _ target: ModelFormat, _ file: String?
  ) throws(FormatError) -> [ConversionLoss] {
    var losses: [ConversionLoss] = []
    if try TestVector.isPresent(in: data, source), target != .keras, target != .onnx {
      losses.append(ConversionLoss(.testVector, "the test vector that machines are checked with"))
    }
    var texts: [String] = []
    if source == .onnx { texts += ONNXSignature.properties(of: data).keys }
    if source == .safetensors { texts += try SafetensorsFile(data, file: file).metadata.keys }
    texts.removeAll { [TestVector.property, "format", "name"].contains($0) }
    if !texts.isEmpty {
      losses.append(
        ConversionLoss(.metadata, "metadata: \(listed(texts.sorted()))"))
    }
    return losses
  }
}
