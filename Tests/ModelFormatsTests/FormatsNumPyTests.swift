import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

@Suite("NumPy's arrays")
struct NumPyTests {
  @Test(
    "are read whatever type and byte order they were saved in",
    arguments: [
      ("f2", DType.float16), ("f4", .float32), ("f8", .float64), ("u1", .uint8), ("i1", .int8),
      ("i2", .int32), ("i4", .int32), ("i8", .int64), ("u2", .int32), ("u4", .int64),
      ("u8", .int64), ("version2", .float32), ("version3", .float32), ("fortran", .float32),
      ("fortran-big", .int32), ("f2-big", .float16), ("f4-big", .float32), ("f8-big", .float64),
      ("i2-big", .int32), ("i4-big", .int32), ("i8-big", .int64), ("u2-big", .int32),
    ])
  func types(name: String, dtype: DType) throws {
    #expect(try NumPy.array(path: Fixtures.path(name + ".npy")) == Fixtures.count(dtype))
  }

  @Test("may be of truth values, without axes, or empty")
  func shapes() throws {
    let odd = Tensor(TensorType(.bool, [2, 3, 4]), numbers: (0..<24).map { Double($0 % 2) })
    #expect(try NumPy.array(path: Fixtures.path("bool.npy")) == odd)
    #expect(try NumPy.array(path: Fixtures.path("scalar.npy")) == Tensor(Float(7)))
    let empty = try NumPy.array(path: Fixtures.path("empty.npy"))
    #expect(empty.type == TensorType(.float32, [0, 3]))
  }

  @Test(
    "are written as NumPy writes them",
    arguments: ["f2", "f4", "f8", "u1", "i1", "i4", "i8", "bool", "scalar", "empty"])
  func bytes(name: String) throws {
    let data = try Fixtures.data(name + ".npy")
    #expect(try NumPy.data(NumPy.array(data)) == data)
  }

  @Test("of an archive keep their names and order", arguments: ["stored.npz", "deflated.npz"])
  func archive(name: String) throws {
    let arrays = try NumPy.archive(path: Fixtures.path(name))
    #expect(arrays.map(\.name) == ["x", "y"])
    #expect(arrays[0].tensor == Fixtures.count(.float32))
    #expect(arrays[1].tensor == Tensor([2], [Int64(0), 1]))
  }

  @Test("make a round trip through an archive")
  func archiveRoundTrip() throws {
    let arrays: [NumPy.NamedArray] = [
      ("b", Fixtures.count(.float16)), ("a", Tensor(Int32(5))),
      ("none", Tensor(zeros: TensorType(.int8, [0]))),
    ]
    let data = try NumPy.data(archive: arrays)
    let back = try NumPy.archive(data)
    #expect(back.map(\.name) == arrays.map(\.name))
    #expect(back.map(\.tensor) == arrays.map(\.tensor))
    #expect(try NumPy.data(archive: arrays) == data)
  }

  @Test("that are damaged or foreign are told what is wrong")
  func errors() throws {
    let path = Fixtures.path("complex.npy")
    #expect(
      message { try NumPy.array(path: path) } == """
        error: elements of this type cannot be read
          got   <c8
          in    \(path) byte 10
          help  convert with array.astype("float32") first
        """)
    #expect(message { try NumPy.array(path: Fixtures.path("fields.npy")) }.contains("have fields"))
    let short = try Fixtures.data("f4.npy").dropLast(4)
    #expect(
      message { try NumPy.array(Data(short), file: "x.npy") } == """
        error: the file does not hold as many elements as its header says
          got   92 bytes for [2, 3, 4] elements of 4 bytes
          in    x.npy byte 128
          help  the file may be incomplete: copy or save it again
        """)
    #expect(
      message { try NumPy.array(path: "/no/such.npy") } == """
        error: /no/such.npy cannot be read
          got   No such file or directory
        """)
    #expect(message { try NumPy.array(path: "/dev/zero") }.contains("is not a file"))
    #expect(message { try NumPy.data(Fixtures.count(.bfloat16)) }.contains("float32[2") == false)
    #expect(message { try NumPy.array(header("(9223372036854775807, 2)")) }.contains("as many"))
    #expect(message { try NumPy.array(header("(0, 9223372036854775807, 9)")) }.contains("as many"))
    #expect(message { try NumPy.array(header("(-1,)")) }.contains("not what NumPy writes"))
  }

  @Test("survive truncation and changed bytes", arguments: ["f4", "fortran-big", "u8", "bool"])
  func abused(name: String) throws {
    abuse(try Fixtures.data(name + ".npy")) { data throws(FormatError) in
      _ = try NumPy.array(data)
    }
  }

  @Test("in archives survive truncation and changed bytes", arguments: ["stored", "deflated"])
  func abusedArchive(name: String) throws {
    abuse(try Fixtures.data(name + ".npz")) { data throws(FormatError) in
      _ = try NumPy.archive(data)
    }
  }

  private func header(_ shape: String) -> Data {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }\n"
    return Data(
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8))
  }
}
