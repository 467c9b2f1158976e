import TensorGraph

/// A recurrent layer that reads its input in both directions.
///
///     let both = Bidirectional(LSTM(64, returnSequences: true))
///
/// With sequences, the outputs of the backward direction are put in the order of the input, and
/// masked steps give 0.
///
/// - Inputs: `[batch, time, features]`, then, if given, the states before the first step: those of
///   the forward direction, then those of the backward one
/// - Outputs: the merged outputs of both directions, or both if `mergeMode` is nothing; then, if
///   the layer returns its states, those of the forward and of the backward direction
/// - Weights: those of the forward layer, then those of the backward one
/// - Reference: [Schuster and Paliwal, 1997](https://doi.org/10.1109/78.650093)
public final class Bidirectional: MultiInputLayer, NamedLayer {
  /// How the outputs of the two directions become one.
  public enum MergeMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// One after the other along the last axis.
    case concat
    /// Their sum.
    case sum
    /// Their product.
    case mul
    /// Their mean.
    case ave
  }

  /// The layer for the forward direction.
  public let layer: any RecurrentLayer
  /// How the outputs become one; nothing leaves them apart.
  public let mergeMode: MergeMode?
  /// The layer for the backward direction; one like `layer` if nothing is said.
  public let backwardLayer: (any RecurrentLayer)?
  public let options: LayerOptions

  public static let example = Bidirectional(SimpleRNN(1))

  /// Creates a layer that runs `layer` in both directions, each with weights of its own.
  public init(
    _ layer: any RecurrentLayer, mergeMode: MergeMode? = .concat,
    backwardLayer: (any RecurrentLayer)? = nil, name: String? = nil, options: LayerOptions = []
  ) {
    self.layer = layer
    self.mergeMode = mergeMode
    self.backwardLayer = backwardLayer
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { .explicit }
  public var takesList: Bool { false }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    let other = backwardLayer ?? layer
    guard backwardLayer == nil || other.goBackwards != layer.goBackwards,
      other.returnSequences == layer.returnSequences, other.returnState == layer.returnState,
      other.stateful == layer.stateful
    else {
      return [
        context.fail(
          "Bidirectional needs layers that differ in goBackwards, and agree in returnSequences, "
            + "returnState and stateful")
      ]
    }
    let states = inputs.dropFirst()
    guard states.count % 2 == 0 else {
      return [context.fail("Bidirectional takes states for both directions, not \(states.count)")]
    }
    func run(
      _ layer: any RecurrentLayer, _ name: String, reversed: Bool, _ own: ArraySlice<Symbol>
    ) -> [Symbol] {
      let inputs = [inputs[0]] + own
      return context.model.entering(layer, as: name, inputs) { context in
        let arranged = inputs.map { context.arranged($0, for: layer) }
        return layer.recurred(
          arranged, context, reversed: reversed, zeroOutput: layer.returnSequences
        ).map { context.finished($0, of: layer) }
      }
    }
    let half = states.count / 2
    let forward = run(
      layer, forwardName, reversed: layer.goBackwards, states.prefix(half))
    // One layer for both directions is a copy for the second, with weights of its own.
    let backward = context.model.copying(backwardLayer == nil ? backwardName : nil) {
      run(other, backwardName, reversed: !layer.goBackwards, states.suffix(half))
    }
    guard forward[0].isValid, backward[0].isValid else { return [inputs[0].trace.invalid] }

    let mask = layer.returnSequences ? stepMask(inputs[0].mask) : nil
    let outputs = merged(
      forward[0], layer.returnSequences ? backward[0].reversed(axis: 1) : backward[0])
    return outputs.map { $0.masked(by: mask) } + forward.dropFirst() + backward.dropFirst()
  }

  /// The name of the layer for the forward direction in this one.
  package var forwardName: String { layer.prefixed("forward_") }
  /// The name of the layer for the backward direction in this one.
  package var backwardName: String {
    backwardLayer.map { $0.name ?? $0.prefixed("backward_") } ?? layer.prefixed("backward_")
  }

  private func merged(_ y: Symbol, _ z: Symbol) -> [Symbol] {
    switch mergeMode {
    case .concat: [concatenate([y, z], axis: -1)]
    case .sum: [y + z]
    case .mul: [y * z]
    case .ave: [(y + z) / 2]
    case nil: [y, z]
    }
  }
}

/// The layers within are written as files have them, and no merging as `null`.
extension Bidirectional {
  private enum CodingKeys: String, CodingKey { case layer, mergeMode, backwardLayer, options }

  public convenience init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func recurrent(_ serialized: SerializedLayer, _ key: CodingKeys) throws -> any RecurrentLayer {
      guard let layer = serialized.layer as? any RecurrentLayer else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container,
          debugDescription: "\(serialized.layer.className) is no recurrent layer")
      }
      return layer
    }
    self.init(
      try recurrent(container.decode(SerializedLayer.self, forKey: .layer), .layer),
      mergeMode: try container.decodeIfPresent(MergeMode.self, forKey: .mergeMode),
      backwardLayer: try container.decodeIfPresent(SerializedLayer.self, forKey: .backwardLayer)
        .map { try recurrent($0, .backwardLayer) },
      options: try container.decodeIfPresent(LayerOptions.self, forKey: .options) ?? [])
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(SerializedLayer(layer), forKey: .layer)
    try container.encode(mergeMode, forKey: .mergeMode)
    try container.encodeIfPresent(backwardLayer.map(SerializedLayer.init), forKey: .backwardLayer)
    try container.encode(options, forKey: .options)
  }
}

extension Layer {
  /// The name of the layer, or that of its class, with `prefix` put before it once.
  fileprivate func prefixed(_ prefix: String) -> String {
    let name = name ?? className.snakeCased
    return name.hasPrefix(prefix) ? name : prefix + name
  }
}
