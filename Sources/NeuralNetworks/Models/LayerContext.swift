import TensorGraph

/// What a layer asks for while it is traced: its weights, its state, and whether it trains.
public struct LayerContext {
  let model: ModelTrace
  /// Arguments of the call that are not tensors, by Keras's name.
  public internal(set) var arguments: [String: CallArgument] = [:]

  package init(model: ModelTrace) { self.model = model }

  /// Whether the step being traced is a training step.
  public var isTraining: Bool { model.isTraining }

  /// Whether training moves the weights of this layer; the user may have frozen them.
  public var isTrainable: Bool { !model.isFrozen }

  /// Whether the call has the argument `name` set to `true`.
  public func flag(_ name: String) -> Bool { arguments[name] == .bool(true) }

  /// The weight `name` of this layer, created on first use.
  ///
  /// The order of the calls is the order of the weights in Keras's files. Without a `dtype` it is
  /// held in the layer's type for weights, and given in the type in which the layer computes.
  /// `role` is Keras's word for the weight in hyperparameters, where its name does not say it.
  public func weight(
    _ name: String, _ shape: Shape, _ initializer: Initializer, dtype: DType? = nil,
    role: String? = nil
  ) -> Symbol {
    let type = TensorType(dtype ?? policy.variable, shape)
    let value = model.weight(name, type, initializer, isTrainable: true, role: role)
    return dtype == nil ? value.cast(to: policy.compute) : value
  }

  /// A value the layer carries from step to step, such as a moving average.
  ///
  /// Without a `dtype` it is held in the layer's type for weights, and given in the type in which
  /// the layer computes.
  public func state(
    _ name: String, _ shape: Shape, _ initializer: Initializer, dtype: DType? = nil
  ) -> Symbol {
    let type = TensorType(dtype ?? policy.variable, shape)
    let value = model.state(name, type, initializer)
    return dtype == nil ? value.cast(to: policy.compute) : value
  }

  /// The weight or state `name` of this layer that starts as `value`, in its element type.
  package func variable(_ name: String, startingAs value: Tensor, isTrainable: Bool) -> Symbol {
    model.weight(name, value.type, .zeros, isTrainable: isTrainable, value: value)
  }

  /// The element types of the layer.
  public var policy: DTypePolicy { model.policy }

  /// Makes `value` the value of the state `name` in the next step.
  public func update(_ name: String, to value: Symbol) { model.update(name, to: value) }

  /// Adds `value`, a scalar, to the loss.
  public func addLoss(_ value: Symbol) {
    guard value.isValid else { return }
    guard value.shape.rank == 0 else {
      _ = fail("a loss that a layer adds is a scalar", value, hint: "add its sum or its mean")
      return
    }
    model.losses.append(value.cast(to: .float32))
  }

  /// What this layer's random numbers are drawn from in this step: seed and step, and the layer's
  /// own stream of numbers.
  public var random: (key: Symbol, stream: UInt64) { model.random() }

  /// Reports a mistake in this layer, and returns an invalid symbol.
  public func fail(_ message: String, _ operands: Symbol..., hint: String? = nil) -> Symbol {
    model.trace.fail(message, operands: operands.map(\.type), hint: hint)
  }
}

extension LayerContext {
  /// `x` as `layer` wants it: in the type in which it computes, with channels last.
  func arranged(_ x: Symbol, for layer: any Layer) -> Symbol {
    var x = x
    if x.dtype.isFloatingPoint, layer.castsInputs {
      x = x.cast(to: policy.compute).masked(by: x.mask)
    }
    guard layer.options.dataFormat == .channelsFirst, let layer = layer as? any DataFormatLayer
    else { return x }
    return layer.channelsLast(x)
  }

  /// Reports an option that means nothing to `layer`, and returns whether there is none.
  func accepts(_ layer: any Layer) -> Bool {
    let options = layer.options
    if options.dataFormat != nil, !(layer is any DataFormatLayer) {
      _ = fail("\(layer.className) has no hyperparameter data_format", hint: "leave it out")
    } else if options.seed != nil, !(layer is any RandomLayer) {
      _ = fail("\(layer.className) has no hyperparameter seed", hint: "it draws no numbers")
    } else if let mistake = options.mistake {
      _ = fail("\(layer.className): \(mistake)")
    } else {
      return true
    }
    return false
  }

  /// `y`, an output of `layer`, as its options want it.
  func finished(_ y: Symbol, of layer: any Layer) -> Symbol {
    guard y.isValid else { return y }
    if let regularizer = layer.options.activityRegularizer { penalize(y, by: regularizer) }
    guard layer.options.dataFormat == .channelsFirst, let layer = layer as? any DataFormatLayer
    else { return y }
    return layer.channelsFirst(y)
  }

  /// Adds the penalty on `y`, what a layer gives, to the loss: its mean over the batch.
  func penalize(_ y: Symbol, by regularizer: Regularizer) {
    guard y.isValid, y.dtype.isFloatingPoint else { return }
    // Half types hold too few digits for a sum over everything.
    let wide = y.dtype.isHalf ? y.cast(to: .float32) : y
    addLoss(regularizer(wide) / Double(max(y.shape.dims.first ?? 1, 1)))
  }
}
