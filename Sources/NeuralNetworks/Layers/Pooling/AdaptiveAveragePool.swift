import TensorGraph

/// A mean over sequences: an `AdaptiveAveragePool` with one spatial axis.
public typealias AdaptiveAveragePooling1D = AdaptiveAveragePool<1>
/// A mean over images: an `AdaptiveAveragePool` with two spatial axes.
public typealias AdaptiveAveragePooling2D = AdaptiveAveragePool<2>
/// A mean over volumes: an `AdaptiveAveragePool` with three spatial axes.
public typealias AdaptiveAveragePooling3D = AdaptiveAveragePool<3>

/// The means of windows that share out the input evenly, channel by channel.
///
///     let fixed = AdaptiveAveragePooling2D(7)
///
/// Along an axis, window `i` of `outputSize` goes from `⌊i · size / outputSize⌋` to
/// `⌈(i + 1) · size / outputSize⌉`, so windows may overlap by one element.
///
/// A step of a sequence of outputs counts if one of the steps that it sees does.
///
/// - Input: `[batch, spatial…, channels]`
/// - Output: `[batch, outputSize…, channels]`
public final class AdaptiveAveragePool<let rank: Int>: NamedLayer, DataFormatLayer {
  /// The number of windows along each axis.
  public let outputSize: WindowSize<rank>
  public let options: LayerOptions

  public static var example: AdaptiveAveragePool { AdaptiveAveragePool(1) }
  public static var className: String { "AdaptiveAveragePooling\(rank)D" }
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
    return adaptiveAveragePooling(x, outputSizes: outputSize.sizes)
      .masked(by: x.mask.map { seen($0, sharedOutAmong: outputSize.sizes[0]) })
  }
}
