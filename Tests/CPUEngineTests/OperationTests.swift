import CPUEngine
import TensorGraph
import TestKit
import Testing

@Suite("The CPU engine")
struct OperationTests {
  @Test(
    "computes every operation and its gradient as the reference does", arguments: OperationCase.all)
  func operation(_ operation: OperationCase) throws {
    try operation.checkEngine(CPUEngine())
  }

  @Test(
    "computes every operation in half types",
    arguments: [DType.bfloat16, .float16].flatMap { dtype in
      OperationCase.all.compactMap { $0.converted(to: dtype) }
    })
  func halfTypes(_ operation: OperationCase) throws {
    try operation.checkEngine(CPUEngine())
  }
}
