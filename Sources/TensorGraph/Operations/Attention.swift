extension Fused {
  /// Scaled dot-product attention: means of values, weighted by how well their keys fit a query.
  ///
  ///     y = softmax(scale · query · keyᵀ) · value
  ///     query [batch, heads, queries, dim], key [batch, heads, keys, dim],
  ///     value [batch, heads, keys, valueDim], mask bool [batch, heads, queries, keys]
  ///       → y [batch, heads, queries, valueDim]
  ///
  /// A query weighs the keys for which the mask is `true`; the axes of the mask may have size 1.
  /// Where it may not look at any, all keys weigh the same, masked ones too, as in Keras.
  /// The softmax is computed in `float32` at least.
  /// Reference: Vaswani et al., 2017, https://arxiv.org/abs/1706.03762
  public struct Attention: FusedOperation {
    /// What products of queries and keys are multiplied by: 1 / √dim in the paper.
    public let scale: Double
    /// Whether query `i` sees keys `0...i` only.
    public let isCausal: Bool
    /// Whether there is a mask.
    public let hasMask: Bool

    /// Creates the operation.
    public init(scale: Double, isCausal: Bool = false, hasMask: Bool = false) {
      self.scale = scale
      self.isCausal = isCausal
      self.hasMask = hasMask
    }

    public var name: String { "attention scale \(scale)" + (isCausal ? " causal" : "") }
    public var operands: [OperandPattern] {
      [
        "query [batch, heads, queries, dim]", "key [batch, heads, keys, dim]",
        "value [batch, heads, keys, valueDim]",
      ] + (hasMask ? ["mask bool […]"] : [])
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      let (query, key, value) = (x[0], x[1], x[2])
      let dtype = query.dtype.promoted(with: .float32)
      let products = query.trace.emit(
        MatMul(transposeB: true), [query.cast(to: dtype), key.cast(to: dtype)])
      var scores = products * scale
      if let mask = mask(x, scores.shape) {
        scores = select(mask.broadcast(to: scores.shape), scores, masked(dtype))
      }
      return [matmul(softmax(scores).cast(to: value.dtype), value)]
    }

    public func gradient(_ x: [Symbol], _ y: [Symbol], _ dy: [Symbol?]) -> [Symbol?] {
      guard let dy = dy[0] else { return x.map { _ in nil } }
      let dx = dy.trace.emit(AttentionGradient(of: self), x + [dy], results: 3)
      return dx + (hasMask ? [nil] : [])
    }

    /// Which scores count, if not all of them do.
    private func mask(_ x: [Symbol], _ shape: Shape) -> Symbol? {
      let given = hasMask ? x[3] : nil
      guard isCausal else { return given }
      let square: Shape = [shape[-2], shape[-1]]
      let causal = x[0].trace.iota(square, axis: 0) .>= x[0].trace.iota(square, axis: 1)
      return given.map { $0 .& causal } ?? causal
    }

    /// The score of a key that does not count: finite, so that a row of them is no NaN.
    private func masked(_ dtype: DType) -> Double {
      -0.7
        * (dtype == .float64
          ? Double.greatestFiniteMagnitude : Double(Float.greatestFiniteMagnitude))
    }
  }
  /// The gradients of scaled dot-product attention with respect to query, key and value.
  ///
  ///     P = softmax(scale · query · keyᵀ), dS = P ∘ (dP − Σ P ∘ dP) with dP = dy · valueᵀ
  ///     dquery = scale · dS · key, dkey = scale · dSᵀ · query, dvalue = Pᵀ · dy
  ///     operands of the attention, dy [batch, heads, queries, valueDim]
  ///       → dquery, dkey, dvalue, each of its operand's shape
  ///
  /// Only operands are needed: an engine may compute P again instead of keeping it.
  public struct AttentionGradient: FusedOperation {
    /// The operation this is the gradient of.
    public let attention: Attention

    /// Creates the gradient of `attention`.
    public init(of attention: Attention) { self.attention = attention }

    public var name: String { "attentionGradient" + (attention.isCausal ? " causal" : "") }
    public var operands: [OperandPattern] {
      attention.operands + ["dy [batch, heads, queries, valueDim]"]
    }

    public func definition(_ x: [Symbol]) -> [Symbol] {
      attention.definitionGradient(Array(x.dropLast()), [x.last]).prefix(3).compactMap(\.self)
    }
  }
}
