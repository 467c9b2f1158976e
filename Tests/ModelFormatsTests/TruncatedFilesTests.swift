import Foundation
import ModelFormats
import Strata
import Testing

/// A kind of file, and what a file of it that is cut off may be.
struct CutFormat: Sendable, CustomTestStringConvertible {
  /// A file of the kind, whole.
  typealias File = (name: String, data: Data)

  let name: String
  /// The files, those that differ most from each other first.
  let files: @Sendable () throws -> [File]
  /// Strings that parts of such files begin with: there are cuts around each.
  var marks: [String] = []
  /// Reads a file.
  let read: @Sendable (Data) throws -> Void
  /// Whether a cut file that was read gave what it may give; nothing where every one is an error.
  var isRight: (@Sendable (_ whole: Data, _ cut: Data) throws -> Bool)?

  var testDescription: String { name }

  /// Where `data` is cut: everywhere if it is small, else everywhere in the beginning and the end
  /// and around the parts, and at `others` places more.
  func cuts(of data: Data, isFirst: Bool) -> [Int] {
    let (ends, others) = isFirst ? (1024, 1024) : (48, 64)
    guard data.count > ends + others else { return Array(0..<data.count) }
    var cuts = Set(0..<ends).union((data.count - ends)..<data.count)
    for mark in marks {
      var rest = data[...], count = 0
      while count < others / 8, let found = rest.firstRange(of: Data(mark.utf8)) {
        for place in found.lowerBound - 2...found.upperBound + 2 { cuts.insert(place) }
        rest = rest[found.upperBound...]
        count += 1
      }
    }
    // Texts are read up to the cut, which takes time.
    let step = max(data.count / min(others, max(4_000_000 / data.count, 8)), 1)
    cuts.formUnion(stride(from: ends, to: data.count, by: step))
    return cuts.filter { (0..<data.count).contains($0) }.sorted()
  }

  /// What is wrong with the reading of cut files, and how many were cut.
  func failures() throws -> (failures: [String], files: Int, cuts: Int) {
    let files = try files()
    var failures: [String] = [], count = 0
    for (index, file) in files.enumerated() {
      do {
        try read(file.data)
      } catch {
        failures.append("\(file.name) as a whole: \(error)")
      }
      for cut in cuts(of: file.data, isFirst: index < 3) {
        let prefix = Data(file.data.prefix(cut))
        count += 1
        do {
          try read(prefix)
          if try isRight?(file.data, prefix) != true {
            failures.append("\(file.name): \(cut) of \(file.data.count) bytes are read")
          }
        } catch {
          // Texts of configurations have errors of their own, which files take up into theirs.
          guard error is FormatError || error is ConfigurationError else {
            failures.append("\(file.name): \(cut) bytes throw \(type(of: error)) \(error)")
            continue
          }
        }
      }
    }
    return (failures, files.count, count)
  }
}

@Suite("Files that are cut off")
struct TruncatedFilesTests {
  @Test("are errors, or what is there is told of them", arguments: CutFormat.all)
  func everyCut(format: CutFormat) throws {
    let (failures, files, cuts) = try format.failures()
    #expect(files > 0 && cuts > files)
    #expect(failures.isEmpty, "\(failures.count): \(failures.prefix(8))")
  }

  @Test("there is a reader for every kind of file among the golden ones")
  func kinds() throws {
    let known = CutFormat.all.map(\.name)
    let endings = Set(try CutFormat.golden { _ in true }.map { $0.name.split(separator: ".").last })
    for ending in endings {
      let ending = String(ending ?? "")
      #expect(known.contains { $0.hasPrefix(".\(ending)") }, "\(ending)")
    }
  }

  @Test(
    "also where they are parts of a .keras file", arguments: ["model.weights.h5", "config.json"])
  func parts(name: String) throws {
    for file in ["cnn_adam.keras", "gru_text_rmsprop.keras", "layer_dense.keras"] {
      let whole = try kerasFile(file), part = try ZipReader(whole).bytes(of: name)
      for count in stride(from: 0, to: part.count, by: part.count / 40 + 1) + [part.count - 1] {
        let cut = try rebuilt(whole, replacing: [name: Data(part.prefix(count))])
        #expect(throws: FormatError.self, "\(file): \(count) bytes of \(name)") {
          try KerasFile.model(cut, engine: ReferenceEngine())
        }
      }
    }
  }
}

extension CutFormat {
  static let all =
    [npy, npz, hdf5, keras, pictures(".png"), pictures(".jpg"), idx(".idx"), idx(".gz"), json]
    + [text, csv, safetensors, checkpoint, sound, events, onnx]

