import TensorGraph

/// A maximum over sequences: a `MaxPool` with one spatial axis.
public typealias MaxPooling1D = MaxPool<1>
/// A maximum over images: a `MaxPool` with two spatial axes.
public typealias MaxPooling2D = MaxPool<2>
/// A maximum over volumes: a `MaxPool` with three spatial axes.
public typealias MaxPooling3D = MaxPool<3>

/// The largest element of each window, channel by channel. Padding never wins.
///
///     let half = MaxPooling2D(2)
///
/// A step of a sequence of outputs counts if one of the steps that it sees does.
///
/// - Input: `[batch, spatial…, channels]`
/// - Output: `[batch, spatial′…, channels]`, where `size′` is `⌈size / strides⌉` for `.same` and
///   `⌊(size − poolSize) / strides⌋ + 1` for `.valid`
public final class MaxPool<let rank: Int>: NamedLayer, DataFormatLayer {
  /// The size of the window, in steps, pixels or voxels.
  public let poolSize: WindowSize<rank>
  /// How far the window moves; by its own size if nothing is said.
  public let strides: WindowSize<rank>?
  /// What lies beyond the border.
  public let padding: Padding
  public let options: LayerOptions

  public static var example: MaxPool { MaxPool() }
  public static var className: String { "MaxPooling\(rank)D" }
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
    return maxPooling(x, sizes: poolSize.sizes, strides: strides.sizes, padding: padding)
      .masked(by: x.mask.map { seen($0, through: window, padding) })
  }
}
