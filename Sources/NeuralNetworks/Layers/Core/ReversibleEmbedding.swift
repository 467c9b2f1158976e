import TensorGraph

/// A table of vectors, one for each token, that also turns vectors back into scores of tokens.
///
///     let words = ReversibleEmbedding(10_000, 128)
///     let logits = words.reversed(decoder(words(tokens)))
///
/// Forwards it is an `Embedding`. In reverse it gives the product of the vectors and the table, or
/// with `tieWeights: false` a table of its own, and with a soft cap `cap · tanh(product / cap)`.
/// In reverse the mask of the steps is passed on.
///
/// - Input: `[batch, …]`, integers; in reverse `[batch, …, outputDim]`
/// - Arguments: `reverse`
/// - Output: `[batch, …, outputDim]`; in reverse `[batch, …, inputDim]`
/// - Weights: `embeddings` `[inputDim, outputDim]`; without tied weights, `reverse_embeddings`
///   `[outputDim, inputDim]`
/// - Reference: [Press and Wolf, 2017](https://arxiv.org/abs/1608.05859)
public final class ReversibleEmbedding: NamedLayer {
  /// The number of tokens.
  public let inputDim: Int
  /// The size of a token's vector.
  public let outputDim: Int
  /// Whether one table serves both directions.
  public let tieWeights: Bool
  /// How the tables start.
  public let embeddingsInitializer: Initializer
  /// Whether token 0 is padding, which later layers leave out.
  public let maskZero: Bool
  /// The type in which the reverse direction computes; that of its operands if nothing is said.
  public let reverseDtype: DType?
  /// What the magnitude of the scores stays below, if anything.
  public let logitSoftCap: Double?
  public let options: LayerOptions

  public static let example = ReversibleEmbedding(1, 1)

  /// Creates a table of `inputDim` vectors of size `outputDim`.
  public init(
    _ inputDim: Int, _ outputDim: Int, tieWeights: Bool = true,
    embeddingsInitializer: Initializer = .randomUniform(), maskZero: Bool = false,
    reverseDtype: DType? = nil, logitSoftCap: Double? = nil, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.inputDim = inputDim
    self.outputDim = outputDim
    self.tieWeights = tieWeights
    self.embeddingsInitializer = embeddingsInitializer
    self.maskZero = maskZero
    self.reverseDtype = reverseDtype
    self.logitSoftCap = logitSoftCap
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { .explicit }

  /// Applies the layer in reverse while a model is traced.
  public func reversed(_ x: Symbol) -> Symbol {
    apply(to: [x], arguments: ["reverse": .bool(true)])[0]
  }

  /// Notes a call of the layer in reverse.
  public func reversed(
    _ x: SymbolicTensor, file: String = #fileID, line: Int = #line
  ) -> SymbolicTensor {
    apply(to: [x], arguments: ["reverse": .bool(true)], file: file, line: line)[0]
  }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard isSize(inputDim), isSize(outputDim) else {
      return context.fail(
        "ReversibleEmbedding needs sizes above 0, not \(inputDim) and \(outputDim)")
    }
    if let reverseDtype, !reverseDtype.isFloatingPoint {
      return context.fail(
        "ReversibleEmbedding cannot compute in \(reverseDtype.rawValue)",
        hint: "use a floating-point type for reverseDtype")
    }
    if let logitSoftCap, !(logitSoftCap > 0) {
      return context.fail(
        "ReversibleEmbedding needs a soft cap above 0, not \(logitSoftCap)")
    }
    let table = context.weight("embeddings", [inputDim, outputDim], embeddingsInitializer)
    let reverseTable =
      tieWeights
      ? nil
      : context.weight("reverse_embeddings", [outputDim, inputDim], embeddingsInitializer)
    guard context.flag("reverse") else {
      return embedded(x, in: table, maskZero: maskZero)
    }
    guard x.shape.rank >= 2, x.shape[-1] == outputDim else {
      return context.fail(
        "ReversibleEmbedding in reverse expects [batch, …, \(outputDim)]", x)
    }
    let dtype = reverseDtype ?? x.floatingPoint.dtype.promoted(with: table.dtype)
    let kernel = reverseTable ?? table.transposed()
    var logits = matmul(x.cast(to: dtype), kernel.cast(to: dtype))
    if let logitSoftCap { logits = tanh(logits / logitSoftCap) * logitSoftCap }
    return logits.masked(by: x.mask)
  }
}
