import TensorGraph

/// Layers one after another: each takes what the one before it gave.
///
///     let block = Sequential {
///       Conv2D(32, kernelSize: 3)
///       if normalized { BatchNormalization() }
///       ActivationLayer(.relu)
///     }
///
/// - Input, output: those of the first and of the last layer
public final class Sequential: Network {
  /// The layers in order.
  public let layers: [any Layer]
  public let name: String?
  let locations: [SourceLocation?]

  public var masking: MaskHandling { .explicit }  // the layers in it have done it
  public var castsInputs: Bool { false }

  /// Creates a row of `layers`.
  public init(name: String? = nil, _ layers: [any Layer]) {
    self.layers = layers
    self.name = name
    locations = layers.map { _ in nil }
  }

  /// Creates a row of the layers written in `layers`.
  public init(name: String? = nil, @LayerBuilder _ layers: () -> [LayerBuilder.Element]) {
    let elements = layers()
    self.layers = elements.map(\.layer)
    self.name = name
    locations = elements.map(\.location)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    outputs(for: [x], context).first ?? x
  }

  public func outputs(for inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    zip(layers, locations).reduce(inputs) { values, next in
      context.model.locate(next.0, next.1)
      return next.0.apply(to: values)
    }
  }
}

/// A layer that only connects others: they are numbered by class, not named by property.
protocol Network: Layer {}

/// Collects the layers written in a model, with `if`, `switch` and `for`, and where each stands.
@resultBuilder
public enum LayerBuilder {
  /// A layer and the place where it was written.
  public struct Element: Sendable {
    /// The layer.
    public let layer: any Layer
    /// Its file and line.
    public let location: SourceLocation?
  }

  public static func buildExpression(
    _ layer: any Layer, file: String = #fileID, line: Int = #line
  ) -> [Element] {
    [Element(layer: layer, location: SourceLocation(file: file, line: line))]
  }
  public static func buildExpression(
    _ layers: [any Layer], file: String = #fileID, line: Int = #line
  ) -> [Element] {
    layers.map { Element(layer: $0, location: SourceLocation(file: file, line: line)) }
  }
  public static func buildBlock(_ parts: [Element]...) -> [Element] { parts.flatMap { $0 } }
  public static func buildOptional(_ part: [Element]?) -> [Element] { part ?? [] }
  public static func buildEither(first part: [Element]) -> [Element] { part }
  public static func buildEither(second part: [Element]) -> [Element] { part }
  public static func buildArray(_ parts: [[Element]]) -> [Element] { parts.flatMap { $0 } }
  public static func buildLimitedAvailability(_ part: [Element]) -> [Element] { part }
}
