import TensorGraph

/// A layer applied to each step of a sequence, with the same weights.
///
///     let frames = TimeDistributed(Conv2D(32, kernelSize: 3))
///
/// Steps and samples are one batch for the layer, unless it carries a state from call to call, as
/// `BatchNormalization` does in training: then it is called for one step after another.
///
/// A mask of the steps, `[batch, time]`, is handed on; one of more axes, such as
/// `[batch, time, words]`, is the mask of the layer's input.
///
/// - Input: `[batch, time, …]`
/// - Outputs: those of the layer for each step, `[batch, time, …]`
/// - Weights: those of the layer
public final class TimeDistributed: NamedLayer {
  /// The layer applied to each step.
  public let layer: any Layer
  public let options: LayerOptions

  public static let example = TimeDistributed(Identity())
  public var masking: MaskHandling { .explicit }
  public var castsInputs: Bool { false }

  /// Creates a layer that applies `layer` to each step.
  public init(_ layer: any Layer, name: String? = nil, options: LayerOptions = []) {
    self.layer = layer
    self.options = LayerOptions(name, options)
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    outputs(for: [x], context)[0]
  }

  public func outputs(for inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard inputs.count == 1, let x = inputs.first, x.shape.rank >= 3, x.shape[1] > 0 else {
      return [
        context.fail(
          "TimeDistributed expects [batch, time, …]", inputs[0],
          hint: "the layer within sees one step, [batch, …]")
      ]
    }
    let (batch, time) = (x.shape[0], x.shape[1])
    let inner = x.mask.flatMap { $0.shape.rank > 2 ? $0 : nil }
    if carriesState(x, context) { return stepwise(x, inner, context) }
    func joined(_ y: Symbol) -> Symbol {
      y.reshaped(Shape([batch * time] + y.shape.dims.dropFirst(2)))
    }
    func parted(_ y: Symbol) -> Symbol {
      y.reshaped(Shape([batch, time] + y.shape.dims.dropFirst()))
    }
    return layer.apply(to: [joined(x).masked(by: inner.map(joined))]).map { y in
      guard y.isValid else { return y }
      guard y.shape.rank > 0, y.shape[0] == batch * time else { return mixed(context, y) }
      return parted(y).masked(by: y.mask.map(parted) ?? stepMask(x.mask))
    }
  }

  /// The layer called for one step after another.
  private func stepwise(_ x: Symbol, _ mask: Symbol?, _ context: LayerContext) -> [Symbol] {
    guard x.shape[1] <= unrollLimit else {
      return [
        context.fail(
          "TimeDistributed calls a layer with a state for up to \(unrollLimit) steps", x)
      ]
    }
    let outputs = (0..<x.shape[1]).map { time in
      layer.apply(to: [
        x.entry(time, axis: 1).masked(by: mask.map { $0.entry(time, axis: 1) })
      ])
    }
    guard outputs.allSatisfy({ $0.allSatisfy(\.isValid) }) else { return [x.trace.invalid] }
    return outputs[0].indices.map { index in
      let values = outputs.map { $0[index] }
      let masks = values.compactMap(\.mask)
      guard values[0].shape.rank > 0 else { return mixed(context, values[0]) }
      return stack(values, axis: 1)
        .masked(by: masks.count == values.count ? stack(masks, axis: 1) : stepMask(x.mask))
    }
  }

  private func mixed(_ context: LayerContext, _ y: Symbol) -> Symbol {
    context.fail("TimeDistributed needs a layer that keeps the samples apart", y)
  }

  /// Whether the layer changes a state when it is called, which a trace of its own finds.
  private func carriesState(_ x: Symbol, _ context: LayerContext) -> Bool {
    let trace = Trace()
    let model = ModelTrace(
      trace, isTraining: context.isTraining, budget: context.model.budget)
    defer { trace.companion = nil }
    _ = layer.apply(to: [trace.input("step", TensorType(x.dtype, x.shape.removing(1)))])
    return !model.updates.isEmpty
  }
}

/// The layer within is written as files have it.
extension TimeDistributed {
  private enum CodingKeys: String, CodingKey { case layer }

  public convenience init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let object = try container.decode(JSONValue.self, forKey: .layer)
    let isNetwork = ["Sequential", "Functional"].contains(object["class_name"]?.string)
    var reader = NetworkReader(registry: try .current(of: decoder))
    self.init(
      isNetwork
        ? try reader.network(object, path: "", depth: 0).0
        : try container.decode(SerializedLayer.self, forKey: .layer).layer,
      options: try LayerOptions(among: decoder))
  }

  public func encode(to encoder: any Encoder) throws {
    guard let named = layer as? any NamedLayer else {
      throw ConfigurationError(
        "TimeDistributed has a \(layer.className), which files cannot name in it",
        hint: "give each of its layers a TimeDistributed of its own")
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(SerializedLayer(named), forKey: .layer)
    try options.encode(among: encoder)
  }
}
