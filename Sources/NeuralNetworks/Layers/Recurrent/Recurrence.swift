/// How a recurrent layer goes through its sequences, and what it gives of them.
public struct Recurrence: Sendable, Hashable, Codable {
  /// Whether the output has all steps, not the last alone.
  public let returnSequences: Bool
  /// Whether the last states are outputs too.
  public let returnState: Bool
  /// Whether the last step is done first; the output has the steps in the order they are done.
  public let goBackwards: Bool
  /// Whether a batch begins with the states that the batch before it left.
  public let stateful: Bool
  /// Whether each step is written out in the graph; that makes short sequences faster to run.
  public let unroll: Bool
  /// Whether the output of a masked step is 0, not that of the step before.
  public let zeroOutputForMask: Bool

  /// Creates a way through sequences: by default from the first step to the last, of which the
  /// last output is given.
  public init(
    returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
    stateful: Bool = false, unroll: Bool = false, zeroOutputForMask: Bool = false
  ) {
    self.returnSequences = returnSequences
    self.returnState = returnState
    self.goBackwards = goBackwards
    self.stateful = stateful
    self.unroll = unroll
    self.zeroOutputForMask = zeroOutputForMask
  }
}
