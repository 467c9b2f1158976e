import TensorGraph

/// The input itself.
///
/// - Input, output: any shape
public final class Identity: NamedLayer {
  public let name: String?

  public static let example = Identity()

  /// Creates a layer that changes nothing.
  public init(name: String? = nil) { self.name = name }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol { x }
}
