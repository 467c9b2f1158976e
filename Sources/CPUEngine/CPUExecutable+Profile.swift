import TensorGraph

/// How long one instruction of a plan takes.
public struct InstructionProfile: Sendable {
  /// What the instruction does.
  public let name: String
  /// The layer it belongs to.
  public let path: String
  /// The mean time of one execution, in microseconds.
  public let microseconds: Double
  /// How many numbers it computes; 0 where they are not counted.
  public let flops: Double
  /// How many bytes it reads and writes.
  public let byteCount: Int
}

extension CPUExecutable {
  /// Runs the graph `repeats` times and returns the time each instruction took, after one run that
  /// does not count: it is the first to touch memory.
  public func profile(
    _ inputs: [Tensor], variables: inout [Tensor], repeats: Int = 20
  ) -> [InstructionProfile] {
    _ = run(inputs, variables: &variables)
    var total = plan.steps.map { _ in Duration.zero }
    let clock = ContinuousClock()
    plan.observer = { index, body in
      let start = clock.now
      body()
      total[index] += clock.now - start
    }
    for _ in 0..<repeats { _ = run(inputs, variables: &variables) }
    plan.observer = nil
    return zip(plan.steps, total).map { step, time in
      InstructionProfile(
        name: step.instruction.name, path: step.path,
        microseconds: time / .microseconds(1) / Double(repeats), flops: step.instruction.flops,
        byteCount: step.byteCount)
    }
  }
}
