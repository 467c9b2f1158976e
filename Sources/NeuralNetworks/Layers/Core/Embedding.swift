import TensorGraph

/// A table of vectors, one for each token.
///
///     let words = Embedding(10_000, 128, maskZero: true)
///
/// A token outside `0..<inputDim` has a vector of NaN, so that it cannot pass unnoticed.
///
/// - Input: `[batch, …]`, integers
/// - Output: `[batch, …, outputDim]`
/// - Weights: `embeddings` `[inputDim, outputDim]`
public final class Embedding: NamedLayer {
  /// The number of tokens.
  public let inputDim: Int
  /// The size of a token's vector.
  public let outputDim: Int
  /// How `embeddings` starts.
  public let embeddingsInitializer: Initializer
  /// Whether token 0 is padding, which later layers leave out.
  public let maskZero: Bool
  public let options: LayerOptions

  public static let example = Embedding(1, 1)

  /// Creates a table of `inputDim` vectors of size `outputDim`.
  public init(
    _ inputDim: Int, _ outputDim: Int, embeddingsInitializer: Initializer = .randomUniform(),
    maskZero: Bool = false, name: String? = nil, options: LayerOptions = []
  ) {
    self.inputDim = inputDim
    self.outputDim = outputDim
    self.embeddingsInitializer = embeddingsInitializer
    self.maskZero = maskZero
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { .explicit }
  public var castsInputs: Bool { false }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard isSize(inputDim), isSize(outputDim) else {
      return context.fail("Embedding needs sizes above 0, not \(inputDim) and \(outputDim)")
    }
    let table = context.weight("embeddings", [inputDim, outputDim], embeddingsInitializer)
    return embedded(x, in: table, maskZero: maskZero)
  }
}

/// The rows of `table` that the tokens `x` name, masked where they are masked or, with `maskZero`,
/// where the token is 0.
func embedded(_ x: Symbol, in table: Symbol, maskZero: Bool) -> Symbol {
  let tokens = x.dtype == .int64 ? x : x.cast(to: .int32)
  let y = table.gathered(at: tokens)
  guard maskZero else { return y.masked(by: x.mask) }
  let given = x.mask.map { $0.trailing(x.shape.rank).broadcast(to: x.shape) }
  return y.masked(by: allOf([x .!= 0, given]))
}
