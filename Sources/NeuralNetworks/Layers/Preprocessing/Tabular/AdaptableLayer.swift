import TensorGraph

/// A layer with constants that are found in data: a mean, boundaries, a vocabulary.
///
///     let normalize = try Normalization().adapted(to: features)
///
/// Layers are constants, so adapting gives another layer. The same data give the same layer.
public protocol AdaptableLayer: NamedLayer {
  /// The layer with what it finds in `batches`, all of which it looks at once.
  ///
  /// - Throws: when the data do not fit or hold nothing, or the layer has its constants already.
  func adapted(to batches: some Sequence<Tensor>) throws -> Self
  /// The layer with what it finds in `data`.
  ///
  /// - Throws: when the data do not fit or hold nothing, or the layer has its constants already.
  func adapted(to data: Tensor) throws -> Self
}

extension AdaptableLayer {
  public func adapted(to data: Tensor) throws -> Self { try adapted(to: CollectionOfOne(data)) }

  /// A mistake in what the layer is adapted to.
  func mistake(_ message: String, _ data: Tensor? = nil, hint: String? = nil) -> GraphError {
    GraphError(
      message, operands: data.map { [$0.type] } ?? [], path: [name ?? className.snakeCased],
      layer: code, hint: hint)
  }

  /// Throws unless `data` are numbers, all of them finite.
  func checkNumbers(_ data: Tensor) throws(GraphError) {
    guard data.dtype != .string else {
      throw mistake("\(className) adapts to numbers, not to strings", data)
    }
    if let (index, number) = firstNonFinite(of: data) {
      throw mistake(
        "\(className) cannot adapt to \(number.isNaN ? "a NaN" : "an infinite number"), which is "
          + "element \(index)", data, hint: "clean the data first")
    }
  }
}
