import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

@Suite("HDF5 files")
struct HDF5Tests {
  @Test(
    "of h5py give arrays",
    arguments: [
      ("f2", DType.float16), ("f4", .float32), ("f8", .float64), ("u1", .uint8), ("i1", .int8),
      ("i2", .int32), ("i4", .int32), ("i8", .int64), ("big", .float32),
    ])
  func types(name: String, dtype: DType) throws {
    let file = try HDF5File(image: Fixtures.data("arrays.h5"))
    #expect(try file.tensor("plain/" + name) == Fixtures.count(dtype))
  }

  @Test("of h5py give arrays of other kinds")
  func kinds() throws {
    let file = try HDF5File(image: Fixtures.data("arrays.h5"))
    let odd = Tensor(TensorType(.bool, [2, 3, 4]), numbers: (0..<24).map { Double($0 % 2) })
    #expect(try file.tensor("plain/bool") == odd)
    #expect(try file.tensor("plain/scalar") == Tensor(Float(7)))
    #expect(try file.tensor("plain/none").type == TensorType(.float32, [0, 3]))
    #expect(try file.tensor("packed") == Fixtures.count(.float32))
    #expect(
      try file.tensor("/plain/bfloat16") == Tensor(TensorType(.bfloat16, [2]), numbers: [1, -2]))
    #expect(
      try file.children() == [
        "external", "other-filter", "packed", "plain", "self", "soft", "text",
      ])
    #expect(try file.kind(of: "plain") == .group)
    #expect(try file.kind(of: "plain/f4") == .dataset)
    #expect(try file.kind(of: "plain/f4/x") == nil)
    #expect(try file.kind(of: "nothing") == nil)
  }

  @Test("of h5py give attributes")
  func attributes() throws {
    let file = try HDF5File(image: Fixtures.data("arrays.h5"))
    #expect(try file.string("model_config") == "a string of variable length: ü")
    #expect(try file.string("fixed") == "fixed")
    #expect(try file.strings("layer_names") == ["dense", "a longer name"])
    #expect(try file.strings("variable") == ["one", "two"])
    #expect(try file.strings("none") == [])
    #expect(try file.strings("split") == ["a", "b", "c"])
    #expect(try file.strings("nothing") == nil)
    #expect(try file.numbers("number") == Tensor(Int64(3)))
    #expect(try file.numbers("numbers") == Tensor([2], [1.5, 2.5]))
    #expect(try file.attributeNames().contains("layer_names"))
    #expect(try file.attributeNames(of: "plain/bfloat16") == ["dtype"])
    #expect(message { try file.string("number") }.contains("number is not a string"))
  }

  @Test("may not lead elsewhere, nor claim to be larger than they are")
  func refusals() throws {
    let file = try HDF5File(image: Fixtures.data("arrays.h5"), file: "a.h5")
    #expect(
      message { try file.tensor("external") } == """
        error: external is a link to elsewhere
          in    a.h5 external
          help  save the file without soft or external links
        """)
    #expect(message { try file.tensor("soft") }.contains("soft is a link to elsewhere"))
    #expect(message { try file.tensor("other-filter") }.contains("filter 32000"))
    #expect(message { try file.tensor("text") }.contains("no numbers"))
    #expect(message { try file.tensor("plain") }.contains("a group"))
    #expect(message { try file.tensor("plain/f5") }.contains("there is no f5"))
    let other = try HDF5File(image: Fixtures.data("elsewhere.h5"))
    #expect(message { try other.tensor("x") }.contains("kept in another file"))
    #expect(message { try other.tensor("virtual") }.contains("put together from others"))
    #expect(message { try other.tensor("huge") }.contains("more bytes than the file can hold"))
  }

  @Test("are written and read again, the same bytes at any time")
  func roundTrip() throws {
    func make() throws -> Data {
      let file = try HDF5Writer()
      for dtype in DType.numbers where dtype != .bool {
        try file.add("arrays/\(dtype.rawValue)", Fixtures.count(dtype))
      }
      try file.add("bool", Tensor([2], [true, false]))
      try file.add("scalar", Tensor(Float(7)))
      try file.add("none", Tensor(zeros: TensorType(.float32, [0, 3])))
      try file.addGroup("a/b/c")
      try file.setAttribute("text", "ü", of: "a/b")
      try file.setAttribute("list", ["one", "three"], of: "scalar")
      try file.setAttribute("empty", [String]())
      try file.setAttribute("long", (0..<10_000).map { "layer_\($0)" })
      try file.setAttribute("numbers", Tensor([2], [Int32(1), 2]))
      return try file.image()
    }
    let image = try make()
    #expect(try make() == image)
    let file = try HDF5File(image: image)
    for dtype in DType.numbers where dtype != .bool {
      #expect(try file.tensor("arrays/\(dtype.rawValue)") == Fixtures.count(dtype))
    }
    #expect(try file.tensor("bool") == Tensor([2], [true, false]))
    #expect(try file.tensor("scalar") == Tensor(Float(7)))
    #expect(try file.tensor("none").shape == [0, 3])
    #expect(try file.children(of: "a/b") == ["c"])
    #expect(try file.string("text", of: "a/b") == "ü")
    #expect(try file.strings("list", of: "scalar") == ["one", "three"])
    #expect(try file.strings("empty") == [])
    #expect(try file.strings("long")?.count == 10_000)
    #expect(try file.numbers("numbers") == Tensor([2], [Int32(1), 2]))
    #expect(try file.datasets().count == DType.numbers.count + 2)
  }

  @Test("can be read by several threads")
  func threads() async throws {
    let file = try HDF5File(image: Fixtures.data("arrays.h5"))
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<50 {
        group.addTask { try file.tensor("packed") == Fixtures.count(.float32) }
      }
      for try await same in group { #expect(same) }
    }
  }
}
