import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension NumPy {
  /// An array of an archive.
  public typealias NamedArray = (name: String, tensor: Tensor)

  /// The arrays in the `.npz` file at `path`, in its order.
  public static func archive(path: String) throws(FormatError) -> [NamedArray] {
    try archive(Files.contents(of: path), file: path)
  }

  /// The arrays in the bytes of a `.npz` file, in its order.
  public static func archive(_ data: Data, file: String? = nil) throws(FormatError) -> [NamedArray]
  {
    let zip = try ZipReader(data, file: file)
    var arrays: [NamedArray] = []
    for name in zip.names where name.hasSuffix(".npy") {
      do throws(FormatError) {
        arrays.append((String(name.dropLast(4)), try array(zip.slice(of: name))))
      } catch {
        var error = error.naming(file)
        error.position = .part(name)
        throw error
      }
    }
    guard !arrays.isEmpty else {
      throw FormatError(
        "the archive holds no array", got: zip.names.prefix(5).joined(separator: ", "), file: file,
        hint: "write one with numpy.savez")
    }
    return arrays
  }

  /// The bytes of a `.npz` file with `arrays`.
  public static func data(archive arrays: [NamedArray]) throws(FormatError) -> Data {
    let zip = try ZipWriter()
    for (name, tensor) in arrays { try zip.add(name + ".npy", data(tensor)) }
    return try zip.finish()
  }
}
