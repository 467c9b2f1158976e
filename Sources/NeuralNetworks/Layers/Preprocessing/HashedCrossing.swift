import TensorGraph

/// Several categories of a sample as one: the number of the bin that a hash of all puts them into.
///
///     let cell = HashedCrossing(1000)([latitude, longitude])
///
/// - Inputs: two or more of strings or integers, `[batch]` or `[batch, 1]`, all of one shape
/// - Output: `int64` of the shape of the inputs, or `[batch, numBins]` with `outputMode: .oneHot`
public final class HashedCrossing: MultiInputLayer, NamedLayer, CategoryLayer {
  /// The number of bins.
  public let numBins: Int
  /// How bins are given: `int` or `oneHot`.
  public let outputMode: OutputMode
  /// The type of the elements; by default `int64` for numbers of bins.
  public let dtype: ElementType?
  public let options: LayerOptions

  public static let example = HashedCrossing(1)

  /// Creates a hash of several features into `numBins` bins.
  public init(
    _ numBins: Int, outputMode: OutputMode = .int, dtype: DType? = nil, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.numBins = numBins
    self.outputMode = outputMode
    self.dtype = dtype.map(ElementType.init)
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { outputMode == .int ? .passed : .consumed }
  public var castsInputs: Bool { false }
  public var takesStrings: Bool { true }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    let x = inputs[0]
    func fail(_ message: String, hint: String? = nil) -> [Symbol] {
      [context.fail(message, x, hint: hint)]
    }
    guard isSize(numBins) else {
      return fail("HashedCrossing needs at least 1 bin, not \(numBins)")
    }
    guard outputMode == .int || outputMode == .oneHot else {
      return fail(
        "HashedCrossing has no output_mode \(outputMode.rawValue)", hint: "int or one_hot")
    }
    guard inputs.count > 1 else { return fail("HashedCrossing needs at least 2 inputs") }
    guard inputs.allSatisfy({ $0.shape == x.shape }) else {
      return fail("HashedCrossing needs inputs of one shape")
    }
    guard x.shape.rank < 2 || (x.shape.rank == 2 && x.shape[1] == 1) else {
      return fail("HashedCrossing expects [batch] or [batch, 1]")
    }
    guard !inputs.contains(where: \.dtype.isFloatingPoint) else {
      return fail("HashedCrossing expects strings or integers", hint: "cast or discretize them")
    }
    let bins = x.trace.emit(CrossedBins(bins: numBins), inputs)
    return [
      context.encoded(bins, as: outputMode, depth: numBins, dtype: outputDType(context.policy))
    ]
  }
}
