import CHDF5
import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Makes a HDF5 file in memory, such as h5py and Keras read: groups, arrays and attributes.
///
/// Groups on the way to an object are made as needed. The same content in the same order gives the
/// same bytes.
public final class HDF5Writer {
  private let id: hid_t

  /// Keras's limit for the bytes of one attribute, somewhat below that of the format.
  static let attributeLimit = 64_512

  /// Creates a file without content.
  public init() throws(FormatError) {
    id = try HDF5Library.withLock { () throws(FormatError) in
      let message = "an HDF5 file cannot be made"
      let access = try HDF5Handle(H5Pcreate(hdf5_file_access()), H5Pclose, orThrow: message)
      try check(H5Pset_fapl_core(access.id, 1 << 20, false), message)
      try check(H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG), message)
      let id = H5Fcreate(HDF5Library.uniqueName(), hdf5_truncate(), hdf5_default(), access.id)
      try check(id < 0 ? -1 : 0, message)
      return id
    }
  }

  deinit {
    let id = id
    try? HDF5Library.withLock { _ = H5Fclose(id) }
  }

  /// Makes the group `path`, unless it is there.
  public func addGroup(_ path: String) throws(FormatError) {
    try writing(path) { () throws(FormatError) in _ = try group(Self.names(path)) }
  }

  /// Adds the array `tensor` at `path`.
  ///
  /// Throws when there is something at `path` already.
  public func add(_ path: String, _ tensor: Tensor) throws(FormatError) {
    try writing(path) { () throws(FormatError) in
      let names = try Self.names(path)
      guard let name = names.last else { throw FormatError("an array needs a name") }
      let parent = try group(names.dropLast())
      let type = try HDF5Type.file(tensor.dtype)
      let space = try Self.space(tensor.shape.dims)
      let message = "the array cannot be written"
      let plist = try HDF5Handle(H5Pcreate(hdf5_dataset_create()), H5Pclose, orThrow: message)
      try check(H5Pset_obj_track_times(plist.id, false), message)
      let dataset = try HDF5Handle(
        H5Dcreate2(parent.id, name, type.id, space.id, hdf5_default(), plist.id, hdf5_default()),
        H5Dclose, orThrow: message)
      let status = tensor.withUnsafeBytes {
        $0.isEmpty
          ? 0
          : H5Dwrite(
            dataset.id, type.id, hdf5_all(), hdf5_all(), hdf5_default(), $0.baseAddress)
      }
      try check(status, message)
      if tensor.dtype == .bfloat16 { try set("dtype", "bfloat16", on: dataset.id) }
    }
  }

  /// Gives the object at `path` an attribute: a string of variable length.
  public func setAttribute(
    _ name: String, _ text: String, of path: String = "/"
  ) throws(FormatError) {
    try writing(path) { () throws(FormatError) in
      let object = try object(path)
      try set(name, text, on: object.id)
    }
  }

  /// Gives the object at `path` an attribute: a list of strings of one length, filled up with zeros.
  ///
  /// A list that is too long for one attribute is split into `name0`, `name1` and so on, as Keras
  /// does.
  public func setAttribute(
    _ name: String, _ list: [String], of path: String = "/"
  ) throws(FormatError) {
    try writing(path) { () throws(FormatError) in
      let object = try object(path)
      let size = max(list.reduce(1) { max($0, $1.utf8.count) }, 1)
      let perPart = Self.attributeLimit / size
      guard perPart > 0 else {
        throw FormatError("a string of the attribute \(name) is too long", got: "\(size) bytes")
      }
      if list.count <= perPart {
        try set(name, list[...], size, on: object.id)
      } else {
        for (index, start) in stride(from: 0, to: list.count, by: perPart).enumerated() {
          let part = list[start..<min(start + perPart, list.count)]
          try set("\(name)\(index)", part, size, on: object.id)
        }
      }
    }
  }

  /// Gives the object at `path` an attribute: numbers.
  public func setAttribute(
    _ name: String, _ numbers: Tensor, of path: String = "/"
  ) throws(FormatError) {
    try writing(path) { () throws(FormatError) in
      let object = try object(path)
      let type = try HDF5Type.file(numbers.dtype)
      let space = try Self.space(numbers.shape.dims)
      try numbers.withUnsafeBytes { bytes throws(FormatError) in
        try set(name, type.id, space.id, bytes.baseAddress, on: object.id)
      }
    }
  }

  /// The bytes of the file as it is now.
  public func image() throws(FormatError) -> Data {
    try writing("/") { () throws(FormatError) in
      let message = "the HDF5 file cannot be put together"
      try check(H5Fflush(id, H5F_SCOPE_GLOBAL), message)
      let size = H5Fget_file_image(id, nil, 0)
      guard size > 0 else { throw FormatError(message, got: HDF5Library.lastError) }
      var data = Data(count: size)
      let written = data.withUnsafeMutableBytes { H5Fget_file_image(id, $0.baseAddress, size) }
      guard written == size else { throw FormatError(message, got: HDF5Library.lastError) }
      return data
    }
  }

  // MARK: With the lock held

  private func writing<R>(
    _ path: String, _ body: () throws(FormatError) -> R
  ) throws(FormatError) -> R {
    do throws(FormatError) {
      return try HDF5Library.withLock(body)
    } catch {
      var error = error
      error.position = .part(path)
      throw error
    }
  }

  private static func names(_ path: String) throws(FormatError) -> ArraySlice<String> {
    let names = path.split(separator: "/").map(String.init)
    guard names.allSatisfy({ $0 != "." && !$0.utf8.contains(0) }) else {
      throw FormatError("this is not a path in an HDF5 file", got: path)
    }
    return names[...]
  }

  private func group(_ names: ArraySlice<String>) throws(FormatError) -> HDF5Handle {
    var group = try HDF5Handle(
      H5Gopen2(id, "/", hdf5_default()), H5Gclose, orThrow: "the file cannot be written")
    for name in names {
      let next =
        H5Lexists(group.id, name, hdf5_default()) > 0
        ? H5Gopen2(group.id, name, hdf5_default())
        : H5Gcreate2(group.id, name, hdf5_default(), hdf5_default(), hdf5_default())
      group = try HDF5Handle(next, H5Gclose, orThrow: "the group \(name) cannot be made")
    }
    return group
  }

  private func object(_ path: String) throws(FormatError) -> HDF5Handle {
    let names = try Self.names(path)
    return try HDF5Handle(
      H5Oopen(id, "/" + names.joined(separator: "/"), hdf5_default()), H5Oclose,
      orThrow: "there is nothing to give an attribute to")
  }

  private static func space(_ dims: [Int]) throws(FormatError) -> HDF5Handle {
    let sizes = dims.map { hsize_t($0) }
    let id =
      dims.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(dims.count), sizes, nil)
    return try HDF5Handle(id, H5Sclose, orThrow: "an array of this shape cannot be written")
  }

  private func set(_ name: String, _ text: String, on object: hid_t) throws(FormatError) {
    let type = try HDF5Type.string(hdf5_variable(), isUTF8: true)
    let space = try Self.space([])
    let copy = text.utf8.filter { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
    try copy.withUnsafeBufferPointer { characters throws(FormatError) in
      var pointer = characters.baseAddress
      try set(name, type.id, space.id, &pointer, on: object)
    }
  }

  private func set(
    _ name: String, _ list: ArraySlice<String>, _ size: Int, on object: hid_t
  ) throws(FormatError) {
    let type = try HDF5Type.string(size, isUTF8: false)
    let space = try Self.space([list.count])
    var bytes: [UInt8] = []
    for text in list {
      bytes += text.utf8
      bytes += [UInt8](repeating: 0, count: size - text.utf8.count)
    }
    try set(name, type.id, space.id, bytes, on: object)
  }

  private func set(
    _ name: String, _ type: hid_t, _ space: hid_t, _ value: UnsafeRawPointer?, on object: hid_t
  ) throws(FormatError) {
    let message = "the attribute \(name) cannot be written"
    if H5Aexists(object, name) > 0 { try check(H5Adelete(object, name), message) }
    let attribute = try HDF5Handle(
      H5Acreate2(object, name, type, space, hdf5_default(), hdf5_default()), H5Aclose,
      orThrow: message)
    if let value { try check(H5Awrite(attribute.id, type, value), message) }
  }
}
