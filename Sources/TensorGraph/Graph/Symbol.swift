/// The value one computes with while tracing: a result of a node, with its type and its mask.
public struct Symbol {
  /// The trace it belongs to.
  public let trace: Trace
  /// The result of the node it stands for; negative after a mistake.
  public let id: ValueID
  /// Its element type and shape.
  public let type: TensorType
  /// The node that holds its mask.
  var maskNode: ValueID?

  init(trace: Trace, id: ValueID, type: TensorType) {
    self.trace = trace
    self.id = id
    self.type = type
  }

  /// The sizes of its axes.
  public var shape: Shape { type.shape }
  /// The type of its elements.
  public var dtype: DType { type.dtype }
  /// Whether it was computed without a mistake. Operations on an invalid symbol stay silent.
  public var isValid: Bool { id.node >= 0 }

  /// Which steps of a sequence count: `bool[batch, time]`, `true` where there is data.
  public var mask: Symbol? {
    maskNode.map { Symbol(trace: trace, id: $0, type: trace.nodes[$0.node].types[$0.result]) }
  }

  /// The same value with another mask, or with none.
  public func masked(by mask: Symbol?) -> Symbol {
    var result = self
    result.maskNode = mask.flatMap { $0.isValid ? $0.id : nil }
    return result
  }
}
