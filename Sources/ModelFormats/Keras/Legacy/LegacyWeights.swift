import NeuralNetworks
import TensorGraph

/// The weights of one of Keras's older files: groups named as layers, with lists of their arrays.
struct LegacyWeights {
  /// A layer of the file that has weights.
  struct Layer {
    /// What it is called.
    let name: String
    /// The paths of its arrays in the file, in order.
    let arrays: [String]
  }

  let file: HDF5File
  /// The group that holds the layers; empty in files of weights alone.
  let root: String
  /// The layers with weights, in the order of the file.
  let layers: [Layer]
  /// The arrays that are the model's own, and no layer's.
  let own: [String]
  /// What computed with the weights; some have kernels the other way around.
  let backend: String?

  static let ownGroup = "top_level_model_weights"

  /// Reads the lists of the file, not the arrays.
  ///
  /// Throws when a list is missing.
  init(_ file: HDF5File) throws(FormatError) {
    self.file = file
    let isWhole = try file.kind(of: LegacyKerasFile.weights) == .group
    let root = isWhole ? LegacyKerasFile.weights : ""
    self.root = root
    guard let names = try file.strings("layer_names", of: "/\(root)") else {
      let found = try file.children(of: "/\(root)")
      throw FormatError(
        "the file does not list its layers: there is no attribute layer_names",
        got: found.isEmpty ? "an empty group" : found.prefix(8).joined(separator: ", "),
        at: .part("/\(root)"), hint: "save the weights with Keras's save_weights, or save")
    }
    guard Set(names).count == names.count else {
      throw FormatError(
        "the file lists a layer twice", got: names.joined(separator: ", "), at: .part("/\(root)"))
    }
    var layers: [Layer] = []
    for name in names {
      let arrays = try Self.arrays(of: "\(root)/\(name)", in: file)
      if !arrays.isEmpty { layers.append(Layer(name: name, arrays: arrays)) }
    }
    self.layers = layers
    let ownGroup = "\(root)/\(Self.ownGroup)"
    own = try file.kind(of: ownGroup) == .group ? Self.arrays(of: ownGroup, in: file) : []
    backend = try file.string("backend", of: "/\(root)")
  }

  /// The paths of the arrays that `group` lists.
  static func arrays(of group: String, in file: HDF5File) throws(FormatError) -> [String] {
    guard let names = try file.strings("weight_names", of: group) else {
      guard try file.datasets(in: group).isEmpty else {
        throw FormatError(
          "the file does not list the arrays of a layer: there is no attribute weight_names",
          at: .part(group), hint: "save the weights with Keras's save_weights, or save")
      }
      return []
    }
    return names.map { "\(group)/\($0)" }
  }

  /// The most bytes that the weights may take: a configuration may claim any size.
  var byteLimit: Int { max(file.byteCount * 100, 1 << 26) }

  /// The arrays at `paths`; those that are not there are in `missing`.
  func tensors(_ paths: [String], missing: inout [String]) throws(FormatError) -> [Tensor] {
    var tensors: [Tensor] = []
    for path in paths {
      guard try file.kind(of: path) == .dataset else {
        missing.append(path)
        continue
      }
      tensors.append(try file.tensor(path))
    }
    return tensors
  }
}
