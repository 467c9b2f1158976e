import TensorGraph

/// What a layer asks for while it is traced: its weights, its state, and whether it trains.
public struct LayerContext {
  let model: ModelTrace
  /// Arguments of the call that are not tensors, by Keras's name.
  public internal(set) var arguments: [String: CallArgument] = [:]

  init(model: ModelTrace) { self.model = model }

  /// Whether the step being traced is a training step.
  public var isTraining: Bool { model.isTraining }

  /// Whether training moves the weights of this layer; the user may have frozen them.
  public var isTrainable: Bool { !model.isFrozen }

  /// Whether the call has the argument `name` set to `true`.
  public func flag(_ name: String) -> Bool { arguments[name] == .bool(true) }

  /// The weight `name` of this layer, created on first use.
  ///
  /// The order of the calls is the order of the weights in Keras's files.
  public func weight(_ name: String, _ shape: Shape, _ initializer: Initializer) -> Symbol {
    model.weight(name, TensorType(.float32, shape), initializer, isTrainable: true)
  }

  /// A value the layer carries from step to step, such as a moving average.
  public func state(
    _ name: String, _ shape: Shape, _ initializer: Initializer, dtype: DType = .float32
  ) -> Symbol {
    model.weight(name, TensorType(dtype, shape), initializer, isTrainable: false)
  }

  /// Makes `value` the value of the state `name` in the next step.
  public func update(_ name: String, to value: Symbol) { model.update(name, to: value) }

  /// Adds `value`, a scalar, to the loss.
  public func addLoss(_ value: Symbol) { model.losses.append(value) }

  /// What this layer's random numbers are drawn from in this step: seed and step, and the layer's
  /// own stream of numbers.
  public var random: (key: Symbol, stream: UInt64) { model.random() }

  /// Reports a mistake in this layer, and returns an invalid symbol.
  public func fail(_ message: String, _ operands: Symbol..., hint: String? = nil) -> Symbol {
    model.trace.fail(message, operands: operands.map(\.type), hint: hint)
  }
}
