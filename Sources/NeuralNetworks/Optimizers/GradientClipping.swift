import TensorGraph

extension OptimizerOptions {
  /// `gradients` held within the limit there is, if there is one.
  func clipped(_ gradients: [Symbol]) -> [Symbol] {
    if let clipnorm { return gradients.map { scaled($0, by: clipnorm, norm: norm([$0])) } }
    if let clipvalue { return gradients.map { clip($0, -clipvalue, clipvalue) } }
    if let globalClipnorm, !gradients.isEmpty {
      let norm = norm(gradients)
      return gradients.map { scaled($0, by: globalClipnorm, norm: norm) }
    }
    return gradients
  }

  /// `g` scaled so that a norm above `limit` becomes `limit`.
  private func scaled(_ g: Symbol, by limit: Double, norm: Symbol) -> Symbol {
    g * (limit / maximum(norm, limit))
  }

  /// The Euclidean norm of all elements of `gradients`.
  private func norm(_ gradients: [Symbol]) -> Symbol {
    let squares = gradients.map { square($0).sum() }
    return sqrt(squares.dropFirst().reduce(squares[0], +))
  }
}
