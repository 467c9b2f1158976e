import TensorGraph

/// One step of `GRU`.
///
///     z, r, n = split(x · kernel + bias[0]);  z′, r′, n′ = split(h · recurrent_kernel + bias[1])
///     z = σ(z + z′);  r = σ(r + r′);  n = activation(n + r · n′)
///     h = z · h + (1 − z) · n
///
/// The gates' function σ is `recurrentActivation`. With `resetAfter` false, r multiplies h before
/// the product, and there is one bias.
///
/// - Inputs: `[batch, features]`, then h before the step, `[batch, units]`
/// - Outputs: h after the step, twice: as output and as state
/// - Weights: `kernel` `[features, 3 · units]`, `recurrent_kernel` `[units, 3 · units]`, `bias`
///   `[2, 3 · units]`, or `[3 · units]` with `resetAfter` false, each with its gates in the order
///   z, r, n
/// - Reference: [Cho et al., 2014](https://arxiv.org/abs/1406.1078)
public final class GRUCell: GatedCell {
  /// The size of the state.
  public let units: Int
  /// What is applied to the candidate.
  public let activation: Activation
  /// What is applied to the gates.
  public let recurrentActivation: Activation
  /// Whether there is a bias.
  public let useBias: Bool
  /// How `kernel` starts.
  public let kernelInitializer: Initializer
  /// How `recurrent_kernel` starts.
  public let recurrentInitializer: Initializer
  /// How `bias` starts.
  public let biasInitializer: Initializer
  /// The share of the inputs that are dropped in training, the same at each step.
  public let dropout: Double
  /// The share of the state that is dropped in training, the same at each step.
  public let recurrentDropout: Double
  /// Whether the reset gate multiplies after the product with the recurrent kernel.
  public let resetAfter: Bool
  public let options: LayerOptions

  public static let example = GRUCell(1)
  public static let gateCount = 3
  public static let stateCount = 1
  public var width: Int { units }

  /// Creates a cell with `units` outputs.
  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    dropout: Double = 0, recurrentDropout: Double = 0, resetAfter: Bool = true,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.units = units
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.recurrentInitializer = recurrentInitializer
    self.biasInitializer = biasInitializer
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.resetAfter = resetAfter
    self.options = LayerOptions(name, options)
  }

  public var bias: (shape: Shape, initializer: Initializer) {
    (resetAfter ? [2, 3 * units] : [3 * units], biasInitializer)
  }

  public func next(_ input: Symbol, _ states: [Symbol], _ weights: CellWeights) -> [Symbol] {
    let (h, gate) = (states[0], recurrentActivation)
    let outer = input.split(3, axis: -1)
    guard resetAfter else {
      // The reset gate is needed before the product for the candidate: two products.
      let kernel = weights.recurrentKernel
      let gates = kernel.sliced(axis: 1, 0..<2 * units)
      let candidate = kernel.sliced(axis: 1, 2 * units..<3 * units)
      let masks = weights.stateMasks
      let inner = product(h, gates, masks: Array(masks.prefix(2)), by: stateProduct)
        .split(2, axis: -1)
      let (z, r) = (gate(outer[0] + inner[0]), gate(outer[1] + inner[1]))
      let kept = masks.isEmpty ? h : h * masks[2]
      return blended(z, h, activation(outer[2] + matmul(r * kept, candidate)))
    }
    let parts = gates(h, adding: weights.bias?.entry(1, axis: 0), weights)
    let (z, r) = (gate(outer[0] + parts[0]), gate(outer[1] + parts[1]))
    return blended(z, h, activation(outer[2] + r * parts[2]))
  }

  private func blended(_ z: Symbol, _ h: Symbol, _ n: Symbol) -> [Symbol] { [z * h + (1 - z) * n] }

  public func fused(
    _ inputs: Symbol, mask: Symbol?, from states: [Symbol], _ weights: CellWeights
  ) -> (sequence: Symbol, states: [Symbol])? {
    guard activation == .tanh, recurrentActivation == .sigmoid, resetAfter,
      weights.stateMasks.isEmpty
    else { return nil }
    let bias =
      weights.bias?.entry(1, axis: 0) ?? inputs.trace.constant(0, [3 * units], dtype: inputs.dtype)
    let y = gru(
      inputs, recurrentKernel: weights.recurrentKernel, recurrentBias: bias, h: states[0],
      mask: mask)
    return (y.sequence, [y.h])
  }
}
