import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph

/// Arrays read from `.npy` and `.npz` files and from pictures, told apart by content.
struct ArrayFiles {
  private(set) var tensors: [Tensor] = []
  /// The names of the arrays; empty when they have none.
  private(set) var names: [String] = []
  /// Which of the arrays are pictures, `[1, height, width, channels]`.
  private var pictures: Set<Int> = []

  /// Reads the files of an option, each `FILE` or `NAME=FILE`.
  ///
  /// An archive with several arrays gives each by its name.
  init(_ arguments: [String], option: String) throws {
    var named: [(name: String?, tensor: Tensor)] = []
    for file in arguments.map(NamedFile.init) {
      let arrays = try Self.arrays(file.path)
      if arrays.count == 1 {
        if try FileKind(Files.contents(of: file.path)) == .picture { pictures.insert(named.count) }
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
    guard !names.isEmpty, expected.count > 1 else {
      return model.completed(try fitted(tensors, to: model, inputs: Array(tensors.indices)))
    }
    for name in names where !expected.contains(name) {
      throw FormatError(
        "\(model.name) has no input \(name)", hint: spellingHint(name, in: expected))
    }
    let places = expected.compactMap { names.firstIndex(of: $0) }
    return model.completed(
      try fitted(places.map { tensors[$0] }, to: model, inputs: places))
  }

  /// `tensors`, which are those at `places` in the order of the inputs, with pictures as the model
  /// takes them. All pictures are samples of the only input of a model that has one.
  private func fitted(
    _ tensors: [Tensor], to model: Model, inputs places: [Int]
  ) throws(FormatError) -> [Tensor] {
    guard model.inputs.count == 1, tensors.count > 1, pictures.count == tensors.count else {
      return zip(tensors, places).enumerated().map { index, entry in
        pictures.contains(entry.1) ? model.fitted(entry.0, input: index) : entry.0
      }
    }
    let samples = tensors.map { model.fitted($0, input: 0) }
    guard let first = samples.first, samples.allSatisfy({ $0.shape == first.shape }) else {
      throw FormatError(
        "the pictures have different sizes",
        got: samples.map { "\($0.shape)" }.joined(separator: ", "),
        hint: "\(model.name) takes pictures of any size: give those of one size at a time")
    }
    var shape = first.shape
    shape[0] = samples.count
    return [
      Tensor(TensorType(.uint8, shape)) { out in
        for (index, sample) in samples.enumerated() {
          sample.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(
              rebasing: out[index * $0.count..<(index + 1) * $0.count]
            ).copyMemory(from: $0)
          }
        }
      }
    ]
  }

  /// The arrays in a file, with their names if it is an archive.
  static func arrays(_ path: String) throws(FormatError) -> [(name: String?, tensor: Tensor)] {
    let data = try Files.contents(of: path)
    switch FileKind(data) {
    case .zip:
      let arrays = try NumPy.archive(data, file: path)
      // The only array of an archive is called arr_0 by NumPy: that is no name of an input.
      return arrays.map { (arrays.count == 1 ? nil : $0.name, $0.tensor) }
    case .npy: return [(nil, try NumPy.array(path: path))]
    case .picture:
      let image = try ImageFile.image(data, file: path)
      return [(nil, image.reshaped(Shape([1] + image.shape.dims)))]
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
