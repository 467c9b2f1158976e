import TensorGraph

/// Layers one after another as one layer, such as the preparation of data.
///
///     let prepare = Pipeline([Rescaling(1 / 255.0), RandomFlip()])
///
/// - Input, output: those of the first and of the last layer
public final class Pipeline: NamedLayer {
  /// The layers in order.
  public let layers: [any Layer]
  public let options: LayerOptions

  public static let example = Pipeline([])

  /// Creates a row of `layers`.
  public init(_ layers: [any NamedLayer], name: String? = nil, options: LayerOptions = []) {
    self.layers = layers
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { .explicit }  // the layers in it have done it
  public var castsInputs: Bool { false }
  public var takesStrings: Bool { true }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    layers.reduce(x) { $1($0) }
  }
}

/// The layers within are written as files have them.
extension Pipeline {
  private enum CodingKeys: String, CodingKey { case layers, options }

  public convenience init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode([SerializedLayer].self, forKey: .layers).map(\.layer),
      options: try container.decodeIfPresent(LayerOptions.self, forKey: .options) ?? [])
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    let named = layers.compactMap { $0 as? any NamedLayer }
    try container.encode(named.map(SerializedLayer.init), forKey: .layers)
    try container.encode(options, forKey: .options)
  }
}
