import Foundation
import ModelFormats
import NeuralNetworks
import OrderedCollections
import TensorGraph
import Testing

/// A file of this header and these bytes.
private func file(_ header: String, _ bytes: Int = 0, size: Int? = nil) -> Data {
  var data = Data()
  withUnsafeBytes(of: UInt64(size ?? header.utf8.count).littleEndian) {
    data.append(contentsOf: $0)
  }
  return data + Data(header.utf8) + Data(repeating: 1, count: bytes)
}

@Suite struct SafetensorsTests {
  @Test("tensors of all types come back, with the metadata")
  func roundTrip() throws {
    var tensors: OrderedDictionary<String, Tensor> = [:]
    for dtype in DType.numbers {
      tensors["a/\(dtype) \"é\n"] = Tensor(TensorType(dtype, [2, 3]), numbers: [0, 1, 1, 0, 1, 0])
    }
    tensors["scalar"] = Tensor(Float(0.5))
    tensors["empty"] = Tensor(zeros: TensorType(.int64, [3, 0]))
    let data = try SafetensorsFile.data(tensors, metadata: ["format": "pt", "dtype": "none"])
    let read = try SafetensorsFile(data)
    #expect(
      Dictionary(uniqueKeysWithValues: try read.tensors().map { $0 })
        == Dictionary(uniqueKeysWithValues: tensors.map { $0 }))
    #expect(read.metadata == ["format": "pt", "dtype": "none"])
    #expect(read.type(of: "scalar") == TensorType(.float32, []))
    // The header ends at a multiple of 8, wide elements come first.
    #expect(data.prefix(8).reduce(0) { $0 + Int($1) } > 0 && data[0] % 8 == 0)
    #expect(read.names.last.map { read.type(of: $0)?.dtype.byteCount } == 1)
  }

  @Test("types that are widened, spaces after the header, any order of the header")
  func forms() throws {
    let header = #"""
      {"b":{"data_offsets":[2,4],"shape":[1],"dtype":"U16"},"a":{"dtype":"I16","shape":[1],"data_offsets":[0,2]},"c":{"dtype":"U32","shape":[],"data_offsets":[4,8]},"d":{"dtype":"U64","shape":[1,1],"data_offsets":[8,16]}}    
      """#
    let read = try SafetensorsFile(file(header, 16))
    #expect(read.names == ["a", "b", "c", "d"])
    #expect(try read.tensor("a") == Tensor([1], [Int32(257)]))
    #expect(try read.tensor("b") == Tensor([1], [Int32(257)]))
    #expect(try read.tensor("c") == Tensor(Int64(0x0101_0101)))
    #expect(try read.tensor("d") == Tensor([1, 1], [Int64(0x0101_0101_0101_0101)]))
    #expect(try SafetensorsFile(file("{}")).names.isEmpty)
  }

  @Test(
    "files that break the rules are refused",
    arguments: [
      (Data([1, 2]), "this is not a safetensors file"),
      (file("{}", size: 3), "this is not a safetensors file, or it is cut off"),
      (file("{}", size: .max), "this is not a safetensors file, or it is cut off"),
      (file("[]"), "this is not a safetensors file"),
      (file(" {}"), "this is not a safetensors file"),
      (file("{"), "the header of a safetensors file is no JSON of the form it has to have"),
      (file("{}", 1), "there are bytes that belong to no tensor"),
      (file(SafetensorsTests.entry("F32", "[2]", "[0,8]"), 7), "the file is cut off"),
      (
        file(SafetensorsTests.entry("F32", "[2]", "[0,8]"), 9),
        "there are bytes that belong to no tensor"
      ),
      (
        file(SafetensorsTests.entry("F32", "[2]", "[4,12]"), 12),
        "tensors have to lie one after another"
      ),
      (file(SafetensorsTests.entry("F32", "[2]", "[0,4]"), 4), "F32 [2] takes 8 bytes"),
      (file(SafetensorsTests.entry("F32", "[2]", "[8,0]"), 8), "F32 [2] takes 8 bytes"),
      (file(SafetensorsTests.entry("F32", "[2]", "[-8,0]"), 8), "F32 [2] takes 8 bytes"),
      (
        file(SafetensorsTests.entry("F32", "[-2]", "[0,8]"), 8),
        "a tensor is larger than memory can hold"
      ),
      (
        file(
          SafetensorsTests.entry("F32", "[4611686018427387904,4611686018427387904]", "[0,8]"), 8),
        "a tensor is larger than memory can hold"
      ),
      (
        file(SafetensorsTests.entry("F8_E4M3", "[8]", "[0,8]"), 8),
        "tensors of this type cannot be read"
      ),
      (file(#"{"__metadata__":{"a":1}}"#), "the header of a safetensors file is no JSON of"),
      (file(#"{"a":{"b":"c"}}"#), "a tensor has no type"),
      (file(#"{"__metadata__":{"a":"1","a":"2"}}"#), "a name is there twice in the header"),
      (
        file(
          #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#
        ), "a name is there twice in the header"
      ),
      (
        file(
          #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
          3), "tensors have to lie one after another"
      ),
    ])
  func mistakes(_ data: Data, _ expected: String) {
    let text = message { try SafetensorsFile(data, file: "x.safetensors") }
    #expect(text.hasPrefix("error: " + expected), "\(text)")
    #expect(text.contains("x.safetensors"))
  }

  fileprivate static func entry(_ dtype: String, _ shape: String, _ offsets: String) -> String {
    #"{"a":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  @Test("no change of bytes traps")
  func hostile() throws {
    let data = try SafetensorsFile.data(
      ["a": Tensor([2], [Float(1), 2]), "b": Tensor(Int64(3))], metadata: ["c": "d"])
    abuse(data, changes: 1000) { data throws(FormatError) in
      _ = try SafetensorsFile(data).tensors()
    }
  }

  @Test("strings, and a tensor with the name of the metadata, cannot be written")
  func unwritable() {
    for tensors in [["a": Tensor(["x"])], ["__metadata__": Tensor(Float(1))]] {
      let text = message {
        try SafetensorsFile.data(OrderedDictionary(uniqueKeysWithValues: tensors.map { $0 }))
      }
      #expect(text.hasPrefix("error: safetensors files hold numbers under names of their own"))
    }
    let text = message {
      try SafetensorsFile(SafetensorsFile.data(["abc": Tensor(Float(1))])).tensor("abd")
    }
    #expect(text == "error: there is no tensor abd\n  help  did you mean abc?")
  }
}
