import TensorGraph

/// Gradient descent, with momentum if wanted.
///
///     w ← w − α·g                                 without momentum
///     m ← μ·m − α·g,   w ← w + m                  with momentum μ
///     m ← μ·m − α·g,   w ← w + μ·m − α·g          with Nesterov's momentum
public struct SGD: Optimizer {
  public var learningRate: Double
  /// How much of the last step is kept, μ.
  public var momentum: Double
  /// Whether the gradient is looked at where the momentum leads.
  public var nesterov: Bool
  public var weightDecay: Double?
  public var clipnorm: Double?
  public var clipvalue: Double?
  public var globalClipnorm: Double?

  /// Creates gradient descent.
  public init(
    learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false,
    weightDecay: Double? = nil, clipnorm: Double? = nil, clipvalue: Double? = nil,
    globalClipnorm: Double? = nil
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.clipnorm = clipnorm
    self.clipvalue = clipvalue
    self.globalClipnorm = globalClipnorm
  }

  public var slotGroups: [[String]] { momentum == 0 ? [] : [["momentum"]] }

  public var mistake: String? {
    (0...1).contains(momentum) ? nil : "SGD needs a momentum from 0 to 1, not \(momentum)"
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], stepSize: Symbol
  ) -> Symbol {
    guard momentum != 0 else { return w - stepSize * g }
    s[0] = momentum * s[0] - stepSize * g
    return nesterov ? w + momentum * s[0] - stepSize * g : w + s[0]
  }
}
