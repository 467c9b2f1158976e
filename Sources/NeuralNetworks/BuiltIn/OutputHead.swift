import TensorGraph

/// The last layer of a built-in network, and the loss and the metrics that go with it.
public struct OutputHead: Sendable, Hashable {
  /// The number of units.
  public var units: Int
  /// What is done to them.
  public var activation: Activation
  /// The name of the loss.
  public var loss: String
  /// The names of the metrics.
  public var metrics: [String]

  /// A softmax over ten classes.
  public static let tenClasses = OutputHead(
    units: 10, activation: .softmax, loss: "sparse_categorical_crossentropy",
    metrics: ["accuracy"])

  /// The most classes that targets may ask for.
  static let classLimit = 100_000

  /// What the targets of `data` ask for; `loss` decides what they are, if it is given.
  ///
  /// - Throws: when they do not go with the loss.
  init(_ data: TrainingData, loss: String?) throws {
    let targets = data.targets[0]
    let width = targets.shape.rank > 1 ? targets.shape[-1] : 1
    let areLabels = !targets.dtype.isFloatingPoint && width == 1 && targets.shape.rank < 3
    let name = loss ?? (areLabels ? "sparse_categorical_crossentropy" : "mean_squared_error")
    switch try knownLosses(name).targets {
    case .labels, .labelSequences:
      self = try .init(
        units: OutputHead.classes(of: targets, named: data.classNames.count),
        activation: .softmax, loss: name, metrics: ["accuracy"])
    case .probabilities:
      self = .init(units: width, activation: .softmax, loss: name, metrics: ["accuracy"])
    case .binary:
      self = .init(units: width, activation: .sigmoid, loss: name, metrics: ["accuracy"])
    case .numbers, .identities:
      self = .init(units: width, activation: .linear, loss: name, metrics: [])
    }
  }

  private init(units: Int, activation: Activation, loss: String, metrics: [String]) {
    self.units = max(units, 1)
    self.activation = activation
    self.loss = loss
    self.metrics = metrics
  }

  /// The number of classes: one more than the largest label.
  ///
  /// Labels that are wrong in other ways are found when the data are checked.
  private static func classes(of labels: Tensor, named: Int) throws(FormatError) -> Int {
    let limit = Double(classLimit - 1)
    if let (index, label) = firstElement(of: labels, outside: -.infinity, limit) {
      throw FormatError(
        "y has the label \(label), but at most \(classLimit) classes can be learned",
        got: "\(labels.type)",
        at: .part("row \(index / max(labels.shape.strides.first ?? 1, 1))"),
        hint: "numbers go with --loss mean_squared_error")
    }
    let largest = labels.numbers.max() ?? 0
    return max(named, largest.isFinite ? Int(largest) + 1 : 1, 2)
  }
}
