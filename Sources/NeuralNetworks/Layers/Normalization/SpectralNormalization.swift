import TensorGraph

/// Holds the spectral norm of a layer's weight, its largest singular value, near 1.
///
///     let judge = SpectralNormalization(Conv2D(64, kernelSize: 3))
///
/// Each step of training divides the `kernel` or the `embeddings` of the layer by an estimate of
/// its largest singular value σ before it is used, and keeps the quotient. With the weight as a
/// matrix W of as many columns as its last axis has places, `powerIterations` times
///
///     v ← u · Wᵀ / ‖u · Wᵀ‖,   u ← v · W / ‖v · W‖;   then σ = v · W · uᵀ
///
/// where u and v count as constants in gradients. A weight of zeros is left alone. In inference the
/// weight is used as it is.
///
/// The optimizer moves on from the quotient, by the gradient with respect to the weight before.
///
/// - Input, output: those of the layer
/// - Weights: those of the layer
/// - State: `vector_u` `[1, last axis of the weight]`
/// - Reference: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957)
public final class SpectralNormalization: NamedLayer {
  /// The layer whose weight is normalized.
  public let layer: any NamedLayer
  /// How often the estimate of the singular value is improved in a step, at most 1000 times.
  public let powerIterations: Int
  public let options: LayerOptions

  public static let example = SpectralNormalization(Dense(1))

  /// Creates a layer like `layer`, with the spectral norm of its weight held near 1.
  public init(
    _ layer: any NamedLayer, powerIterations: Int = 1, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.layer = layer
    self.powerIterations = powerIterations
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { .explicit }
  public var castsInputs: Bool { false }

  public func sharesWeight(at path: String) -> Bool {
    let names = path.split(separator: "/")
    return names.dropLast().last.map(String.init) == layer.name ?? "layer"
      && ["kernel", "embeddings"].contains(names.last ?? "")
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard (1...1000).contains(powerIterations) else {
      return context.fail(
        "SpectralNormalization needs 1 to 1000 power iterations, not \(powerIterations)")
    }
    guard let columns = columns(for: x, context) else { return x.trace.invalid }
    let u = context.state(
      "vector_u", [1, columns], .truncatedNormal(stddev: 0.02),
      dtype: (layer.options.dtype ?? context.policy).variable)
    guard context.isTraining else { return layer(x) }

    var normalized: (path: String, weight: Symbol, u: Symbol)?
    func replacement(_ path: String, _ weight: Symbol) -> Symbol {
      guard sharesWeight(at: path) else { return weight }
      if let normalized, normalized.path == path { return normalized.weight }
      let (quotient, next) = spectrallyNormalized(weight, u, iterations: powerIterations)
      normalized = (path, quotient, next)
      return quotient
    }
    let y = context.model.substituting(replacement) { layer(x) }
    if let normalized {
      context.update("vector_u", to: normalized.u)
      context.model.assign(normalized.path, normalized.weight)
    }
    return y
  }

  /// The size of the last axis of the weight, found by a trace of the layer alone; nothing after a
  /// mistake.
  private func columns(for x: Symbol, _ context: LayerContext) -> Int? {
    let scratch = Trace()
    defer { scratch.companion = nil }
    let (outputs, model) = layer.traced(on: [scratch.input("x", x.type)], isTraining: false)
    guard outputs.allSatisfy(\.isValid) else {
      _ = layer(x)  // which says what is wrong
      return nil
    }
    let own = model.declarations.filter { $0.path.split(separator: "/").count == 2 }
    for name in ["kernel", "embeddings"] {
      if let weight = own.first(where: { $0.path.hasSuffix("/" + name) }),
        let columns = weight.type.shape.dims.last
      {
        return columns
      }
    }
    _ = context.fail(
      "SpectralNormalization finds no kernel and no embeddings in \(layer.className)",
      hint: "wrap a layer that has one of them, such as Dense, Conv2D or Embedding")
    return nil
  }
}

/// `weight` divided by its largest singular value, as estimated from `u`, and the new `u`.
private func spectrallyNormalized(
  _ weight: Symbol, _ u: Symbol, iterations: Int
) -> (weight: Symbol, u: Symbol) {
  let matrix = weight.reshaped([-1, weight.shape[-1]])
  func unit(_ x: Symbol) -> Symbol { unitNormalization(x, axes: [0, 1], epsilon: 1e-7) }
  var (next, v) = (u, u)
  for _ in 0..<iterations {
    v = unit(matmul(next, matrix.transposed()))
    next = unit(matmul(v, matrix))
  }
  next = stopGradient(next)
  let sigma = matmul(matmul(stopGradient(v), matrix), next.transposed()).reshaped([])
  let isZero = abs(weight).max(axes: Array(0..<weight.shape.rank)) .== 0
  let divisor = select(isZero, sigma.constant(1), sigma)
  return (
    weight / divisor, select(isZero.broadcast(to: u.shape), u, next)
  )
}

/// The layer within is written as files have it.
extension SpectralNormalization {
  private enum CodingKeys: String, CodingKey { case layer, powerIterations, options }

  public convenience init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(SerializedLayer.self, forKey: .layer).layer,
      powerIterations: try container.decode(Int.self, forKey: .powerIterations),
      options: try container.decodeIfPresent(LayerOptions.self, forKey: .options) ?? [])
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(SerializedLayer(layer), forKey: .layer)
    try container.encode(powerIterations, forKey: .powerIterations)
    try container.encode(options, forKey: .options)
  }
}
