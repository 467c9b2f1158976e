import TensorGraph

/// Images made larger by repeating each pixel.
///
///     let twice = UpSampling2D(2)
///
/// - Input: `[batch, height, width, channels]`
/// - Output: `[batch, height · size, width · size, channels]`
public final class UpSampling2D: NamedLayer {
  /// How pixels between those of the input are found.
  public enum Interpolation: String, Sendable, Hashable, Codable {
    /// From the nearest pixel of the input.
    case nearest
  }

  /// How often a pixel is repeated along height and width.
  public let size: WindowSize<2>
  /// How pixels between those of the input are found.
  public let interpolation: Interpolation
  public let name: String?

  public static let example = UpSampling2D()

  /// Creates a layer that makes images `size` times as large.
  public init(
    _ size: WindowSize<2> = 2, interpolation: Interpolation = .nearest, name: String? = nil
  ) {
    self.size = size
    self.interpolation = interpolation
    self.name = name
  }

  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard x.shape.rank == 4 else {
      return context.fail("UpSampling2D expects \(spatialLayout(2))", x)
    }
    if let mistake = size.mistake("size") { return context.fail("UpSampling2D: \(mistake)") }
    let (batch, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let (rows, columns) = (size.sizes[0], size.sizes[1])
    return x.reshaped([batch, height, 1, width, 1, channels])
      .broadcast(to: [batch, height, rows, width, columns, channels])
      .reshaped([batch, height * rows, width * columns, channels])
  }
}
