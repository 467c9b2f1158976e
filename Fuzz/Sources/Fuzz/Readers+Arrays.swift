import Foundation
import Strata

extension Reader {
  static let arrays = [
    Reader("npy", seeds: { try [.float32, .int64, .bool].map(npy) }) { data in
      _ = try NumPy.array(data)
    },
    // An archive is sound but for the array in it.
    Reader("npz", seeds: { [try npy(.float32)] }) { data in
      let zip = try ZipWriter()
      try zip.add("a.npy", data)
      _ = try NumPy.archive(zip.finish())
    },
    Reader("idx", seeds: { [] }) { data in _ = try IDX.array(data) },
    Reader("csv", seeds: tables) { data in
      let table = try CSVTable(data)
      _ = try? table.features()
      _ = try? table.trainingData(target: table.names[0])
    },
    Reader("events", seeds: events) { data in
      // Checksums would hide all that is inside: these are sound.
      let version = Data([0x1a, 0x0d]) + Data("brain.Event:2".utf8)
      _ = try EventFile.read(Checksum.record(version) + Checksum.record(data))
    },
    Reader("events-raw") { data in _ = try EventFile.read(data) },
  ]

  @Sendable private static func npy(_ dtype: DType) throws -> Data {
    try NumPy.data(Tensor(zeros: TensorType(dtype, [2, 3])))
  }

  @Sendable private static func tables() -> [Data] {
    [
      "a,b,c\n1,2,x\n3,4.5e-3,\"y \"\"z\"\"\"\n", "1;2;3\r\n4;5;6\r\n", "a\tb\n1\tnan\n",
      "\u{feff}n,t\n1,inf\n\n2,-0x1\n", "a,b\n1,2\nx,y\n\"m\nn\",1\n",
    ].map { Data($0.utf8) }
  }

  /// Events with a number, and with a tensor of a plugin.
  @Sendable private static func events() -> [Data] {
    func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
      [number << 3 | 2, UInt8(content.count)] + content
    }
    let shape = field(2, [8, 2]) + field(2, [8, 3])
    let tensor = [8, 2] + field(2, shape) + field(6, [UInt8](repeating: 64, count: 8))
    return ["scalars", "histograms", "text", "images"].map { plugin in
      let metadata = field(9, field(1, field(1, Array(plugin.utf8))))
      let value = field(1, Array("tag".utf8)) + metadata + field(8, tensor)
      return Data([9] + [UInt8](repeating: 64, count: 8) + [16, 3] + field(5, field(1, value)))
    } + [Data([16, 1] + field(5, field(1, field(1, [97]) + [0x15, 0, 0, 128, 63])))]
  }
}

/// The checksums of TensorFlow's records: CRC-32C, turned and moved on.
enum Checksum {
  static func record(_ data: Data) -> Data {
    let length = Swift.withUnsafeBytes(of: UInt64(data.count).littleEndian) { Data($0) }
    return length + masked(length) + data + masked(data)
  }

  private static func masked(_ data: Data) -> Data {
    var crc = UInt32.max
    for byte in data {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0x82f6_3b78 : 0) }
    }
    crc = ~crc
    return Swift.withUnsafeBytes(of: ((crc >> 15 | crc << 17) &+ 0xa282_ead8).littleEndian) {
      Data($0)
    }
  }
}
