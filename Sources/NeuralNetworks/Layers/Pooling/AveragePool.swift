import TensorGraph

/// A mean over sequences: an `AveragePool` with one spatial axis.
public typealias AveragePooling1D = AveragePool<1>
/// A mean over images: an `AveragePool` with two spatial axes.
public typealias AveragePooling2D = AveragePool<2>
/// A mean over volumes: an `AveragePool` with three spatial axes.
public typealias AveragePooling3D = AveragePool<3>

/// The mean of each window, channel by channel. Padding does not count.
///
///     let half = AveragePooling2D(2)
///
/// A step of a sequence of outputs counts if one of the steps that it sees does.
///
/// - Input: `[batch, spatial…, channels]`
/// - Output: `[batch, spatial′…, channels]`, where `size′` is `⌈size / strides⌉` for `.same` and
///   `⌊(size − poolSize) / strides⌋ + 1` for `.valid`
public final class AveragePool<let rank: Int>: NamedLayer, DataFormatLayer {
  /// The size of the window, in steps, pixels or voxels.
  public let poolSize: WindowSize<rank>
  /// How far the window moves; by its own size if nothing is said.
  public let strides: WindowSize<rank>?
  /// What lies beyond the border.
  public let padding: Padding
  public let options: LayerOptions

  public static var example: AveragePool { AveragePool() }
  public static var className: String { "AveragePooling\(rank)D" }
  public var spatialAxisCount: Int? { rank }
  public var masking: MaskHandling { windowMasking(rank) }

  /// Creates a pooling with windows of `poolSize`.
  public init(
    _ poolSize: WindowSize<rank> = 2, strides: WindowSize<rank>? = nil, padding: Padding = .valid,
    name: String? = nil, options: LayerOptions = []
  ) {
    self.poolSize = poolSize
    self.strides = strides
    self.padding = padding
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let strides = strides ?? poolSize
    if let mistake = context.mistake(of: self, on: x, ["pool_size": poolSize, "strides": strides]) {
      return mistake
    }
    guard padding != .causal else { return context.noCausalPadding(self) }
    let window = Window(sizes: poolSize.sizes, strides: strides.sizes)
    return averagePooling(x, sizes: poolSize.sizes, strides: strides.sizes, padding: padding)
      .masked(by: x.mask.map { seen($0, through: window, padding) })
  }
}
