import TensorGraph

/// A layer that finds the keys that fit a query, and averages their values.
///
///     let seen = Attention()(query, value)
///     let (output, scores) = Attention().withScores(query, value, useCausalMask: true)
public protocol AttentionLayer: MultiInputLayer, NamedLayer {}

extension AttentionLayer {
  public var masking: MaskHandling { .explicit }
  public var takesMask: Bool { true }

  /// Applies the layer while a model is traced. Without a key, the values are the keys.
  public func callAsFunction(
    _ query: Symbol, _ value: Symbol, key: Symbol? = nil, useCausalMask: Bool = false
  ) -> Symbol {
    let call = AttentionCall([query, value, key], useCausalMask: useCausalMask)
    return apply(to: call.inputs, arguments: call.arguments)[0]
  }

  /// Notes a call of the layer. Without a key, the values are the keys.
  public func callAsFunction(
    _ query: SymbolicTensor, _ value: SymbolicTensor, key: SymbolicTensor? = nil,
    useCausalMask: Bool = false, file: String = #fileID, line: Int = #line
  ) -> SymbolicTensor {
    let call = AttentionCall([query, value, key], useCausalMask: useCausalMask)
    return apply(to: call.inputs, arguments: call.arguments, file: file, line: line)[0]
  }

  /// Applies the layer while a model is traced, and gives how much each query looks at each key.
  public func withScores(
    _ query: Symbol, _ value: Symbol, key: Symbol? = nil, useCausalMask: Bool = false
  ) -> (output: Symbol, scores: Symbol) {
    let call = AttentionCall(
      [query, value, key], useCausalMask: useCausalMask, returnsScores: true)
    let outputs = apply(to: call.inputs, arguments: call.arguments)
    return (outputs[0], outputs.last ?? outputs[0])
  }

  /// Notes a call of the layer that also gives how much each query looks at each key.
  public func withScores(
    _ query: SymbolicTensor, _ value: SymbolicTensor, key: SymbolicTensor? = nil,
    useCausalMask: Bool = false, file: String = #fileID, line: Int = #line
  ) -> (output: SymbolicTensor, scores: SymbolicTensor) {
    let call = AttentionCall(
      [query, value, key], useCausalMask: useCausalMask, returnsScores: true)
    let outputs = apply(
      to: call.inputs, arguments: call.arguments, outputs: 2, file: file, line: line)
    return (outputs[0], outputs[1])
  }
}

/// Inputs and arguments of a call, as `Layer.apply` takes them.
struct AttentionCall<Value> {
  let inputs: [Value]
  let arguments: [String: CallArgument]

  init(
    _ sequences: [Value?], attentionMask: Value? = nil, useCausalMask: Bool = false,
    returnsScores: Bool = false
  ) {
    let given = sequences.compactMap(\.self)
    var named: [String: CallArgument] = [:]
    if useCausalMask { named["use_causal_mask"] = .bool(true) }
    if returnsScores { named["return_attention_scores"] = .bool(true) }
    if attentionMask != nil { named["attention_mask"] = .input(given.count) }
    inputs = given + [attentionMask].compactMap(\.self)
    arguments = named
  }
}

extension LayerContext {
  /// The inputs given by position, and those given by name.
  func separated(_ inputs: [Symbol]) -> (positional: [Symbol], named: [String: Symbol]) {
    var named: [String: Symbol] = [:], taken: Set<Int> = []
    for (name, argument) in arguments {
      guard case .input(let index) = argument, inputs.indices.contains(index) else { continue }
      named[name] = inputs[index]
      taken.insert(index)
    }
    return (inputs.indices.filter { !taken.contains($0) }.map { inputs[$0] }, named)
  }

  /// The weights of `scores`, `[…, queries, keys]`: a softmax over the keys that count.
  ///
  /// The score of a key that does not count is finite, so that a query that may look at no key
  /// looks at all alike, and has no NaN in its gradient.
  func attentionWeights(_ scores: Symbol, _ mask: Symbol?) -> Symbol {
    let scores = scores.forMoments
    return softmax(mask.map { select($0.broadcast(to: scores.shape), scores, -1e9) } ?? scores)
  }
}

/// `bool[queries, keys]`: whether a key is not after its query.
func causalMask(_ trace: Trace, queries: Int, keys: Int) -> Symbol {
  trace.iota([queries, keys], axis: 0) .>= trace.iota([queries, keys], axis: 1)
}

/// All of the masks at once, or nothing if there are none.
func allOf(_ masks: [Symbol?]) -> Symbol? {
  let masks = masks.compactMap(\.self)
  return masks.dropFirst().reduce(masks.first) { all, mask in all.map { $0 .& mask } }
}
