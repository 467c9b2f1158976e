import CHDF5
import Glibc
import NeuralNetworks
import TensorGraph

extension HDF5File {
  /// The names of the attributes of the object at `path`.
  public func attributeNames(of path: String = "/") throws(FormatError) -> [String] {
    try reading(path) { () throws(FormatError) in
      let object = try open(path)
      var info = hdf5_object_info_t()
      try check(hdf5_object_info(object.id, ".", &info), "the attributes cannot be read")
      var names: [String] = []
      for index in 0..<info.attributes {
        let attribute = try HDF5Handle(
          H5Aopen_by_idx(
            object.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, hdf5_default(), hdf5_default()),
          H5Aclose, orThrow: "the attributes cannot be read")
        let length = H5Aget_name(attribute.id, 0, nil)
        guard (0..<1 << 16).contains(length) else {
          throw FormatError("the attributes cannot be read", got: HDF5Library.lastError)
        }
        var text = [CChar](repeating: 0, count: length + 1)
        _ = H5Aget_name(attribute.id, text.count, &text)
        names.append(
          String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
      return names
    }
  }

  /// The string that the attribute `name` of the object at `path` is; nothing when it has none.
  public func string(_ name: String, of path: String = "/") throws(FormatError) -> String? {
    try strings(name, of: path)?.first
  }

  /// The strings that the attribute `name` of the object at `path` holds; nothing when it has none.
  ///
  /// A list that Keras split into `name0`, `name1` and so on, for its length, is put together.
  public func strings(_ name: String, of path: String = "/") throws(FormatError) -> [String]? {
    try reading(path) { () throws(FormatError) in
      let object = try open(path)
      if let whole = try strings(name, at: object.id) { return whole }
      guard var list = try strings(name + "0", at: object.id) else { return nil }
      var index = 1
      while let part = try strings(name + String(index), at: object.id) {
        list += part
        index += 1
      }
      return list
    }
  }

  /// The numbers of the attribute `name` of the object at `path`; nothing when it has none.
  public func numbers(_ name: String, of path: String = "/") throws(FormatError) -> Tensor? {
    try reading(path) { () throws(FormatError) in
      let object = try open(path)
      guard let attribute = try attribute(name, of: object.id) else { return nil }
      let dims = try dims(of: attribute.id, name)
      let fileType = try self.type(of: attribute.id, name)
      guard let type = HDF5Type.stored(fileType.id), type.dtype != .bfloat16,
        let count = elementCount(dims, itemSize: type.byteCount), count <= byteCount
      else { throw FormatError("the attribute \(name) holds no numbers") }
      let memoryType = try HDF5Type.memory(type)
      return try type.tensor(Shape(dims)) { bytes throws(FormatError) in
        guard count > 0 else { return }
        try check(
          H5Aread(attribute.id, memoryType.id, bytes.baseAddress),
          "the attribute \(name) cannot be read")
      }
    }
  }

  // MARK: With the lock held

  func strings(_ name: String, at object: hid_t) throws(FormatError) -> [String]? {
    guard let attribute = try attribute(name, of: object) else { return nil }
    let dims = try dims(of: attribute.id, name)
    let fileType = try type(of: attribute.id, name)
    if dims.contains(0) { return [] }  // an empty list has numbers for its type
    guard H5Tget_class(fileType.id) == H5T_STRING else {
      throw FormatError("the attribute \(name) is not a string")
    }
    let size = H5Tget_size(fileType.id)
    guard size > 0, let count = elementCount(dims, itemSize: size), count <= byteCount / size else {
      throw FormatError("the attribute \(name) is larger than the file")
    }
    return H5Tis_variable_str(fileType.id) > 0
      ? try variableStrings(attribute.id, fileType.id, count, name)
      : try fixedStrings(attribute.id, fileType.id, count, size, name)
  }

  private func fixedStrings(
    _ attribute: hid_t, _ type: hid_t, _ count: Int, _ size: Int, _ name: String
  ) throws(FormatError) -> [String] {
    var bytes = [UInt8](repeating: 0, count: count * size)
    try check(H5Aread(attribute, type, &bytes), "the attribute \(name) cannot be read")
    let isPaddedByBlanks = H5Tget_strpad(type) == H5T_STR_SPACEPAD
    return (0..<count).map { index in
      var text = bytes[index * size..<(index + 1) * size].prefix { $0 != 0 }
      while isPaddedByBlanks, text.last == UInt8(ascii: " ") { text.removeLast() }
      return String(decoding: text, as: UTF8.self)
    }
  }

  private func variableStrings(
    _ attribute: hid_t, _ type: hid_t, _ count: Int, _ name: String
  ) throws(FormatError) -> [String] {
    guard hasSoundHeaps else { throw FormatError("the strings of the HDF5 file are damaged") }
    let space = try HDF5Handle(
      H5Aget_space(attribute), H5Sclose, orThrow: "the attribute \(name) cannot be read")
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    try check(H5Aread(attribute, type, &pointers), "the attribute \(name) cannot be read")
    defer { _ = hdf5_reclaim(type, space.id, &pointers) }
    return pointers.map { $0.map { String(cString: $0) } ?? "" }
  }

  private func attribute(_ name: String, of object: hid_t) throws(FormatError) -> HDF5Handle? {
    guard H5Aexists(object, name) > 0 else { return nil }
    return try HDF5Handle(
      H5Aopen(object, name, hdf5_default()), H5Aclose,
      orThrow: "the attribute \(name) cannot be read")
  }

  /// The sizes of the axes of an attribute, [0] for one without a value.
  private func dims(of attribute: hid_t, _ name: String) throws(FormatError) -> [Int] {
    let space = try HDF5Handle(
      H5Aget_space(attribute), H5Sclose, orThrow: "the attribute \(name) cannot be read")
    return H5Sget_simple_extent_type(space.id) == H5S_NULL ? [0] : try Self.dims(space.id)
  }

  private func type(of attribute: hid_t, _ name: String) throws(FormatError) -> HDF5Handle {
    try HDF5Handle(
      H5Aget_type(attribute), H5Tclose, orThrow: "the attribute \(name) cannot be read")
  }
}
