import TensorGraph

/// Any function as a layer.
///
///     Lambda { x in x * x }
///     Lambda(name: "difference") { inputs, context in [inputs[0] - inputs[1]] }
///
/// A function is not a thing that files can hold: a model with a `Lambda` is not written, and
/// Keras's files with one, which have a piece of Python, are not read. A layer that is to be saved
/// is a class of its own that conforms to `NamedLayer`.
///
/// The mask of the first input is passed on where the output has its axes; say something else with
/// `masking`.
///
/// - Inputs, outputs: what the function takes and gives
public final class Lambda: MultiInputLayer {
  /// What the layer computes.
  public let function: @Sendable (_ inputs: [Symbol], _ context: LayerContext) -> [Symbol]
  public let masking: MaskHandling
  public let options: LayerOptions

  /// Creates a layer that computes `function` of its input.
  public init(
    name: String? = nil, masking: MaskHandling = .passed, options: LayerOptions = [],
    _ function: @escaping @Sendable (_ x: Symbol) -> Symbol
  ) {
    self.function = { inputs, context in
      guard inputs.count == 1 else {
        return [context.fail("the function of this Lambda takes one input, not \(inputs.count)")]
      }
      return [function(inputs[0])]
    }
    self.masking = masking
    self.options = LayerOptions(name, options)
  }

  /// Creates a layer that computes `function` of its inputs, with weights and random numbers of
  /// its own if it asks for them.
  public init(
    name: String? = nil, masking: MaskHandling = .passed, options: LayerOptions = [],
    _ function: @escaping @Sendable (_ inputs: [Symbol], _ context: LayerContext) -> [Symbol]
  ) {
    self.function = function
    self.masking = masking
    self.options = LayerOptions(name, options)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    let outputs = function(inputs, context)
    return outputs.isEmpty ? [context.fail("the function of this Lambda gives nothing")] : outputs
  }
}
