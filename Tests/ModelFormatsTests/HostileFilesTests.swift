import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Hostile files")
struct HostileFilesTests {
  private func bytes(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  @Test("of Keras that declare weights they do not have are refused before memory is taken")
  func declaredWeights() throws {
    let whole = try kerasFile("layer_dense.keras")
    let text = String(decoding: try ZipReader(whole).bytes(of: "config.json"), as: UTF8.self)
    let large = text.replacing(/"units": \d+/, with: #""units": 100000000"#)
    #expect(large != text)
    let file = try rebuilt(whole, replacing: ["config.json": Data(large.utf8)])
    #expect(
      message { try KerasFile.model(file, engine: ReferenceEngine()) }
        .contains("is larger than all weights can be here"))
  }

  @Test("of Keras whose optimizer has more than the file can hold are refused")
  func optimizerVariables() throws {
    let whole = try kerasFile("mlp_adam.keras")
    let theirs = try HDF5File(image: ZipReader(whole).bytes(of: "model.weights.h5"))
    let writer = try HDF5Writer()
    for path in try theirs.datasets() where !path.hasPrefix("/optimizer") {
      try writer.add(String(path.dropFirst()), theirs.tensor(path))
    }
    for index in 0..<40 {
      try writer.add("optimizer/vars/\(index)", Tensor(zeros: TensorType(.float32, [3])))
    }
    let file = try rebuilt(whole, replacing: ["model.weights.h5": writer.image()])
    #expect(
      message { try KerasFile.model(file, engine: ReferenceEngine()) }.contains("40 in the file"))
  }

  @Test("of HDF5 whose objects have no end of parts are refused")
  func objectParts() throws {
    let part: [UInt8] = [6, 1, 0, 0, 0]
    let parts = [UInt8](repeatElement(part, count: 20_000).joined())
    let header = Array("OHDR".utf8) + [2, 2] + bytes(parts.count, 4) + parts + [0, 0, 0, 0]
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
    let start = signature + [2, 8, 8, 0] + bytes(0, 8) + bytes(-1, 8)
    let image = start + bytes(48 + header.count, 8) + bytes(48, 8) + bytes(0, 4) + header
    #expect(
      message { try HDF5File(image: Data(image), file: "x.h5").datasets() } == """
        error: the HDF5 file is damaged
          got   an object of too many parts
          in    x.h5 /
          help  the file may be incomplete: copy or save it again
        """)
  }

  @Test("of events that make much of little are refused")
  func events() throws {
    func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
      [number << 3 | 2, UInt8(content.count)] + content
    }
    let shape = field(2, [8, 0xa0, 0x8d, 6]) + field(2, [8, 3])  // [100000, 3]
    let tensor = [8, 2] + field(2, shape) + field(6, [UInt8](repeating: 64, count: 8))
    let plugin = field(9, field(1, field(1, Array("histograms".utf8))))
    let value = field(1, field(1, Array("tag".utf8)) + plugin + field(8, tensor))
    func file(_ count: Int) -> Data {
      let version = [0x1a, 13] + Array("brain.Event:2".utf8)
      let event = Data([9] + [UInt8](repeating: 0, count: 8) + field(5, value))
      return (0..<count).reduce(RecordFile.record(Data(version))) { data, _ in
        data + RecordFile.record(event)
      }
    }
    #expect(try EventFile.read(file(1)).count == 1)
    #expect(
      message { try EventFile.read(file(4)) }.hasPrefix("error: the histogram tag is damaged"))
  }

  @Test("of NumPy with objects of Python in them are refused, and nothing of them is run")
  func pickles() {
    func file(_ descr: String, _ shape: String) -> Data {
      let header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(shape), }\n"
      let start = [0x93] + Array("NUMPY".utf8) + [1, 0] + bytes(header.utf8.count, 2)
      return Data(start + Array(header.utf8) + Array("cos\nsystem\n(S'true'\ntR.".utf8))
    }
    #expect(
      message { try NumPy.array(file("|O", "(1,)")) } == """
        error: elements of this type cannot be read
          got   |O
          in    byte 10
          help  convert with array.astype("float32") first
        """)
    for shape in ["(4611686018427387904, 4)", "(4611686018427387904,)", "(0, 4611686018427387904)"]
    {
      #expect(
        message { try NumPy.array(file("<f4", shape)) }
          .hasPrefix("error: the file does not hold as many elements as its header says"))
    }
    #expect(
      message { try NumPy.array(file("<f4", "(9223372036854775808,)")) }
        .hasPrefix("error: the header of the array is not what NumPy writes"))
  }

  @Test("that are tables of too many columns, of zeros, or of a text without an end are refused")
  func tables() {
    let wide = [String](repeating: "1", count: 1_000_000).joined(separator: ",")
    #expect(
      message { try CSVTable(Data("a\n\(wide)".utf8), hasHeader: false) }.contains("1000000 cells"))
    #expect(
      message { try CSVTable(Data(wide.utf8), file: "x.csv") } == """
        error: the table has more than 100000 columns
          in    x.csv line 1
          help  the file may not be a table
        """)
    #expect(message { try CSVTable(Data(count: 1000)) }.hasPrefix("error: the table has a header"))
    #expect(
      message { try CSVTable(Data("a,b\n1,\"2\n".utf8)) }.contains("a quote is not closed"))
  }
}
