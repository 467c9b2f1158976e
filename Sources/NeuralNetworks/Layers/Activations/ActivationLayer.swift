import TensorGraph

/// An activation as a layer of its own; files call it `Activation`.
///
///     ActivationLayer(.gelu)
///
/// - Input, output: any shape
public final class ActivationLayer: NamedLayer {
  /// What is applied to the input.
  public let activation: Activation
  public let options: LayerOptions

  public static var className: String { "Activation" }
  public static let example = ActivationLayer(.linear)

  /// Creates a layer that applies `activation`.
  public init(_ activation: Activation, name: String? = nil, options: LayerOptions = []) {
    self.activation = activation
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol { activation(x) }
}
