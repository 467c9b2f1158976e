import CKernels
import TensorGraph

/// One or more elementwise programs, run in one sweep.
final class ElementwiseInstruction: Instruction {
  private let programs: UnsafeMutablePointer<ck_program>
  private let pointers: UnsafeMutablePointer<UnsafePointer<ck_program>?>
  private let operands: UnsafeMutablePointer<ck_operand>
  private let instructions: UnsafeMutablePointer<ck_instruction>
  private let products: UnsafeMutablePointer<ck_product>
  private let deferred: [(operand: Int, product: DeferredProduct)]
  private let views: [View]
  private let count: Int
  let flops: Double

  var name: String { count == 1 ? "elementwise" : "elementwise ×\(count)" }

  init(_ all: [ElementwiseProgram]) {
    count = all.count
    flops = all.reduce(0) { sum, program in
      let products = program.products.reduce(0) { $0 + 2 * $1.product.rows }
      return sum + Double(program.instructions.count + products)
        * program.sizes.reduce(1) { $0 * Double($1) }
    }
    views = all.flatMap { $0.operands.map(\.view) }
    deferred = all.flatMap(\.products)
    products = .allocate(capacity: max(deferred.count, 1))
    programs = .allocate(capacity: all.count)
    pointers = .allocate(capacity: all.count)
    operands = .allocate(capacity: max(views.count, 1))
    instructions = .allocate(capacity: max(all.reduce(0) { $0 + $1.instructions.count }, 1))
    var (operand, instruction, product) = (operands, instructions, products)
    for (index, source) in all.enumerated() {
      var program = ck_program()
      program.operands = UnsafePointer(operand)
      program.instructions = UnsafePointer(instruction)
      program.operand_count = Int32(source.operands.count)
      program.instruction_count = Int32(source.instructions.count)
      program.rank = Int32(source.sizes.count)
      program.compute = source.isDouble ? CK_F64 : CK_F32
      program.products = UnsafePointer(product)
      program.product_count = Int32(source.products.count)
      for (operand, deferred) in source.products {
        product.initialize(to: deferred.shape(operand: operand))
        product += 1
      }
      withUnsafeMutableBytes(of: &program.sizes) { bytes in
        for (axis, size) in source.sizes.enumerated() {
          bytes.storeBytes(of: Int64(size), toByteOffset: axis * 8, as: Int64.self)
        }
      }
      for entry in source.operands {
        operand.initialize(to: entry.operand)
        operand += 1
      }
      for entry in source.instructions {
        instruction.initialize(to: entry)
        instruction += 1
      }
      programs.advanced(by: index).initialize(to: program)
      pointers.advanced(by: index).initialize(to: UnsafePointer(programs + index))
      assert(ck_program_is_valid(programs + index) == 1, "an invalid program was planned")
    }
  }

  deinit {
    programs.deallocate()
    pointers.deallocate()
    operands.deallocate()
    products.deallocate()
    instructions.deallocate()
  }

  func run(_ memory: Memory) {
    for (index, view) in views.enumerated() { operands[index].data = memory.address(view) }
    for (index, entry) in deferred.enumerated() {
      products[index].a = UnsafePointer(memory.floats(entry.product.left))
      products[index].b = UnsafePointer(memory.floats(entry.product.right))
    }
    if count == 1 { ck_elementwise(programs) } else { ck_elementwise_many(pointers, count) }
  }
}
