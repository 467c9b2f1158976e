import Foundation

/// What a file is, by its first bytes.
enum FileKind {
  case npy, zip, hdf5, json, picture, other, empty

  init(_ data: Data) {
    func begins(_ bytes: [UInt8]) -> Bool { data.starts(with: bytes) }
    if data.isEmpty {
      self = .empty
    } else if begins([0x93] + "NUMPY".utf8) {
      self = .npy
    } else if begins([0x50, 0x4b, 3, 4]) || begins([0x50, 0x4b, 5, 6]) {
      self = .zip
    } else if begins([0x89] + "HDF".utf8) {
      self = .hdf5
    } else if begins([0x89] + "PNG".utf8) || begins([0xff, 0xd8, 0xff]) {
      self = .picture
    } else if data.prefix(64).first(where: { !" \n\r\t".utf8.contains($0) }) == UInt8(ascii: "{") {
      self = .json
    } else {
      self = .other
    }
  }

  /// What messages call a file of `byteCount` bytes.
  func description(byteCount: Int) -> String {
    switch self {
    case .npy: "an array of NumPy"
    case .zip: "a zip archive"
    case .hdf5: "an HDF5 file"
    case .json: "a JSON file"
    case .picture: "a picture"
    case .empty: "an empty file"
    case .other: "\(byteCount) bytes of another kind"
    }
  }
}
