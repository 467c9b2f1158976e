import Foundation
import ModelFormats
import Strata
import TestKit
import Testing

@Suite("Vocabularies in Keras's files")
struct KerasVocabulariesTests {
  static let folder = KerasInPython.root.appending(path: "Tests/Golden/preprocessing").path

  /// What Keras was given, and what it computed.
  struct Case: Decodable {
    struct Inputs: Codable {
      let text: [[String]], title: [String], words: [[String]]
      let numbers: [[Float]], ids: [[Int64]]
    }
    let inputs: Inputs
    let output: [[Float]]

    var tensors: [Tensor] {
      let words = Tensor([inputs.words.count, 3], inputs.words.flatMap(\.self))
      return [
        Tensor([inputs.text.count, 1], inputs.text.flatMap(\.self)), Tensor(inputs.title), words,
        Tensor([inputs.numbers.count, 4], inputs.numbers.flatMap(\.self)),
        Tensor([inputs.ids.count, 2], inputs.ids.flatMap(\.self)),
      ]
    }
  }

  private func check(_ y: Tensor, _ rows: [[Float]]) {
    #expect(y.shape == [rows.count, rows.first?.count ?? 0])
    for (a, b) in zip(y.scalars(as: Float.self), rows.flatMap(\.self)) {
      #expect(abs(a - b) < 1e-5, "\(a), \(b)")
    }
  }

  @Test("What layers found in data is read, and written again")
  func reading() throws {
    let golden = try JSONDecoder().decode(
      Case.self, from: Files.contents(of: Self.folder + "/vocabularies.json"))
    let model = try Model.load(from: Self.folder + "/vocabularies.keras")
    check(try model.predict(golden.tensors)[0], golden.output)
    let data = try KerasFile.data(of: model)
    let again = try KerasFile.model(data, engine: CPUEngine())
    check(try again.predict(golden.tensors)[0], golden.output)
    guard FileManager.default.isExecutableFile(atPath: KerasInPython.interpreter) else { return }

    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Files.write(data, to: folder + "/model.keras")
    try Files.write(JSONEncoder().encode(golden.inputs), to: folder + "/inputs.json")
    let process = Process(), results = Pipe()
    process.executableURL = URL(filePath: KerasInPython.interpreter)
    process.arguments = [
      KerasInPython.root.appending(path: "Scripts/golden/check_preprocessing_file.py").path,
      folder + "/model.keras", folder + "/inputs.json",
    ]
    process.standardOutput = results
    try process.run()
    let text = try results.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    check(
      try model.predict(golden.tensors)[0], try JSONDecoder().decode([[Float]].self, from: text))
  }

  @Test("A vocabulary that is no text, or is not there, is an error")
  func damaged() throws {
    let zip = try ZipReader(Files.contents(of: Self.folder + "/vocabularies.keras"), file: nil)
    func model(_ change: (String, Data) -> Data?) throws -> Model {
      let copy = try ZipWriter()
      for name in zip.names {
        if let data = change(name, try zip.bytes(of: name)) { try copy.add(name, data) }
      }
      return try KerasFile.model(copy.finish(), engine: CPUEngine())
    }
    func error(_ name: String, _ data: Data?) -> String {
      let error = #expect(throws: FormatError.self) {
        _ = try model { $0.hasSuffix(name) ? data : $1 }
      }
      return error?.description ?? ""
    }
    #expect(error("string_lookup/vocabulary.txt", Data([0xff, 0xfe])).contains("not UTF-8"))
    #expect(error("integer_lookup/vocabulary.txt", Data("-1\ntwo".utf8)).contains("no integer"))
    #expect(error("integer_lookup/vocabulary.txt", nil).contains("no vocabulary yet"))
    #expect(error("string_lookup/vocabulary.txt", Data()).contains("empty vocabulary"))
    #expect(
      error("string_lookup/vocabulary.txt", Data("[UNK]\na\na".utf8)).contains("more than once"))
    _ = try model { $1 }
  }
}
