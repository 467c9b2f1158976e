import TensorGraph

/// Half of the images mirrored, in training.
///
///     let mirrored = RandomFlip(.horizontal)
///
/// - Input, output: `[batch, height, width, channels]`, or one image
public final class RandomFlip: RandomAugmentation {
  /// How images are mirrored.
  public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
    /// Left and right are exchanged.
    case horizontal
    /// Above and below are exchanged.
    case vertical
    /// Both at once, which is half a turn.
    case horizontalAndVertical = "horizontal_and_vertical"
  }

  /// How images are mirrored.
  public let mode: Mode
  public let options: LayerOptions

  public static let example = RandomFlip()

  /// Creates a layer that mirrors half of the images.
  public init(
    _ mode: Mode = .horizontalAndVertical, name: String? = nil, options: LayerOptions = []
  ) {
    self.mode = mode
    self.options = LayerOptions(name, options)
  }

  /// Which images are mirrored, `bool[batch]`.
  public func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol] {
    [context.uniform((0, 1), [shape[0]]) .<= 0.5]
  }

  public func transformed(_ images: Symbol, by drawn: [Symbol]) -> Symbol {
    var mirrored = images
    if mode != .vertical { mirrored = mirrored.reversed(axis: 2) }
    if mode != .horizontal { mirrored = mirrored.reversed(axis: 1) }
    return select(drawn[0].perImage, mirrored, images)
  }
}
