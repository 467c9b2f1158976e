import TensorGraph

/// Integers as rows of zeros and ones, or of counts.
///
///     let genres = CategoryEncoding(numTokens: 20)  // [[3, 7], …] → rows with two ones
///
/// - Input: integers from 0 to `numTokens − 1`, `[batch]`, `[batch, 1]` or `[batch, sample]`;
///   others are left out
/// - Call argument `count_weights`, of the shape of the input: how much each counts
/// - Output: `[batch, numTokens]`
public final class CategoryEncoding: MultiInputLayer, NamedLayer, CategoryLayer {
  /// The number of categories.
  public let numTokens: Int
  /// How they are given; `int` is none of the modes.
  public let outputMode: OutputMode
  /// The type of the elements; by default that of the layer.
  public let dtype: ElementType?
  public let options: LayerOptions

  public static let example = CategoryEncoding(numTokens: 1)

  /// Creates an encoding of `numTokens` categories.
  public init(
    numTokens: Int, outputMode: OutputMode = .multiHot, dtype: DType? = nil, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.numTokens = numTokens
    self.outputMode = outputMode
    self.dtype = dtype.map(ElementType.init)
    self.options = LayerOptions(name, options)
  }

  public var takesList: Bool { false }
  public var masking: MaskHandling { .consumed }
  public var castsInputs: Bool { false }
  public var takesStrings: Bool { true }

  /// Notes a call with a weight for each element of `x`, for which `outputMode` is `count`.
  public func callAsFunction(
    _ x: SymbolicTensor, countWeights: SymbolicTensor, file: String = #fileID, line: Int = #line
  ) -> SymbolicTensor {
    apply(to: [x, countWeights], arguments: ["count_weights": .input(1)], file: file, line: line)[0]
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    let x = inputs[0]
    guard isSize(numTokens) else {
      return [context.fail("CategoryEncoding needs at least 1 token, not \(numTokens)")]
    }
    guard outputMode != .int, outputMode != .tfIdf else {
      return [
        context.fail(
          "CategoryEncoding has no output_mode \(outputMode.rawValue)",
          hint: "one_hot, multi_hot or count")
      ]
    }
    guard x.dtype != .string else {
      return [context.fail("CategoryEncoding expects integers", x, hint: "StringLookup gives them")]
    }
    var weights: Symbol?
    if inputs.count > 1 {
      guard outputMode == .count, inputs.count == 2, inputs[1].shape == x.shape else {
        return [
          context.fail(
            "CategoryEncoding takes weights of the shape of its input, to count", x, inputs[1],
            hint: "outputMode: .count")
        ]
      }
      weights = inputs[1]
    }
    return [
      context.encoded(
        x.cast(to: .int64), as: outputMode, depth: numTokens,
        dtype: outputDType(context.policy), weights: weights)
    ]
  }
}
