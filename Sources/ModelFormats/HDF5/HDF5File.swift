import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// A HDF5 file in memory, to read: groups, arrays and attributes.
///
/// Paths are names of groups separated by `/`. Read are files as h5py and Keras write them by
/// default, the format of all versions of the HDF5 library since 1.6. Only what is in the file
/// itself is read: links to elsewhere, arrays kept in other files, and filters other than deflate,
/// shuffle and fletcher32 are errors. Any number of threads may read at a time.
public final class HDF5File: Sendable {
  /// What a name in a group stands for.
  public enum Kind: Sendable, Hashable {
    /// A group of named objects.
    case group
    /// An array.
    case dataset
  }

  private let image: Data
  private let root: Int
  private let file: String?

  var byteCount: Int { image.count }

  /// Whether `data` begins as HDF5 files do.
  public static func isHDF5(_ data: Data) -> Bool { data.starts(with: HDF5.Superblock.signature) }

  /// Opens the file whose bytes are `image`; `file` is its name for messages.
  public init(image: Data, file: String? = nil) throws(FormatError) {
    guard Self.isHDF5(image) else {
      throw FormatError("this is not an HDF5 file", got: "\(image.count) bytes", file: file)
    }
    do throws(FormatError) {
      root = try image.withBytes { bytes throws(FormatError) in
        var source = HDF5.Source(bytes)
        return try HDF5.Superblock(&source).root
      }
    } catch {
      throw error.naming(file)
    }
    self.image = image
    self.file = file
  }

  /// The names in the group at `path` in alphabetical order.
  public func children(of path: String = "/") throws(FormatError) -> [String] {
    try reading(path) { source throws(FormatError) in
      guard let group = try HDF5.Group(open(path, &source), &source) else {
        throw FormatError("this is not a group")
      }
      return try group.links(&source).map(\.name)
    }
  }

  /// What `path` stands for; nothing when there is no such object.
  public func kind(of path: String) throws(FormatError) -> Kind? {
    try reading(path) { source throws(FormatError) in
      guard let address = try find(path, &source).address else { return nil }
      return try HDF5.ObjectHeader(at: address, &source).kind
    }
  }

  /// The paths of all arrays in the group at `path` and the groups in it.
  ///
  /// A group that contains itself is entered once.
  public func datasets(in path: String = "/") throws(FormatError) -> [String] {
    try reading(path) { source throws(FormatError) in
      var found: [String] = []
      var kinds: [Int: Kind?] = [:]
      var waiting = [(path: path, link: HDF5.Link.object(try address(of: path, &source)))]
      while let (path, link) = waiting.popLast() {
        guard case .object(let address) = link else {
          var error = Self.leadsElsewhere(path.split(separator: "/").last ?? "")
          error.position = .part(path)
          throw error
        }
        if let kind = kinds[address] {
          if kind == .dataset { found.append(path) }
          continue
        }
        let header = try HDF5.ObjectHeader(at: address, &source)
        kinds[address] = .some(header.kind)
        if header.kind == .dataset { found.append(path) }
        guard let group = try HDF5.Group(header, &source) else { continue }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        for (name, link) in try group.links(&source).reversed() {
          try source.spend(prefix.utf8.count)
          waiting.append((prefix + name, link))
        }
      }
      return found
    }
  }

  // MARK: While reading

  /// Calls `body` with the bytes of the file, and adds where it was to an error.
  func reading<R>(
    _ path: String, _ body: (inout HDF5.Source) throws(FormatError) -> R
  ) throws(FormatError) -> R {
    do throws(FormatError) {
      return try image.withBytes { bytes throws(FormatError) in
        var source = HDF5.Source(bytes)
        return try body(&source)
      }
    } catch {
      var error = error.naming(file)
      if error.position == nil { error.position = .part(path) }
      throw error
    }
  }

  /// The header of the object at `path`.
  func open(
    _ path: String, _ source: inout HDF5.Source
  ) throws(FormatError) -> HDF5.ObjectHeader {
    try HDF5.ObjectHeader(at: address(of: path, &source), &source)
  }

  private func address(
    of path: String, _ source: inout HDF5.Source
  ) throws(FormatError) -> Int {
    let (address, missing, names) = try find(path, &source)
    guard let address else {
      guard !missing.utf8.contains(0), missing != "." else {
        throw FormatError("this is not a path in an HDF5 file", got: path)
      }
      guard let names else {
        throw FormatError("there is no \(missing): what should hold it is not a group")
      }
      throw FormatError("there is no \(missing)", got: names.joined(separator: ", "))
    }
    return address
  }

  /// Where the object at `path` is; or the first name that is missing on the way to it, and a few
  /// of the names that are there, unless it is not a group that should hold it.
  private func find(
    _ path: String, _ source: inout HDF5.Source
  ) throws(FormatError) -> (address: Int?, missing: String, names: [String]?) {
    var address = root
    for name in path.split(separator: "/").map(String.init) {
      let header = try HDF5.ObjectHeader(at: address, &source)
      guard let group = try HDF5.Group(header, &source) else { return (nil, name, nil) }
      switch try group.link(name, &source) {
      case .object(let next): address = next
      case .elsewhere: throw Self.leadsElsewhere(name[...])
      case nil: return (nil, name, try group.links(&source).prefix(8).map(\.name))
      }
    }
    return (address, "", nil)
  }

  private static func leadsElsewhere(_ name: Substring) -> FormatError {
    FormatError(
      "\(name) is a link to elsewhere", hint: "save the file without soft or external links")
  }
}
