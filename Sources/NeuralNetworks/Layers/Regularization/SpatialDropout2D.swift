import TensorGraph

/// Drops whole channels of an image in training, at all its places together; in inference it changes
/// nothing.
///
///     let noisy = SpatialDropout2D(0.2)
///
/// Neighbors in a channel are much alike, so that dropping one of them alone would hide little.
///
/// - Input, output: `[batch, height, width, channels]`
/// - Reference: [Tompson et al., 2014](https://arxiv.org/abs/1411.4280)
public final class SpatialDropout2D: SpatialDropout, DataFormatLayer {
  public let rate: Double
  public let options: LayerOptions

  public static let example = SpatialDropout2D(0.5)
  public var spatialAxisCount: Int? { 2 }

  /// Creates a dropout of the share `rate` of the channels, from 0 to 1.
  public init(_ rate: Double, name: String? = nil, options: LayerOptions = []) {
    self.rate = rate
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    dropped(x, rank: 2, context)
  }
}
