import Foundation
import Strata

extension Reader {
  static let networks = [
    Reader("json", parts: configurations) { data in
      let value = try JSONValue(parsing: data)
      let text = try value.serialized()
      guard try JSONValue(parsing: text) == value else { fatalError("another value") }
    },
    // A network without weights, which is built: sizes are only believed up to a limit.
    Reader("config", seeds: { try [configuration()] }, parts: configurations) { data in
      let object = try JSONValue(parsing: data)
      let model = try Model(
        NetworkConfiguration(object), engine: CPUEngine(threads: 1), drawsWeights: false,
        byteLimit: 1 << 24)
      _ = try JSONValue(parsing: try model.configuration().serialized())
    },
    Reader("onnx") { data in
      _ = try ONNXFile.model(data, engine: CPUEngine(threads: 1))
    },
    // A layer with numbers that no program would write.
    Reader(
      "layer",
      seeds: {
        (0..<LayerRegistry.all.count).map { Data([UInt8($0), UInt8($0 % 12), 1, 0, 0, 0]) }
      }
    ) { data in try layer(data) },
    Reader("keras", seeds: { [try KerasFile.data(of: network())] }) { data in
      _ = try KerasFile.model(data, engine: CPUEngine(threads: 1))
    },
    Reader("legacy", seeds: { [try LegacyKerasFile.data(of: network())] }) { data in
      _ = try LegacyKerasFile.model(data, engine: CPUEngine(threads: 1))
    },
    // The parts of a file, in an archive that is sound: two sizes of two bytes, the network, the
    // metadata, the weights.
    Reader("keras-parts", seeds: { try split(KerasFile.data(of: network())) }, parts: split) {
      data in
      func size(_ place: Int) -> Int {
        data.count < place + 2 ? 0 : Int(data[place]) | Int(data[place + 1]) << 8
      }
      let rest = data.dropFirst(4)
      let metadata = rest.dropFirst(size(0)).prefix(size(2))
      let zip = try ZipWriter()
      try zip.add("metadata.json", Data(metadata))
      try zip.add("config.json", Data(rest.prefix(size(0))))
      try zip.add("model.weights.h5", Data(rest.dropFirst(size(0) + size(2))))
      _ = try KerasFile.model(zip.finish(), engine: CPUEngine(threads: 1))
    },
  ]

  /// What hyperparameters are tried with.
  private static let numbers: [JSONValue] = [
    0, 1, 2, 3, 7, -1, -2, .int(1 << 31), .int(1 << 31 - 1), .int(-(1 << 31)), .int(.max),
    .int(.min), 1e300, -1e300, 1e-300, 0.5, -0.5, .int(1_000_000), nil, true, false, "", "same",
    "valid", "causal", "relu", "float16", [], [0], [1, 2], [.int(1 << 31), 1], [-1, -1, -1], [:],
    ["class_name": "L2", "config": ["l2": 1e300]], .int(65536), .int(4096), 100, [[]], [[1, 2]],
    ["a", "b", "a"],
  ]
  private static let shapes: [[Int?]] = [
    [4], [6, 4], [8, 8, 3], [4, 4, 4, 2], [nil], [nil, 4], [nil, nil, 3], [2, 3, 4, 4, 2], [1],
    [1 << 20], [nil, 1 << 20, 1 << 10], [],
  ]

  /// The layer that the first byte says, with hyperparameters as the others say.
  private static func layer(_ data: Data) throws {
    var bytes = Array(data)
    func next() -> Int { bytes.isEmpty ? 0 : Int(bytes.removeFirst()) }
    let type = LayerRegistry.all[next() % LayerRegistry.all.count]
    func config<T: NamedLayer>(_: T.Type) throws -> JSONValue {
      try LayerRegistry.config(of: T.example)
    }
    var members = try config(type).object ?? [:]
    let keys = members.keys.sorted(), shape = shapes[next() % shapes.count]
    for _ in 0..<min(next() % 5, keys.count) {
      members[keys[next() % keys.count]] = numbers[next() % numbers.count]
    }
    let layer: JSONValue = ["class_name": .string(type.className), "config": .object(members)]
    let dims = shape.map { $0.map { JSONValue.int($0) } ?? .null }
    let input: JSONValue = [
      "class_name": "InputLayer",
      "config": [
        "batch_shape": .array([nil] + dims), "dtype": .string(["float32", "int32"][next() % 2]),
      ],
    ]
    let network: JSONValue = [
      "class_name": "Sequential", "config": ["layers": [input, layer]],
    ]
    let model = try Model(
      NetworkConfiguration(network), engine: CPUEngine(threads: 1), drawsWeights: false,
      byteLimit: 1 << 24)
    _ = try JSONValue(parsing: try model.configuration().serialized())
  }

  /// A small model that is compiled.
  static func network() throws -> Model {
    let model = try Model(input: [6, 4], seed: 1) {
      Conv1D(3, kernelSize: 2, activation: .relu)
      BatchNormalization()
      GlobalAveragePooling1D()
      Dense(2, activation: .softmax)
    }
    try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy)
    return model
  }

  private static func configuration() throws -> Data {
    try network().configuration().serialized()
  }

  /// The configuration in a `.keras` file, or the file itself.
  @Sendable private static func configurations(_ data: Data) -> [Data] {
    guard let zip = try? ZipReader(data) else { return data.first == 0x7b ? [data] : [] }
    return (try? [zip.bytes(of: "config.json")]) ?? []
  }

  @Sendable private static func split(_ data: Data) -> [Data] {
    guard let zip = try? ZipReader(data), let network = try? zip.bytes(of: "config.json"),
      let weights = try? zip.bytes(of: "model.weights.h5"), network.count < 1 << 16
    else { return [] }
    let metadata = (try? zip.bytes(of: "metadata.json")) ?? Data()
    let sizes = [network.count, metadata.count].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    return [Data(sizes) + network + metadata + weights]
  }
}
