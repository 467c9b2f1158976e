extension Fused {
  /// The operand itself, of which no gradient is taken: what follows counts it as a constant.
  ///
  ///     y = x,   dx = 0
  ///     x […] → y […]
  public struct StopGradient: FusedOperation {
    /// Creates the operation.
    public init() {}
    public var name: String { "stopGradient" }
    public var operands: [OperandPattern] { ["x […]"] }

    public func definition(_ x: [Symbol]) -> [Symbol] { [x[0]] }
    public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] { [nil] }
  }
}
