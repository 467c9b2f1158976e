import TensorGraph

/// Query, value and key of an attention with heads, before their projection.
struct HeadInputs {
  let query: Symbol
  let value: Symbol
  let key: Symbol
  let axes: AttentionAxes
  let isCausal: Bool
  /// Whether the key was given, and is not the value.
  private let hasKey: Bool
  private let attentionMask: Symbol?

  /// Takes `inputs` of `layer` apart; nothing after a mistake.
  init?(
    _ inputs: [Symbol], attentionAxes: [Int]? = nil, of layer: any MultiHeadLayer,
    _ context: LayerContext
  ) {
    let (sequences, named) = context.separated(inputs)
    let third = named["key"] ?? (sequences.count > 2 ? sequences[2] : nil)
    let all = sequences + (named["key"].map { [$0] } ?? [])
    guard (2...3).contains(all.count), all[0].shape.rank >= 3,
      all.allSatisfy({ $0.shape.rank == all[0].shape.rank })
    else {
      _ = context.fail(
        "\(layer.className) expects query, value and perhaps key, [batch, time, features]",
        inputs[0], hint: "call it on the query and the value")
      return nil
    }
    (query, value, key) = (sequences[0], sequences[1], third ?? sequences[1])
    hasKey = third != nil
    attentionMask = named["attention_mask"]
    isCausal = context.flag("use_causal_mask")
    guard let axes = AttentionAxes(attentionAxes, rank: query.shape.rank) else {
      _ = context.fail(
        "\(layer.className) cannot attend along the axes \(attentionAxes ?? [])", query,
        hint: "name axes between the batch and the features, each once")
      return nil
    }
    self.axes = axes
    guard key.shape.dims.dropLast() == value.shape.dims.dropLast(),
      axes.free.allSatisfy({ query.shape[$0] == value.shape[$0] })
    else {
      _ = context.fail(
        "\(layer.className) needs a key for each value, and one batch for all", query, value, key)
      return nil
    }
    guard axes.attended.count == 1 || !isCausal && layer.slidingWindow == nil else {
      _ = context.fail(
        "\(layer.className) knows no order of \(axes.attended.count) axes", query,
        hint: "attend along one axis, or without a causal mask and a sliding window")
      return nil
    }
  }

  /// Which keys a query may look at, `[batch, heads, queries, keys]` or sizes of 1, apart from the
  /// causal mask; nothing after a mistake.
  func mask(_ context: LayerContext, slidingWindow: Int?) -> (symbol: Symbol?, Void)? {
    var masks: [Symbol?] = [query.mask.map { axes.aligned($0, toKeys: false) }]
    masks += [value.mask, hasKey ? key.mask : nil].map { mask in
      mask.map { axes.aligned($0, toKeys: true) }
    }
    if let given = attentionMask?.cast(to: .bool) {
      guard let aligned = axes.aligned(attentionMask: given, query.shape, key.shape) else {
        _ = context.fail(
          "an attention mask has to broadcast to \(axes.scoresShape(query.shape, key.shape))",
          given)
        return nil
      }
      masks.append(aligned)
    }
    let flat = allOf(masks).map { axes.matrices(mask: $0, query.shape, key.shape) }
    return (allOf([flat, band(slidingWindow)]), ())
  }

  /// `bool[1, 1, queries, keys]`: whether a key is fewer than `width` places from its query.
  private func band(_ width: Int?) -> Symbol? {
    let (queries, keys) = (axes.count(query.shape), axes.count(key.shape))
    guard let width, width < max(queries, keys) else { return nil }
    let square: Shape = [queries, keys]
    let distance = abs(query.trace.iota(square, axis: 0) - query.trace.iota(square, axis: 1))
    return (distance .< Double(width)).reshaped([1, 1, queries, keys])
  }
}
