/// The steps of a plan that give the same in every run: they read nothing but constants, variables
/// that the plan does not change, and each other's results. Kernels are packed by them, for example.
enum Preparation {
  /// These steps, and the others, each in their order.
  static func split(_ steps: [Step], _ buffers: [Buffer]) -> (preparing: [Step], others: [Step]) {
    var isFixed = buffers.map { buffer in
      switch buffer.kind {
      case .workspace, .constant, .variable: true
      case .input, .output: false
      }
    }
    var isPreparing = [Bool](repeating: true, count: steps.count), changed = true
    for write in steps.flatMap(\.writes) where buffers[write].kind != .workspace {
      isFixed[write] = false
    }
    // A step that is not one of them makes what it writes, and who reads that, follow it.
    while changed {
      changed = false
      for (index, step) in steps.enumerated() where isPreparing[index] {
        guard !(step.reads + step.writes).allSatisfy({ isFixed[$0] }) else { continue }
        isPreparing[index] = false
        changed = true
        for write in step.writes { isFixed[write] = false }
      }
    }
    let indices = steps.indices
    return (
      indices.filter { isPreparing[$0] }.map { steps[$0] },
      indices.filter { !isPreparing[$0] }.map { steps[$0] }
    )
  }

  /// The variables that `steps` read.
  static func variables(of steps: [Step], _ buffers: [Buffer]) -> [Int] {
    var found: Set<Int> = []
    for buffer in steps.flatMap(\.reads) {
      if case .variable(let variable) = buffers[buffer].kind { found.insert(variable) }
    }
    return found.sorted()
  }
}
