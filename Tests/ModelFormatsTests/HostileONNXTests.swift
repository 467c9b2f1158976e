import Foundation
import ModelFormats
import Strata
import SwiftProtobuf
import Testing

@Suite("Hostile files of ONNX")
struct HostileONNXTests {
  private func load(_ data: Data) throws {
    _ = try ONNXFile.model(data, engine: CPUEngine(threads: 1))
  }

  /// A file of one output `y`, whose nodes `body` adds.
  private func file(_ body: (inout ONNXModelProto) -> Void) throws -> Data {
    var proto = ONNXModelProto()
    proto.irVersion = 10
    var opset = ONNXOperatorSetIdProto()
    opset.version = 22
    proto.opsetImport = [opset]
    var port = ONNXValueInfoProto()
    port.type.tensorType.elemType = 1
    var dim = ONNXTensorShapeProto.Dimension()
    dim.dimValue = 1
    port.type.tensorType.shape.dim = [dim]
    port.name = "x"
    proto.graph.input = [port]
    port.name = "y"
    proto.graph.output = [port]
    body(&proto)
    return try proto.serializedData()
  }

  private func node(
    _ type: String, _ inputs: [String], _ output: String, domain: String = ""
  ) -> ONNXNodeProto {
    var node = ONNXNodeProto()
    (node.opType, node.domain, node.input, node.output) = (type, domain, inputs, [output])
    return node
  }

  @Test("whose functions call each other again and again are refused", .timeLimit(.minutes(1)))
  func functions() throws {
    let data = try file { proto in
      for depth in 0..<50 {
        var function = ONNXFunctionProto()
        (function.domain, function.name) = ("f", "f\(depth)")
        (function.input, function.output) = (["a"], ["c"])
        function.opsetImport = proto.opsetImport
        function.node =
          depth == 0
          ? [node("Identity", ["a"], "c")]
          : [
            node("f\(depth - 1)", ["a"], "b", domain: "f"),
            node("f\(depth - 1)", ["b"], "c", domain: "f"),
          ]
        proto.functions.append(function)
      }
      proto.graph.node = [node("f49", ["x"], "y", domain: "f")]
    }
    #expect(
      message { try load(data) }.contains("the graph consists of more than 131072 nodes"))
  }

  @Test("that make much of a few constants are refused before memory is taken")
  func constants() throws {
    let data = try file { proto in
      var shape = ONNXTensorProto()
      (shape.name, shape.dataType, shape.dims) = ("s", 7, [3])
      shape.int64Data = [1 << 16, 1 << 16, 1 << 8]
      proto.graph.initializer = [shape]
      proto.graph.node = [node("ConstantOfShape", ["s"], "c"), node("Add", ["x", "c"], "y")]
    }
    #expect(message { try load(data) }.hasPrefix("error: "))
  }

  @Test("that do not say which version their operators are of are refused")
  func versions() throws {
    func text(_ version: Int64, _ body: (inout ONNXModelProto) -> Void = { _ in }) throws -> String
    {
      let data = try file { proto in
        proto.irVersion = version
        proto.opsetImport = []
        proto.graph.node = [node("Relu", ["x"], "y")]
        body(&proto)
      }
      return message { try load(data) }
    }
    let expected = """
      error: the file does not say which version its operators are of
        got   Relu (relu_0)
        help  the file may be incomplete: copy or save it again
      """
    #expect(try text(10) == expected)
    #expect(try text(0) == expected)
    // The version of other operators does not count.
    let others = try text(10) { proto in
      var opset = ONNXOperatorSetIdProto()
      (opset.domain, opset.version) = ("ai.onnx.ml", 3)
      proto.opsetImport = [opset]
    }
    #expect(others == expected)
    // At first there was just one.
    #expect(try text(2) == "no error")
  }

  @Test("with changed bytes are read or are errors", .enabled(if: ONNXBackend.folder != nil))
  func changed() throws {
    let cases = try ONNXBackend.cases(in: try #require(ONNXBackend.folder))
    var random = SplitMix(state: 3), errors = 0
    for (index, entry) in cases.enumerated() where index % 12 == 0 {
      let whole = try Data(contentsOf: entry.model)
      guard (1..<20_000).contains(whole.count) else { continue }
      for _ in 0..<16 {
        var data = whole
        for _ in 0...Int.random(in: 0..<3, using: &random) {
          let place = try #require(data.indices.randomElement(using: &random))
          data[place] =
            [0, 1, 0x7f, 0x80, 0xff, .random(in: 0...255, using: &random)]
            .randomElement(using: &random) ?? 0
        }
        do {
          try load(data)
        } catch {
          errors += 1
          #expect(error is FormatError)
        }
      }
    }
    #expect(errors > 0)
  }
}
