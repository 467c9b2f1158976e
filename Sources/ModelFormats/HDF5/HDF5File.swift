import CHDF5
import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// A HDF5 file in memory, to read: groups, arrays and attributes.
///
/// Paths are names of groups separated by `/`. Only what is in the file itself is read: links to
/// elsewhere, arrays kept in other files, and filters other than deflate and shuffle are errors.
/// Any number of threads may read; they take turns.
public final class HDF5File: Sendable {
  /// What a name in a group stands for.
  public enum Kind: Sendable, Hashable {
    /// A group of named objects.
    case group
    /// An array.
    case dataset
  }

  let id: hid_t
  let byteCount: Int
  let file: String?
  /// Whether strings of variable length can be read without the library going astray.
  let hasSoundHeaps: Bool

  /// Whether `data` begins as HDF5 files do.
  public static func isHDF5(_ data: Data) -> Bool {
    data.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])
  }

  /// Opens the file whose bytes are `image`; `file` is its name for messages.
  public init(image: Data, file: String? = nil) throws(FormatError) {
    guard Self.isHDF5(image) else {
      throw FormatError("this is not an HDF5 file", got: "\(image.count) bytes", file: file)
    }
    guard image.withUnsafeBytes(HDF5Image.hasUsualSizes) else {
      throw FormatError("the HDF5 file has addresses of an unusual size", file: file)
    }
    hasSoundHeaps = image.withUnsafeBytes(HDF5Image.hasSoundHeaps)
    byteCount = image.count
    self.file = file
    do throws(FormatError) {
      id = try HDF5Library.withLock { () throws(FormatError) in
        let access = try HDF5Handle(
          H5Pcreate(hdf5_file_access()), H5Pclose, orThrow: "an HDF5 file cannot be opened")
        try check(H5Pset_fapl_core(access.id, 1 << 16, false), "an HDF5 file cannot be opened")
        try check(
          H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG), "an HDF5 file cannot be opened")
        let status = image.withUnsafeBytes { bytes in
          // The library copies the bytes; the parameter is mutable for other uses of the call.
          H5Pset_file_image(
            access.id, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        }
        try check(status, "an HDF5 file cannot be opened")
        let id = H5Fopen(HDF5Library.uniqueName(), hdf5_read_only(), access.id)
        try check(id < 0 ? -1 : 0, "the HDF5 file is damaged")
        return id
      }
    } catch {
      throw error.naming(file)
    }
  }

  deinit {
    let id = id
    try? HDF5Library.withLock { _ = H5Fclose(id) }
  }

  /// The names in the group at `path` in alphabetical order.
  public func children(of path: String = "/") throws(FormatError) -> [String] {
    try reading(path) { () throws(FormatError) in
      let group = try open(path)
      let count = hdf5_link_count(group.id)
      guard count >= 0 else { throw FormatError("this is not a group") }
      var names: [String] = []
      for index in 0..<hsize_t(count) {
        names.append(try Self.name(index, in: group.id))
      }
      return names
    }
  }

  /// What `path` stands for; nothing when there is no such object.
  public func kind(of path: String) throws(FormatError) -> Kind? {
    try reading(path) { () throws(FormatError) in
      guard try exists(path) else { return nil }
      let object = try open(path)
      return try Self.kind(object.id)
    }
  }

  /// The paths of all arrays in the group at `path` and the groups in it.
  ///
  /// A group that contains itself is entered once.
  public func datasets(in path: String = "/") throws(FormatError) -> [String] {
    var found: [String] = []
    var entered: Set<[UInt64]> = []
    var waiting = [path]
    while let next = waiting.popLast() {
      let (kind, identity) = try identify(next)
      if kind == .dataset {
        found.append(next)
      } else if kind == .group, entered.insert(identity).inserted {
        let prefix = next.hasSuffix("/") ? next : next + "/"
        waiting += try children(of: next).reversed().map { prefix + $0 }
      }
    }
    return found
  }

  private func identify(_ path: String) throws(FormatError) -> (Kind?, [UInt64]) {
    try reading(path) { () throws(FormatError) in
      let object = try open(path)
      var info = hdf5_object_info_t()
      try check(hdf5_object_info(object.id, ".", &info), "an object cannot be read")
      return (try Self.kind(object.id), [info.identity.0, info.identity.1])
    }
  }

  // MARK: With the lock held

  /// Calls `body` with the lock, and adds where it was to an error.
  func reading<R>(_ path: String, _ body: () throws(FormatError) -> R) throws(FormatError) -> R {
    do throws(FormatError) {
      return try HDF5Library.withLock(body)
    } catch {
      var error = error.naming(file)
      if error.position == nil { error.position = .part(path) }
      throw error
    }
  }

  /// Opens the object at `path`, one hard link after the other.
  func open(_ path: String) throws(FormatError) -> HDF5Handle {
    var object = try HDF5Handle(
      H5Oopen(id, "/", hdf5_default()), H5Oclose, orThrow: "the HDF5 file is damaged")
    for name in path.split(separator: "/").map(String.init) {
      guard !name.utf8.contains(0), name != "." else {
        throw FormatError("this is not a path in an HDF5 file", got: path)
      }
      guard hdf5_link_count(object.id) >= 0 else {
        throw FormatError("there is no \(name): what should hold it is not a group")
      }
      switch hdf5_link_type(object.id, name) {
      case H5L_TYPE_HARD: break
      case H5L_TYPE_ERROR:
        throw FormatError(
          "there is no \(name)", got: Self.names(in: object.id, atMost: 8).joined(separator: ", "))
      default:
        throw FormatError(
          "\(name) is a link to elsewhere", hint: "save the file without soft or external links")
      }
      object = try HDF5Handle(
        H5Oopen(object.id, name, hdf5_default()), H5Oclose, orThrow: "\(name) cannot be read")
    }
    return object
  }

  private func exists(_ path: String) throws(FormatError) -> Bool {
    var parent = "/"
    for name in path.split(separator: "/").map(String.init) {
      let group = try open(parent)
      guard !name.utf8.contains(0), hdf5_link_count(group.id) >= 0,
        hdf5_link_type(group.id, name) != H5L_TYPE_ERROR
      else { return false }
      parent += (parent == "/" ? "" : "/") + name
    }
    return true
  }

  private static func kind(_ object: hid_t) throws(FormatError) -> Kind? {
    switch H5Iget_type(object) {
    case H5I_GROUP: .group
    case H5I_DATASET: .dataset
    default: nil
    }
  }

  private static func names(in group: hid_t, atMost count: Int) -> [String] {
    (0..<hsize_t(max(0, min(Int64(count), hdf5_link_count(group))))).compactMap {
      try? name($0, in: group)
    }
  }

  private static func name(_ index: hsize_t, in group: hid_t) throws(FormatError) -> String {
    func ask(_ text: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
      H5Lget_name_by_idx(
        group, ".", H5_INDEX_NAME, H5_ITER_INC, index, text, size, hdf5_default())
    }
    let length = ask(nil, 0)
    guard (1..<1 << 16).contains(length) else {
      throw FormatError("a name in a group cannot be read", got: HDF5Library.lastError)
    }
    var text = [CChar](repeating: 0, count: length + 1)
    guard ask(&text, text.count) == length else {
      throw FormatError("a name in a group cannot be read", got: HDF5Library.lastError)
    }
    return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
