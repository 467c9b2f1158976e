import TensorGraph

/// Normalizes groups of channels of each sample to mean 0 and variance 1, then scales and shifts
/// each channel.
///
///     y = gamma · (x − mean) / √(variance + epsilon) + beta
///
/// The channels of `axis` are cut into `groups` parts of equal size; mean and variance of a part
/// are taken over its channels and all other axes but the batch. One group is a layer
/// normalization over everything, as many groups as channels (`-1`) an instance normalization.
///
/// - Input, output: `[batch, …, channels]`
/// - Weights: `gamma`, `beta` `[channels]`
/// - Reference: [Wu and He, 2018](https://arxiv.org/abs/1803.08494)
public final class GroupNormalization: NamedLayer {
  /// The number of groups; −1 for one group for each channel.
  public let groups: Int
  /// The axis of the channels.
  public let axis: Int
  /// Added to the variance, so that a constant group does not divide by zero.
  public let epsilon: Double
  /// Whether `beta` is added.
  public let center: Bool
  /// Whether `gamma` multiplies.
  public let scale: Bool
  /// How `beta` starts.
  public let betaInitializer: Initializer
  /// How `gamma` starts.
  public let gammaInitializer: Initializer
  public let options: LayerOptions

  public static let example = GroupNormalization()

  /// Creates a normalization of `groups` groups of the channels along `axis`.
  public init(
    groups: Int = 32, axis: Int = -1, epsilon: Double = 1e-3, center: Bool = true,
    scale: Bool = true, betaInitializer: Initializer = .zeros,
    gammaInitializer: Initializer = .ones, name: String? = nil, options: LayerOptions = []
  ) {
    self.groups = groups
    self.axis = axis
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    self.betaInitializer = betaInitializer
    self.gammaInitializer = gammaInitializer
    self.options = LayerOptions(name, options)
  }

  public var castsInputs: Bool { false }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard let axis = x.shape.axis(axis), axis > 0 else {
      return context.fail("GroupNormalization cannot normalize the channels of axis \(axis)", x)
    }
    let channels = x.shape[axis]
    guard groups == -1 || (groups > 0 && groups <= channels && channels % groups == 0) else {
      return context.fail(
        "GroupNormalization cannot cut \(channels) channels into \(groups) groups of equal size",
        x, hint: "the number of groups has to divide the number of channels")
    }
    guard context.isEpsilon(epsilon, of: self),
      context.isIndependentOfPadding(x, Array(1..<x.shape.rank), self)
    else { return x.trace.invalid }
    let compute = context.policy.compute, variable = context.policy.variable
    let gamma =
      scale ? context.weight("gamma", [channels], gammaInitializer, dtype: variable) : nil
    let beta =
      center ? context.weight("beta", [channels], betaInitializer, dtype: variable) : nil

    let groups = groups == -1 ? channels : groups
    let x = x.forMoments
    let others = (1..<x.shape.rank).filter { $0 != axis }
    var channelwise = x.shape.dims
    for axis in others { channelwise[axis] = 1 }
    // The axis of the channels becomes two: the group, and the channel in it.
    var parts = channelwise
    parts.replaceSubrange(axis...axis, with: [groups, channels / groups])
    // The mean of each channel, then of its group, is the mean of the group, for each of its
    // channels. What is as large as the input is read in rows of all channels.
    func mean(_ x: Symbol) -> Symbol {
      let means = others.isEmpty ? x : x.mean(axes: others, keepDims: true)
      return means.reshaped(Shape(parts)).mean(axes: [axis + 1], keepDims: true)
        .broadcast(to: Shape(parts)).reshaped(Shape(channelwise))
    }
    let centered = x - mean(x)
    let variance = mean(square(centered))
    var y = centered * rsqrt(variance + epsilon)
    let aligned = Shape((axis..<x.shape.rank).map { $0 == axis ? channels : 1 })
    if let gamma { y = y * gamma.cast(to: x.dtype).reshaped(aligned) }
    if let beta { y = y + beta.cast(to: x.dtype).reshaped(aligned) }
    return y.cast(to: compute)
  }
}
