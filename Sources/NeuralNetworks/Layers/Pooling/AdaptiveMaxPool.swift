import TensorGraph

/// A maximum over sequences: an `AdaptiveMaxPool` with one spatial axis.
public typealias AdaptiveMaxPooling1D = AdaptiveMaxPool<1>
/// A maximum over images: an `AdaptiveMaxPool` with two spatial axes.
public typealias AdaptiveMaxPooling2D = AdaptiveMaxPool<2>
/// A maximum over volumes: an `AdaptiveMaxPool` with three spatial axes.
public typealias AdaptiveMaxPooling3D = AdaptiveMaxPool<3>

/// The largest elements of windows that share out the input evenly, channel by channel.
///
///     let fixed = AdaptiveMaxPooling2D(7)
///
/// Along an axis, window `i` of `outputSize` goes from `⌊i · size / outputSize⌋` to
/// `⌈(i + 1) · size / outputSize⌉`, so windows may overlap by one element.
///
/// A step of a sequence of outputs counts if one of the steps that it sees does.
///
/// - Input: `[batch, spatial…, channels]`
/// - Output: `[batch, outputSize…, channels]`
public final class AdaptiveMaxPool<let rank: Int>: NamedLayer, DataFormatLayer {
  /// The number of windows along each axis.
  public let outputSize: WindowSize<rank>
  public let options: LayerOptions

  public static var example: AdaptiveMaxPool { AdaptiveMaxPool(1) }
  public static var className: String { "AdaptiveMaxPooling\(rank)D" }
  public var spatialAxisCount: Int? { rank }
  public var masking: MaskHandling { windowMasking(rank) }

  /// Creates a pooling that gives outputs of `outputSize`.
  public init(_ outputSize: WindowSize<rank>, name: String? = nil, options: LayerOptions = []) {
    self.outputSize = outputSize
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    if let mistake = context.mistake(of: self, on: x, ["output_size": outputSize]) {
      return mistake
    }
    return adaptiveMaxPooling(x, outputSizes: outputSize.sizes)
      .masked(by: x.mask.map { seen($0, sharedOutAmong: outputSize.sizes[0]) })
  }
}
