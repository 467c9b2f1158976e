import Foundation
import TensorGraph
import TestKit
import Testing

@Suite("Every operation of the table")
struct OperationTableTests {
  @Test("has the types its rule states", arguments: OperationCase.all)
  func types(_ operation: OperationCase) throws {
    let graph = try operation.graph()
    graph.verify()
    for (id, result) in zip(graph.outputs, ReferenceEngine.evaluate(graph, operation.inputs)) {
      let type = graph.type(id)
      #expect(result.shape == type.shape)
      if !type.dtype.isFloatingPoint {
        #expect(result.numbers == result.numbers.map(type.dtype.rounding))
      }
    }
  }

  @Test(
    "has gradients of the first and second order",
    arguments: OperationCase.all.filter(\.isDifferentiable))
  func gradients(_ operation: OperationCase) throws {
    try operation.checkGradients()
  }

  @Test("runs on the reference engine", arguments: OperationCase.all)
  func engine(_ operation: OperationCase) throws {
    try operation.checkEngine(ReferenceEngine())
  }

  @Test("has a name of its own")
  func names() {
    let names = OperationCase.all.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test("is one of all there are")
  func completeness() throws {
    var found: Set<String> = []
    for operation in OperationCase.all {
      for node in try operation.graph().nodes {
        found.insert(String(describing: type(of: node.operation)))
      }
    }
    for name in try declaredOperations() {
      #expect(found.contains(name), "OperationCase.all has no case of \(name)")
    }
  }

  /// The names of the types in the folder `Operations` that are operations.
  private func declaredOperations() throws -> [String] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/TensorGraph/Operations").standardizedFileURL
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    let declaration = /public (?:struct|enum) (\w+)[^{]*\b(?:SingleResult)?Operation\b/
    let names = try files.filter { $0.pathExtension == "swift" }.flatMap { file in
      try String(contentsOf: file, encoding: .utf8).matches(of: declaration).map { String($0.1) }
    }
    try #require(names.count > 20)
    return names
  }
}

@Suite("The checks of the test kit")
struct TestKitTests {
  /// An operation whose value is x³ and whose gradient, and that gradient's, are as wrong as asked.
  struct Cube: SingleResultOperation {
    var slope = 3.0
    var name: String { "cube" }
    func resultType(_ x: [TensorType]) -> TensorType { x[0] }
    func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
      [dy * slope * x[0] * x[0]]
    }
    func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
      ReferenceTensor(type.shape, x[0].numbers.map { $0 * $0 * $0 })
    }
  }

  func cube(slope: Double) -> OperationCase {
    OperationCase("cube", [.floats([2, 3])]) { $0[0].trace.emit(Cube(slope: slope), $0) }
  }

  @Test("find a wrong gradient, and accept a right one")
  func gradients() throws {
    try cube(slope: 3).checkGradients()
    #expect(throws: Mismatch.self) { try cube(slope: 3.0001).checkGradients() }
  }

  @Test("count units in the last place")
  func tolerance() throws {
    let expected = ReferenceTensor([2, 2], [1, 100, .nan, .infinity])
    let unit = Double(Float(1).ulp)
    func tensor(_ first: Double, _ rest: [Double] = [100, .nan, .infinity]) -> ReferenceTensor {
      ReferenceTensor([2, 2], [first] + rest)
    }
    let two = Tolerance.ulps(2)
    try two.check(tensor(1 + 2 * unit), expected, dtype: .float32)
    try Tolerance.ulpsOfLargest(2).check(tensor(1 + 64 * unit), expected, dtype: .float32)
    try Tolerance.exact.check(tensor(1), expected, dtype: .float32)
    for wrong in [
      tensor(1 + 3 * unit), tensor(.nan), tensor(1, [100, 0, .infinity]),
      tensor(1, [100, .nan, -.infinity]), ReferenceTensor([4], [1, 100, .nan, .infinity]),
    ] {
      #expect(throws: Mismatch.self) { try two.check(wrong, expected, dtype: .float32) }
    }
    #expect(throws: Mismatch.self) {
      try two.check(ReferenceTensor([], [4]), ReferenceTensor([], [5]), dtype: .int32)
    }
  }

  @Test("say where a result is wrong, and by how much")
  func message() {
    let error = #expect(throws: Mismatch.self) {
      try Tolerance.ulps(1).check(
        ReferenceTensor([2, 2], [1, 2, 3, 5]), ReferenceTensor([2, 2], [1, 2, 3, 4]),
        dtype: .float16, name: "y")
    }
    #expect(
      error?.description
        == "y[1, 1] is 5.0, expected 4.0: 256.0 units off, allowed 1.0; 1 of 4 elements differ")
  }

  @Test("find an engine that differs")
  func engines() {
    struct Wrong: Engine {
      final class Run: Executable {
        let right: any Executable
        init(_ right: any Executable) { self.right = right }
        func run(_ inputs: [Tensor], variables: inout [Tensor]) -> [Tensor] {
          right.run(inputs, variables: &variables).map {
            Tensor($0.type, numbers: $0.numbers.map { $0 * 1.00001 })
          }
        }
      }
      func compile(_ graph: Graph) throws(EngineError) -> any Executable {
        Run(try ReferenceEngine().compile(graph))
      }
    }
    #expect(throws: Mismatch.self) { try cube(slope: 3).checkEngine(Wrong()) }
  }
}
