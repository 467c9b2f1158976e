import TensorGraph

/// The input itself.
///
/// - Input, output: any shape
public final class Identity: NamedLayer {
  public let options: LayerOptions

  public static let example = Identity()

  /// Creates a layer that changes nothing.
  public init(name: String? = nil, options: LayerOptions = []) {
    self.options = LayerOptions(name, options)
  }

  public var takesStrings: Bool { true }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol { x }
}
