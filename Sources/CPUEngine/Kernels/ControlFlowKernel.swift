import TensorGraph

extension PlanBuilder {
  /// The plan of a body, or nothing when it cannot be compiled.
  fileprivate func body(_ graph: Graph) -> Plan? { try? PlanBuilder.plan(graph) }

  /// A body's states need two places each: one is read while the other is written.
  fileprivate func statePlaces(_ types: [TensorType]) -> [[View]] {
    types.map { [temporary($0), temporary($0)] }
  }
}

extension Memory {
  fileprivate func copy(_ from: UnsafeMutableRawPointer, to view: View) {
    address(view).copyMemory(from: from, byteCount: view.count * view.dtype.byteCount)
  }
}

extension Scan: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard let plan = builder.body(body) else { return false }
    let inputs = node.inputs.map { builder.contiguous($0) }
    let values = node.types.indices.map { ValueID(node.index, $0) }
    let results = values.map { builder.result($0) }
    let places = builder.statePlaces(Array(node.types.prefix(stateCount)))
    builder.append(
      ScanInstruction(self, plan, inputs, results, places), reads: inputs,
      writes: results + places.flatMap(\.self))
    for (value, view) in zip(values, results) { builder.place(value, view) }
    return true
  }
}

/// Runs the plan of a loop's body once for each step.
private final class ScanInstruction: Instruction {
  let scan: Scan
  let plan: Plan
  let inputs: [View], results: [View]
  let places: [[View]]
  /// How many bytes one step of each sequence and of each stacked output has.
  let inputStep: [Int], resultStep: [Int]
  var name: String { scan.name }

  init(_ scan: Scan, _ plan: Plan, _ inputs: [View], _ results: [View], _ places: [[View]]) {
    (self.scan, self.plan, self.inputs, self.results, self.places) = (
      scan, plan, inputs, results, places
    )
    func step(_ view: View) -> Int {
      scan.length == 0 ? 0 : view.count / scan.length * view.dtype.byteCount
    }
    let sequences = scan.stateCount..<scan.stateCount + scan.sequenceCount
    inputStep = inputs.indices.map { sequences.contains($0) ? step(inputs[$0]) : 0 }
    resultStep = results.indices.map { $0 < scan.stateCount ? 0 : step(results[$0]) }
  }

  func run(_ memory: Memory) {
    let states = scan.stateCount
    for step in 0..<scan.length {
      let index = scan.isReversed ? scan.length - 1 - step : step
      plan.run { kind in
        switch kind {
        case .input(let input) where input < states && step > 0:
          memory.address(places[input][(step - 1) % 2])
        case .input(let input): memory.address(inputs[input]) + index * inputStep[input]
        case .output(let output) where output < states: memory.address(places[output][step % 2])
        case .output(let output): memory.address(results[output]) + index * resultStep[output]
        case .variable, .workspace, .constant: preconditionFailure("a body has no variables")
        }
      }
    }
    for state in 0..<states {
      let last = scan.length == 0 ? inputs[state] : places[state][(scan.length - 1) % 2]
      memory.copy(memory.address(last), to: results[state])
    }
  }
}

extension Cond: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard let first = builder.body(then), let second = builder.body(otherwise) else {
      return false
    }
    return builder.lower(node) { m, x, y in
      let holds = m.address(x[0]).load(as: UInt8.self) != 0
      (holds ? first : second).run { kind in
        switch kind {
        case .input(let input): m.address(x[input + 1])
        case .output(let output): m.address(y[output])
        case .variable, .workspace, .constant: preconditionFailure("a body has no variables")
        }
      }
    }
  }
}

extension While: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard let test = builder.body(condition), let plan = builder.body(body) else { return false }
    let places = builder.statePlaces(Array(node.types.prefix(stateCount)))
    let goesOn = builder.temporary(TensorType(.bool, []))
    let inputs = node.inputs.map { builder.contiguous($0) }
    let values = node.types.indices.map { ValueID(node.index, $0) }
    let results = values.map { builder.result($0) }
    let states = stateCount
    builder.append(
      KernelInstruction(name) { m in
        var step = 0
        func address(_ kind: Buffer.Kind) -> UnsafeMutableRawPointer {
          switch kind {
          case .input(let input) where input < states && step > 0:
            m.address(places[input][(step - 1) % 2])
          case .input(let input): m.address(inputs[input])
          case .output(let output): m.address(places[output][step % 2])
          case .variable, .workspace, .constant: preconditionFailure("a body has no variables")
          }
        }
        while true {
          test.run { kind in kind == .output(0) ? m.address(goesOn) : address(kind) }
          guard m.address(goesOn).load(as: UInt8.self) != 0 else { break }
          plan.run(address)
          step += 1
        }
        for state in 0..<states {
          m.copy(address(.input(state)), to: results[state])
        }
      }, reads: inputs, writes: results + places.flatMap(\.self) + [goesOn])
    for (value, view) in zip(values, results) { builder.place(value, view) }
    return true
  }
}
