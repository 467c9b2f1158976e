import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph

/// Arrays read from `.npy` and `.npz` files, told apart by content.
struct ArrayFiles {
  private(set) var tensors: [Tensor] = []
  /// The names of the arrays; empty when they have none.
  private(set) var names: [String] = []

  /// Reads the files of an option, each `FILE` or `NAME=FILE`.
  ///
  /// An archive with several arrays gives each by its name.
  init(_ arguments: [String], option: String) throws {
    var named: [(name: String?, tensor: Tensor)] = []
    for file in arguments.map(NamedFile.init) {
      let arrays = try Self.arrays(file.path)
      if arrays.count == 1 {
        named.append((file.name, arrays[0].tensor))
      } else if file.name == nil {
        named += arrays
      } else {
        throw FormatError(
          "\(option) \(file.name ?? "") needs one array",
          got: arrays.compactMap(\.name).joined(separator: ", "), file: file.path)
      }
    }
    tensors = named.map(\.tensor)
    names = named.compactMap(\.name)
    guard names.isEmpty || names.count == tensors.count else {
      throw FormatError(
        "\(option) is given with names and without", got: arguments.joined(separator: " "),
        hint: "write NAME=FILE for each")
    }
  }

  /// The arrays as the inputs of `model`, in its order.
  func ordered(for model: Model) throws(FormatError) -> [Tensor] {
    let expected = model.structure.inputNames
    guard !names.isEmpty, expected.count > 1 else { return model.completed(tensors) }
    for name in names where !expected.contains(name) {
      throw FormatError(
        "\(model.name) has no input \(name)", hint: spellingHint(name, in: expected))
    }
    return model.completed(
      expected.compactMap { name in names.firstIndex(of: name).map { tensors[$0] } })
  }

  /// The arrays in a file, with their names if it is an archive.
  static func arrays(_ path: String) throws(FormatError) -> [(name: String?, tensor: Tensor)] {
    let data = try Files.contents(of: path)
    switch FileKind(data) {
    case .zip:
      let arrays = try NumPy.archive(data, file: path)
      // The only array of an archive is called arr_0 by NumPy: that is no name of an input.
      return arrays.map { (arrays.count == 1 ? nil : $0.name, $0.tensor) }
    case .npy: return [(nil, try NumPy.array(data, file: path))]
    case let kind:
      throw FormatError(
        "this is not a .npy or .npz file", got: kind.description(byteCount: data.count),
        file: path, hint: "write one with numpy.save or numpy.savez")
    }
  }

  /// The only array in the file at `path`.
  static func array(_ path: String) throws(FormatError) -> Tensor {
    let arrays = try arrays(path)
    guard arrays.count == 1 else {
      throw FormatError(
        "one array is needed", got: arrays.compactMap(\.name).joined(separator: ", "), file: path)
    }
    return arrays[0].tensor
  }
}
