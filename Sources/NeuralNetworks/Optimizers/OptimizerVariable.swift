import TensorGraph

/// A weight that an optimizer moves.
public struct TrainedWeight: Sendable, Hashable {
  /// Its path in the model, such as `dense/kernel`.
  public let path: String
  /// Its element type and shape.
  public let type: TensorType

  /// Describes the weight at `path`.
  public init(path: String, type: TensorType) {
    self.path = path
    self.type = type
  }
}

/// What an optimizer keeps of each weight from step to step, such as Adam's momentum.
public struct OptimizerSlot: Sendable, ExpressibleByStringLiteral {
  /// Keras's name of it.
  public let name: String
  /// What every element starts as; nothing when the slot starts as a copy of the weight.
  public let initial: Double?
  /// Its shape for a weight; nothing when the weight has no such slot.
  public let shape: @Sendable (TrainedWeight) -> Shape?

  /// A slot called `name`; without `shape`, of the shape of the weight.
  public init(
    _ name: String, initial: Double? = 0,
    shape: @escaping @Sendable (TrainedWeight) -> Shape? = { $0.type.shape }
  ) {
    self.name = name
    self.initial = initial
    self.shape = shape
  }

  public init(stringLiteral name: String) { self.init(name) }
}

/// A variable of an optimizer: a slot of a weight, or a number for all of them.
public struct OptimizerVariable: Sendable, Hashable {
  /// The name of the slot, or of the number.
  public let name: String
  /// Which of the trained weights it belongs to; nothing when it is for all.
  public let weight: Int?
  /// Its element type and shape.
  public let type: TensorType
  /// What every element starts as; nothing when it starts as a copy of the weight.
  public let initial: Double?

  /// Describes a variable; without `weight`, one for all weights.
  public init(_ name: String, weight: Int? = nil, type: TensorType, initial: Double? = 0) {
    self.name = name
    self.weight = weight
    self.type = type
    self.initial = initial
  }

  /// What it starts as, when its weight, if it has one, is `value`.
  package func start(_ value: Tensor?) -> Tensor {
    if initial == nil, let value { return value }
    return Tensor(type, repeating: initial ?? 0)
  }
}
