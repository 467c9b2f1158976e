import FoundationEssentials
import NeuralNetworks

/// The kinds of files that models, or their weights, are kept in.
public enum ModelFormat: String, Sendable, CaseIterable {
  /// Keras 3's `.keras`: network, weights, and how it was compiled.
  case keras
  /// Whole models in HDF5, as Keras 1 and 2 wrote them.
  case legacyKeras = "h5"
  /// A graph of operators with its weights: [ONNX](https://onnx.ai).
  case onnx
  /// Keras's description of a network, without weights.
  case configuration = "json"
  /// The weights of a model in HDF5, as Keras 3 writes them, or as older ones did.
  case kerasWeights = "weights.h5"
  /// Tensors by name.
  case safetensors
  /// Arrays by name, as NumPy writes them.
  case npz

  /// What files of this kind have that is of use for a model.
  public enum Content: Sendable, Hashable {
    /// A network and its weights.
    case model
    /// A network without weights.
    case network
    /// Weights without a network.
    case weights
  }

  /// What files of this kind hold.
  public var content: Content {
    switch self {
    case .keras, .legacyKeras, .onnx: .model
    case .configuration: .network
    case .kerasWeights, .safetensors, .npz: .weights
    }
  }

  /// What messages call a file of this kind.
  package var name: String {
    switch self {
    case .keras: "a .keras file"
    case .legacyKeras: "a model in HDF5"
    case .onnx: "an ONNX file"
    case .configuration: "a configuration of Keras in JSON"
    case .kerasWeights: "weights in HDF5"
    case .safetensors: "a safetensors file"
    case .npz: "an archive of NumPy's arrays"
    }
  }

  /// How names of files of this kind end; the first is the usual one.
  package var endings: [String] {
    self == .legacyKeras ? [".h5", ".hdf5"] : ["." + rawValue]
  }

  /// The kind of file that a name such as `model.onnx` asks for.
  ///
  /// - Throws: when the ending is none of these.
  public init(writing path: String) throws(FormatError) {
    let name = path.lowercased()
    let fitting = Self.allCases.filter { $0.endings.contains { name.hasSuffix($0) } }
    // `x.weights.h5` ends in `.h5`, too.
    guard let format = fitting.max(by: { $0.rawValue.utf8.count < $1.rawValue.utf8.count }) else {
      throw FormatError(
        "the ending of a file says what is written", got: path,
        hint: "end it in " + Self.allCases.map { $0.endings[0] }.joined(separator: ", "))
    }
    self = format
  }

  /// The kind of file for a model that is to be saved at `path`: a `.keras` file unless the ending
  /// asks for another one.
  ///
  /// - Throws: when the ending is one of files of weights.
  package init(savingTo path: String) throws(FormatError) {
    self = (try? Self(writing: path)) ?? .keras
    guard content == .model else {
      throw FormatError(
        "\(name) does not hold a whole model", got: path,
        hint: content == .weights
          ? "saveWeights(to:) writes weights alone" : "end the name in .keras, .h5 or .onnx")
    }
  }

  /// Finds out by its content what kind of file `data` is; nothing for another one.
  public init?(of data: Data) {
    if KerasFile.isArchive(data) {
      // Of one that is damaged the reader says more.
      guard let names = try? ZipReader(data).names else {
        self = .keras
        return
      }
      if names.contains(KerasFile.configuration) {
        self = .keras
      } else if names.contains(where: { $0.hasSuffix(".npy") }) {
        self = .npz
      } else {
        return nil
      }
    } else if HDF5File.isHDF5(data) {
      self = LegacyKerasFile.content(of: data) == .model ? .legacyKeras : .kerasWeights
    } else if SafetensorsFile.isSafetensors(data) {
      self = .safetensors
    } else if data.prefix(64).first(where: { !" \n\r\t".utf8.contains($0) }) == UInt8(ascii: "{") {
      self = .configuration
    } else if ONNXSignature.fits(data) {
      self = .onnx
    } else {
      return nil
    }
  }
}
