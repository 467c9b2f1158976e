extension Fused {
  /// The exponentials of the last axis, scaled to sum to 1.
  ///
  ///     yᵢ = e^xᵢ / Σⱼ e^xⱼ
  ///     x […, classes] → y […, classes]
  public struct Softmax: FusedOperation {
    /// Creates the operation.
    public init() {}
    public var name: String { "softmax" }
    public var operands: [OperandPattern] { ["x […]"] }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let e = exp(shifted(x[0]))
      return [e / e.sum(axes: [-1], keepDims: true)]
    }
    public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
      guard let dy = dy[0] else { return [nil] }
      return dy.trace.emit(SoftmaxGradient(), [y[0], dy], results: 1)
    }
  }

  /// The gradient of the softmax in terms of its result.
  ///
  ///     dxᵢ = yᵢ (dyᵢ − Σⱼ dyⱼ yⱼ)
  ///     y […, classes], dy […, classes] → dx […, classes]
  public struct SoftmaxGradient: FusedOperation {
    /// Creates the operation.
    public init() {}
    public var name: String { "softmaxGradient" }
    public var operands: [OperandPattern] { ["y […]", "dy […]"] }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let (y, dy) = (x[0], x[1])
      return [y * (dy - (dy * y).sum(axes: [-1], keepDims: true))]
    }
  }

  /// The logarithm of the softmax, without the loss of precision of taking it afterwards.
  ///
  ///     yᵢ = xᵢ − log Σⱼ e^xⱼ
  ///     x […, classes] → y […, classes]
  public struct LogSoftmax: FusedOperation {
    /// Creates the operation.
    public init() {}
    public var name: String { "logSoftmax" }
    public var operands: [OperandPattern] { ["x […]"] }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let x = shifted(x[0])
      return [x - log(exp(x).sum(axes: [-1], keepDims: true))]
    }
    public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
      guard let dy = dy[0] else { return [nil] }
      return dy.trace.emit(LogSoftmaxGradient(), [y[0], dy], results: 1)
    }
  }

  /// The gradient of the logarithm of the softmax in terms of its result.
  ///
  ///     dxᵢ = dyᵢ − e^yᵢ Σⱼ dyⱼ
  ///     y […, classes], dy […, classes] → dx […, classes]
  public struct LogSoftmaxGradient: FusedOperation {
    /// Creates the operation.
    public init() {}
    public var name: String { "logSoftmaxGradient" }
    public var operands: [OperandPattern] { ["y […]", "dy […]"] }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      [x[1] - exp(x[0]) * x[1].sum(axes: [-1], keepDims: true)]
    }
  }

  /// The cross-entropy between the softmax of logits and labels, one per row.
  ///
  ///     lossᵢ = −log softmax(logitsᵢ)[labelᵢ]
  ///     logits [rows, classes], labels int32 [rows] → loss [rows], probabilities [rows, classes]
  ///
  /// The loss of a label that is no class is NaN.
  public struct SoftmaxCrossEntropy: FusedOperation {
    /// Creates the operation.
    public init() {}
    public var name: String { "softmaxCrossEntropy" }
    public var operands: [OperandPattern] { ["logits [rows, classes]", "labels int32 [rows]"] }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let logits = shifted(x[0])
      let e = exp(logits)
      let sum = e.sum(axes: [-1], keepDims: true)
      let isLabel = oneHot(x[1], like: logits)
      let chosen = select(isLabel, logits, 0).sum(axes: [-1])
      let isClass = isLabel.cast(to: .int32).sum(axes: [-1]) .> 0
      let loss = log(sum).squeezed(-1) - chosen
      return [select(isClass, loss, .nan), e / sum]
    }
    public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
      guard let dloss = dy[0], dy[1] == nil else { return definitionGradient(x, dy) }
      return dloss.trace.emit(
        SoftmaxCrossEntropyGradient(), [y[1], x[1], dloss], results: 1) + [nil]
    }
  }

  /// The gradient of the cross-entropy with respect to the logits.
  ///
  ///     dlogits = (probabilities − onehot(labels)) · dloss
  ///     probabilities [rows, classes], labels int32 [rows], dloss [rows] → dlogits [rows, classes]
  public struct SoftmaxCrossEntropyGradient: FusedOperation {
    /// Creates the operation.
    public init() {}
    public var name: String { "softmaxCrossEntropyGradient" }
    public var operands: [OperandPattern] {
      ["probabilities [rows, classes]", "labels int32 [rows]", "dloss [rows]"]
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let isLabel = oneHot(x[1], like: x[0])
      return [(x[0] - isLabel.cast(to: x[0].dtype)) * x[2].expandingDims(at: -1)]
    }
  }
}

/// `x` less the largest element of the last axis, so that no exponential overflows.
private func shifted(_ x: Symbol) -> Symbol {
  guard x.shape.rank > 0 else { return x.trace.fail("softmax expects an axis", operands: [x.type]) }
  return x - x.max(axes: [-1], keepDims: true)
}

/// Whether a column is the label of its row.
private func oneHot(_ labels: Symbol, like x: Symbol) -> Symbol {
  x.trace.iota(x.shape, axis: -1) .== labels.expandingDims(at: -1)
}
