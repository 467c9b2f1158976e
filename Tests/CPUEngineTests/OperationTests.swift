import CPUEngine
import TestKit
import Testing

@Suite("The CPU engine")
struct OperationTests {
  @Test(
    "computes every operation and its gradient as the reference does", arguments: OperationCase.all)
  func operation(_ operation: OperationCase) throws {
    try operation.checkEngine(CPUEngine())
  }
}
