import Foundation
import Strata

extension Reader {
  static let containers = [
    Reader("zip", seeds: archives) { data in
      let zip = try ZipReader(data)
      for name in zip.names { _ = try? zip.bytes(of: name) }
    },
    Reader("hdf5", seeds: { [try hdf5Image()] }, parts: weights) { data in
      let file = try HDF5File(image: data)
      var waiting = ["/"]
      var visited = 0
      while let path = waiting.popLast(), visited < 32 {
        visited += 1
        for name in (try? file.attributeNames(of: path)) ?? [] {
          _ = try? file.strings(name, of: path)
          _ = try? file.numbers(name, of: path)
        }
        for name in ((try? file.children(of: path)) ?? []).prefix(16) {
          if (try? file.kind(of: "\(path)/\(name)")) == .group { waiting.append("\(path)/\(name)") }
        }
      }
      for path in try file.datasets().prefix(64) { _ = try? file.tensor(path) }
    },
    Reader("gzip", seeds: { [] }) { data in _ = try Gzip.decompress(data) },
    Reader("safetensors", seeds: safetensors) { data in
      let file = try SafetensorsFile(data)
      for name in file.names { _ = file.type(of: name) }
      _ = try file.tensors()
    },
    // The header alone, which the bytes of the tensors follow in the number that it asks for.
    Reader("safetensors-header", seeds: headers) { data in
      for count in [0, 24, 64] {
        let size = Swift.withUnsafeBytes(of: UInt64(data.count).littleEndian) { Data($0) }
        _ = try? SafetensorsFile(size + data + Data(count: count)).tensors()
      }
    },
    Reader("checkpoint", seeds: checkpoints) { data in
      _ = try CheckpointFile.checkpoint(data)
    },
  ]

  private static let tensors: [(name: String, tensor: Tensor)] = [
    ("a", Tensor([2, 3], [1, 2, 3, 4, 5, 6] as [Float])),
    ("b", Tensor([4], [1, 2, 3, 4] as [Int32])), ("c", Tensor([0], [] as [Int64])),
  ]

  @Sendable private static func archives() throws -> [Data] {
    [try NumPy.data(archive: tensors), try KerasFile.data(of: network())]
  }

  /// The weights in a `.keras` file, or the file itself.
  @Sendable private static func weights(_ data: Data) -> [Data] {
    guard let zip = try? ZipReader(data) else { return [data] }
    return zip.names.filter { $0.hasSuffix(".h5") }.compactMap { try? zip.bytes(of: $0) }
  }

  private static func hdf5Image() throws -> Data {
    let writer = try HDF5Writer()
    try writer.addGroup("group")
    try writer.add("group/a", tensors[0].tensor)
    try writer.add("b", tensors[1].tensor)
    return try writer.image()
  }

  @Sendable private static func safetensors() throws -> [Data] {
    [
      try SafetensorsFile.data(
        ["a": tensors[0].tensor, "b": tensors[1].tensor], metadata: ["format": "pt"]),
      try SafetensorsFile.data([:]),
    ]
  }

  @Sendable private static func headers() throws -> [Data] {
    try safetensors().map { data in
      let size = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      return Data(data.dropFirst(8).prefix(size))
    }
  }

  @Sendable private static func checkpoints() throws -> [Data] { try safetensors() }
}
