import TensorGraph

/// Steps along the momentum made orthogonal, for the matrices of a network; Adam for the rest.
///
///     m ← μ·m + g
///     X = g + μ·m (with Nesterov's momentum; else m), divided by its norm
///     X ← a·X + (b·A + c·A²)·X,   A = X·Xᵀ           so many times as `nsSteps`
///     w ← w − α·r·√(max(rows, columns))·X            with the rate r; without it the factor is 1
///
/// Weights of fewer or more axes than two, embeddings, and those whose path a pattern finds are
/// moved as by `Adam`.
///
/// - Reference: [Jordan et al., 2024](https://kellerjordan.github.io/posts/muon/);
///   [Liu et al., 2025](https://arxiv.org/abs/2502.16982) for the factor of the step
public struct Muon: Optimizer {
  public var learningRate: LearningRate
  /// How much of the gradients' running average Adam keeps, β₁.
  public var adamBeta1: Double
  /// How much of the squares' running average Adam keeps, β₂.
  public var adamBeta2: Double
  /// The decay of weights that Adam moves; that of matrices is an option.
  public var adamWeightDecay: Double?
  /// What keeps Adam's divisor from 0, ε.
  public var epsilon: Double
  /// Regular expressions; Adam moves weights in whose path one is found.
  public var excludeLayers: [String]
  /// Whether Adam moves weights with `embedding` in their path.
  public var excludeEmbeddings: Bool
  /// The coefficient of X, a.
  public var muonA: Double
  /// The coefficient of A·X, b.
  public var muonB: Double
  /// The coefficient of A²·X, c.
  public var muonC: Double
  /// Adam's learning rate, as a share of that of matrices.
  public var adamLRRatio: Double
  /// How much of the momentum is kept, μ.
  public var momentum: Double
  /// How often the momentum is brought nearer to an orthogonal matrix.
  public var nsSteps: Int
  /// Whether the gradient is added to the momentum anew.
  public var nesterov: Bool
  /// The root mean square of a step of matrices, r.
  public var rmsRate: Double?
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: any LearningRateSchedule = 0.001, adamBeta1: Double = 0.9,
    adamBeta2: Double = 0.999, adamWeightDecay: Double? = 0.004, epsilon: Double = 1e-7,
    weightDecay: Double? = 0.004, excludeLayers: [String] = [], excludeEmbeddings: Bool = true,
    muonA: Double = 3.4445, muonB: Double = -4.775, muonC: Double = 2.0315,
    adamLRRatio: Double = 1, momentum: Double = 0.95, nsSteps: Int = 5, nesterov: Bool = true,
    rmsRate: Double? = 0.2, options: OptimizerOptions = []
  ) {
    self.learningRate = LearningRate(learningRate)
    self.adamBeta1 = adamBeta1
    self.adamBeta2 = adamBeta2
    self.adamWeightDecay = adamWeightDecay
    self.epsilon = epsilon
    self.excludeLayers = excludeLayers
    self.excludeEmbeddings = excludeEmbeddings
    self.muonA = muonA
    self.muonB = muonB
    self.muonC = muonC
    self.adamLRRatio = adamLRRatio
    self.momentum = momentum
    self.nsSteps = nsSteps
    self.nesterov = nesterov
    self.rmsRate = rmsRate
    self.options = options
    self.options.weightDecay = weightDecay
  }

  public var slotGroups: [[OptimizerSlot]] {
    let velocity = OptimizerSlot("velocity") { isMovedByAdam($0) ? $0.type.shape : nil }
    return [["momentum", velocity]]
  }

  public var mistake: String? {
    for pattern in excludeLayers where (try? Regex(pattern)) == nil {
      return "Muon needs regular expressions as excludeLayers, not \(pattern)"
    }
    guard (0...1000).contains(nsSteps) else {
      return "Muon needs nsSteps from 0 to 1000, not \(nsSteps)"
    }
    for (name, number) in [("muonA", muonA), ("muonB", muonB), ("muonC", muonC)]
    where !number.isFinite {
      return "Muon needs a finite \(name), not \(number)"
    }
    return beta("adamBeta1", adamBeta1) ?? beta("adamBeta2", adamBeta2)
      ?? notNegative("adamWeightDecay", adamWeightDecay ?? 0) ?? notNegative("epsilon", epsilon)
      ?? notNegative("adamLRRatio", adamLRRatio) ?? share("momentum", momentum)
      ?? notNegative("rmsRate", rmsRate ?? 0)
  }

  private func isMovedByAdam(_ weight: TrainedWeight) -> Bool {
    weight.type.shape.rank != 2
      || excludeEmbeddings && weight.path.lowercased().contains("embedding")
      || excludeLayers.contains { (try? Regex($0)).map(weight.path.contains) ?? false }
  }

  public func weightDecay(of weight: TrainedWeight) -> Double? {
    guard !options.isExcludedFromDecay(weight) else { return nil }
    return isMovedByAdam(weight) ? adamWeightDecay : options.weightDecay
  }

  public func update(
    _ w: Symbol, gradient g: Symbol, slots s: inout [Symbol], _ step: OptimizerStep
  ) -> Symbol {
    guard s.count == 1 else {
      let adam = Adam(beta1: adamBeta1, beta2: adamBeta2, epsilon: epsilon)
      let size = adam.stepSize(step.learningRate * adamLRRatio, step: step.t)
      return adam.update(
        w, gradient: g, slots: &s,
        OptimizerStep(
          learningRate: step.learningRate, size: size, t: step.t, globals: [],
          weight: step.weight))
    }
    s[0] = momentum * s[0] + g
    let direction = orthogonalized(nesterov ? g + momentum * s[0] : s[0], step.weight.type.shape)
    let longest = Double(step.weight.type.shape.dims.max() ?? 1)
    return w - step.size * (rmsRate.map { $0 * longest.squareRoot() } ?? 1) * direction
  }

  /// The matrix nearest to `x` that is orthogonal, roughly, by steps of Newton and Schulz.
  private func orthogonalized(_ x: Symbol, _ shape: Shape) -> Symbol {
    // The product with the transpose is smallest for a matrix that is wider than tall.
    let isTall = shape.dims[0] > shape.dims[1]
    var x = isTall ? x.transposed() : x
    x = x / (sqrt(square(x).sum()) + 1e-7)
    for _ in 0..<nsSteps {
      let a = matmul(x, x.transposed())
      x = muonA * x + matmul(muonB * a + muonC * matmul(a, a), x)
    }
    return isTall ? x.transposed() : x
  }
}