  /// The golden files whose names `isOne` likes, small ones first.
  static func golden(_ isOne: (String) -> Bool) throws -> [File] {
    let folder = URL(filePath: Fixtures.folder).deletingLastPathComponent().path
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
    var files: [File] = []
    for name in names where isOne(name) {
      let url = URL(filePath: folder + "/" + name)
      guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
        continue
      }
      files.append((name, try Data(contentsOf: url)))
    }
    return files.sorted { ($0.data.count, $0.name) < ($1.data.count, $1.name) }
  }

  private static func golden(ending: String, but others: Set<String> = []) throws -> [File] {
    try golden { name in
      name.hasSuffix(ending) && !others.contains(String(name.split(separator: "/").last ?? ""))
    }
  }

  private static let npy = CutFormat(
    name: ".npy", files: { try golden(ending: ".npy", but: ["complex.npy", "fields.npy"]) },
    read: { _ = try NumPy.array($0) })

  private static let npz = CutFormat(
    name: ".npz", files: { try golden(ending: ".npz") }, marks: ["PK"],
    read: { _ = try NumPy.archive($0) })

  private static let hdf5 = CutFormat(
    name: ".h5", files: { try golden(ending: ".h5") },
    marks: ["TREE", "HEAP", "SNOD", "GCOL", "OHDR", "FRHP"], read: { _ = try HDF5File(image: $0) })

  private static let keras = CutFormat(
    name: ".keras", files: { try golden(ending: ".keras") }, marks: ["PK"],
    read: { data in
      // The whole ones are made into models by other tests.
      let zip = try ZipReader(data)
      for name in zip.names { _ = try zip.bytes(of: name) }
      _ = try HDF5File(image: zip.bytes(of: "model.weights.h5"))
    })

  private static func pictures(_ ending: String) -> CutFormat {
    CutFormat(
      name: ending, files: { try golden(ending: ending) }, marks: ["IDAT", "IEND"],
      read: { _ = try ImageFile.image($0) })
  }

  private static func idx(_ ending: String) -> CutFormat {
    CutFormat(name: ending, files: { try golden(ending: ending) }, read: { _ = try IDX.array($0) })
  }

  /// Without the end of its last line a text is the same.
  private static let json = CutFormat(
    name: ".json", files: { try golden(ending: ".json") },
    read: { _ = try JSONValue(parsing: $0) },
    isRight: { whole, cut in
      whole.dropFirst(cut.count).allSatisfy { " \n".utf8.contains($0) }
    })

  /// Lines do not say how many they are: the first of them are there, of the last one a part.
  private static let text = CutFormat(
    name: ".txt", files: { try golden(ending: ".txt") }, read: { _ = try textLines($0) },
    isRight: { whole, cut in
      let all = try textLines(whole), lines = try textLines(cut)
      return lines.count <= all.count
        && lines.dropLast().elementsEqual(all.prefix(lines.count).dropLast())
        && lines.last.map { all[lines.count - 1].hasPrefix($0) } ?? true
    })

  /// Nor do tables say how many rows they have: the first of them are there, and the last number
  /// may have lost digits.
  private static let csv = CutFormat(
    name: ".csv",
    files: {
      let rows = (0..<60).map { "\($0 * 37),\"kind, \($0 % 3)\",\(100 + $0)" }
      return [("rows.csv", Data(("size,kind,price\n" + rows.joined(separator: "\n") + "\n").utf8))]
    },
    read: { _ = try CSVTable($0) },
    isRight: { whole, cut in
      let all = try CSVTable(whole), table = try CSVTable(cut)
      let count = cut.last == UInt8(ascii: "\n") ? table.rowCount : table.rowCount - 1
      func rows(_ column: CSVTable.Column) -> [String] {
        switch column {
        case .numbers(let numbers): numbers.prefix(count).map { "\($0)" }
        case .categories(let places, let names): places.prefix(count).map { names[Int($0)] }
        }
      }
      return table.names == all.names && table.rowCount <= all.rowCount
        && table.columns.map(rows) == all.columns.map(rows)
    })

  private static let safetensors = CutFormat(
    name: ".safetensors",
    files: {
      [
        (
          "made",
          try SafetensorsFile.data(
            ["a": Fixtures.count(.float32), "b": Fixtures.count(.bool), "c": Tensor(Int64(3))],
            metadata: ["format": "pt"])
        )
      ]
    },
    read: { _ = try SafetensorsFile($0).tensors() })

  private static let checkpoint = CutFormat(
    name: "checkpoint",
    files: {
      let model = try Model(input: [2], seed: 1, engine: ReferenceEngine()) { Dense(2) }
      try model.compile(optimizer: .adam(), loss: .meanSquaredError)
      var data: Data?
      let keeper = LambdaCallback(onEpochEnd: { _, control in
        control.checkpoint { data = try? CheckpointFile.data($0) }
      })
      let x = Tensor([4, 2], (0..<8).map { Float($0) / 8 })
      try model.fit(x, x, batchSize: 2, epochs: 2, callbacks: [keeper], verbose: .silent)
      return [("made", try #require(data))]
    },
    read: { _ = try CheckpointFile.checkpoint($0) })

  /// What comes behind the sound is no part of it.
  private static let sound = CutFormat(
    name: ".wav",
    files: {
      let samples = (0..<60).map { UInt8($0 * 4) }
      var noted = WAVTests.file(kind: 3, bits: 32, channels: 3, samples, extensible: true)
      noted += Data("LIST".utf8) + Data([6, 0, 0, 0]) + Data("INFO??".utf8)
      return [
        ("plain", WAVTests.file(kind: 1, bits: 16, channels: 2, samples)), ("noted", noted),
      ]
    },
    read: { _ = try WAV.sound($0) },
    isRight: { whole, cut in try WAV.sound(cut) == WAV.sound(whole) })

  /// Event files are read while they are written: the records that are there as a whole count, and
  /// only who asks for it hears of one that is not.
  private static let events = CutFormat(
    name: "events",
    files: {
      try withTemporaryFolder { folder in
        let writer = try EventWriter(directory: folder)
        for step in 0..<3 { try writer.scalar("loss", 1 / Double(step + 1), step: step) }
        try writer.histogram("weights", Fixtures.count(.float32), step: 1)
        try writer.text("note", "words", step: 2)
        try writer.close()
        return [("made", try Files.contents(of: writer.path))]
      }
    },
    read: { _ = try EventFile.read($0) },
    isRight: { whole, cut in
      let all = try EventFile.read(whole), entries = try EventFile.read(cut)
      guard all.starts(with: entries), entries.count < all.count else { return false }
      let strict = try? EventFile.read(cut, allowingPartialEnd: false)
      return strict == nil || strict == entries
    })

  /// The graph is there as a whole or not at all; texts about the file may be lost.
  private static let onnx = CutFormat(
    name: ".onnx",
    files: {
      let model = try Model(input: [3], seed: 2, engine: ReferenceEngine()) {
        Dense(4, activation: .relu)
        Dense(2, activation: .softmax)
      }
      var proto = try ONNXModelProto(serializedBytes: ONNXFile.data(of: model))
      var note = ONNXStringStringEntryProto()
      (note.key, note.value) = ("note", "words")
      proto.metadataProps.append(note)
      let plain = try Data(proto.serializedBytes() as [UInt8])
      // Behind the graph come functions that it calls, and the versions of two sets of operators.
      var function = ONNXFunctionProto()
      (function.domain, function.name) = ("own", "twice")
      (function.input, function.output) = (["a"], ["b"])
      function.opsetImport = proto.opsetImport
      var node = ONNXNodeProto()
      (node.opType, node.input, node.output) = ("Add", ["a", "a"], ["b"])
      function.node = [node]
      proto.functions = [function]
      for index in proto.graph.output.indices {
        var call = ONNXNodeProto()
        (call.opType, call.domain) = ("twice", "own")
        (call.input, call.output) = ([proto.graph.output[index].name], ["doubled\(index)"])
        proto.graph.node.append(call)
        proto.graph.output[index].name = "doubled\(index)"
      }
      var own = ONNXOperatorSetIdProto()
      (own.domain, own.version) = ("own", 1)
      proto.opsetImport.append(own)
      return [("plain", plain), ("functions", try Data(proto.serializedBytes() as [UInt8]))]
    },
    read: { _ = try ONNXModel($0) },
    isRight: { whole, cut in
      let (all, part) = (try ONNXModel(whole), try ONNXModel(cut))
      let x = [all.inputNames[0]: Tensor([1, 3], [1, -2, 0.5] as [Float])]
      return try part.metadata.count < all.metadata.count
        && part.metadata.allSatisfy { all.metadata[$0.key] == $0.value }
        && part.run(x, engine: ReferenceEngine()) == all.run(x, engine: ReferenceEngine())
    })
}
