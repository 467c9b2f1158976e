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
  public let name: String?

  public static let example = Embedding(1, 1)

  /// Creates a table of `inputDim` vectors of size `outputDim`.
  public init(
    _ inputDim: Int, _ outputDim: Int, embeddingsInitializer: Initializer = .randomUniform(),
    maskZero: Bool = false, name: String? = nil
  ) {
    self.inputDim = inputDim
    self.outputDim = outputDim
    self.embeddingsInitializer = embeddingsInitializer
    self.maskZero = maskZero
    self.name = name
  }

  public var masking: MaskHandling { maskZero ? .explicit : .passed }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard isSize(inputDim), isSize(outputDim) else {
      return context.fail("Embedding needs sizes above 0, not \(inputDim) and \(outputDim)")
    }
    let table = context.weight("embeddings", [inputDim, outputDim], embeddingsInitializer)
    let tokens = x.dtype == .int64 ? x : x.cast(to: .int32)
    let y = table.gathered(at: tokens)
    guard maskZero else { return y }
    guard x.shape.rank >= 2 else {
      return context.fail("Embedding with a mask expects [batch, time]", x)
    }
    return y.masked(by: tokens .!= 0)
  }
}
