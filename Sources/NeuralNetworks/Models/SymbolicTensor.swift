import TensorGraph

/// What a layer will give: a value to connect layers with, before there is any data.
///
///     let image = Input([28, 28, 1])
///     let features = Flatten()(Conv2D(32, kernelSize: 3)(image))
///     let model = try Model(inputs: image, outputs: Dense(10)(features))
///
/// A layer called on symbolic tensors only notes the call; the model replays the notes for each
/// graph. A layer called twice shares its weights.
public struct SymbolicTensor: Sendable {
  /// The call that gives it.
  public let call: LayerCall
  /// Which of the outputs of the call it is.
  public let output: Int

  init(_ call: LayerCall, output: Int = 0) {
    self.call = call
    self.output = output
  }
}

/// A layer applied to outputs of other calls.
public final class LayerCall: Sendable {
  /// What is applied.
  public let layer: any Layer
  /// What it is applied to; nothing where data enters.
  public let inputs: [SymbolicTensor]
  /// Arguments that are not tensors, by Keras's name.
  public let arguments: [String: CallArgument]
  /// Where the call was written.
  public let location: SourceLocation?

  init(
    _ layer: any Layer, _ inputs: [SymbolicTensor], arguments: [String: CallArgument] = [:],
    location: SourceLocation? = nil
  ) {
    self.layer = layer
    self.inputs = inputs
    self.arguments = arguments
    self.location = location
  }
}

/// A place where data of `shape` enters a network; a `nil` size may differ from run to run.
///
/// The batch is not part of the shape.
public func Input(
  _ shape: [Int?], dtype: DType = .float32, batchSize: Int? = nil, name: String? = nil,
  file: String = #fileID, line: Int = #line
) -> SymbolicTensor {
  SymbolicTensor(
    LayerCall(
      InputLayer(shape, dtype: dtype, batchSize: batchSize, name: name), [],
      location: SourceLocation(file: file, line: line)))
}

extension Layer {
  /// Notes a call of the layer on `x`.
  public func callAsFunction(
    _ x: SymbolicTensor, file: String = #fileID, line: Int = #line
  ) -> SymbolicTensor {
    apply(to: [x], file: file, line: line)[0]
  }

  /// Notes a call of the layer on `inputs`, and gives the first `outputs` of it.
  public func apply(
    to inputs: [SymbolicTensor], arguments: [String: CallArgument] = [:], outputs: Int = 1,
    file: String = #fileID, line: Int = #line
  ) -> [SymbolicTensor] {
    let call = LayerCall(
      self, inputs, arguments: arguments, location: SourceLocation(file: file, line: line))
    return (0..<max(outputs, 1)).map { SymbolicTensor(call, output: $0) }
  }
}

extension MultiInputLayer {
  /// Notes a call of the layer on `inputs`.
  public func callAsFunction(
    _ inputs: SymbolicTensor..., file: String = #fileID, line: Int = #line
  ) -> SymbolicTensor {
    apply(to: inputs, file: file, line: line)[0]
  }

  /// Notes a call of the layer on `inputs`.
  public func callAsFunction(
    _ inputs: [SymbolicTensor], file: String = #fileID, line: Int = #line
  ) -> SymbolicTensor {
    apply(to: inputs, file: file, line: line)[0]
  }
}
