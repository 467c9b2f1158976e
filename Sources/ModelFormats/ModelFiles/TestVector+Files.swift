import FoundationEssentials
import NeuralNetworks
import OrderedCollections
import TensorGraph

extension TestVector {
  /// The group of the vector among the weights of a `.keras` file, which Keras passes over.
  private static let group = "test_vector"
  /// The property of the vector in an ONNX file.
  static let property = "strata.test_vector"

  /// The arrays of the vector by their paths in a file.
  private var arrays: [(path: String, tensor: Tensor)] {
    [("inputs", inputs), ("outputs", outputs)].flatMap { name, tensors in
      tensors.enumerated().map { ("\(Self.group)/\(name)/\($0)", $1) }
    }
  }

  /// The vector of the arrays that `tensor` gives for their paths; nothing when there are none.
  private init?(
    _ tensor: (_ path: String) throws(FormatError) -> Tensor?
  ) throws(FormatError) {
    var lists: [[Tensor]] = []
    var byteCount = 0
    for name in ["inputs", "outputs"] {
      var list: [Tensor] = []
      while let next = try tensor("\(Self.group)/\(name)/\(list.count)") {
        byteCount += next.byteCount
        guard byteCount <= Limits.byteCount else {
          throw FormatError(
            "the test vector of the file is larger than \(Limits.byteCount) bytes",
            at: .part(Self.group))
        }
        list.append(next)
      }
      lists.append(list)
    }
    guard !lists[0].isEmpty, !lists[1].isEmpty else { return nil }
    self.init(inputs: lists[0], outputs: lists[1])
  }

  /// The vector among the arrays of `file`, which are called `datasets`.
  init?(_ file: HDF5File, _ datasets: Set<String>) throws(FormatError) {
    try self.init { path throws(FormatError) in
      datasets.contains(path) ? try file.tensor(path) : nil
    }
  }

  /// Whether `data`, a file of the kind `format`, has a vector.
  static func isPresent(in data: Data, _ format: ModelFormat) throws(FormatError) -> Bool {
    switch format {
    case .keras:
      let weights = try HDF5File(image: ZipReader(data).slice(of: KerasFile.weights))
      return try weights.kind(of: group) == .group
    case .onnx: return ONNXSignature.properties(of: data)[property] != nil
    default: return false
    }
  }

  /// Adds the vector to `file`.
  func write(to file: HDF5Writer) throws(FormatError) {
    for (path, tensor) in arrays { try file.add(path, tensor) }
  }

  /// The vector in `data`, the bytes of an ONNX file: a safetensors file, in base 64, in the
  /// model's properties.
  package init?(onnx data: Data, file: String?) throws(FormatError) {
    guard let text = ONNXSignature.properties(of: data)[Self.property] else { return nil }
    // 4 letters for 3 bytes, and a header.
    guard text.utf8.count <= Limits.byteCount * 2, let bytes = Data(base64Encoded: text) else {
      throw FormatError(
        "the test vector of the file is too large, or no base 64", file: file,
        at: .part(Self.property))
    }
    do throws(FormatError) {
      let tensors = try SafetensorsFile(bytes)
      try self.init { path throws(FormatError) in
        tensors.type(of: path) == nil ? nil : try tensors.tensor(path)
      }
    } catch {
      var error = error.naming(file)
      error.position = .part(Self.property)
      throw error
    }
  }

  /// The vector as a property to append to an ONNX file: fields of a message may come in any order.
  func onnxField() throws(FormatError) -> Data {
    let tensors = OrderedDictionary(uniqueKeysWithValues: arrays.map { ($0.path, $0.tensor) })
    return ONNXSignature.property(
      Self.property, try SafetensorsFile.data(tensors).base64EncodedString())
  }
}
