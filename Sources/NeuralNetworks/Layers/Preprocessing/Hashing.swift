import TensorGraph

/// Strings or integers as the numbers of bins that a hash puts them into.
///
///     let bin = Hashing(1000)
///
/// The hash is FarmHash64, or SipHash64 if there is a `salt`: the same words get the same bins
/// everywhere.
///
/// - Input: strings or numbers, any shape; of a number its whole part counts
/// - Output: `int64` of the shape of the input, or what `outputMode` makes of it
public final class Hashing: NamedLayer, CategoryLayer {
  /// The number of bins, with the one of `maskValue`.
  public let numBins: Int
  /// The value whose bin is 0, which is kept for it.
  public let maskValue: MaskValue?
  /// The key of SipHash64: two numbers, or one for both.
  public let salt: OneOrMany<Int>?
  /// How bins are given.
  public let outputMode: OutputMode
  /// The type of the elements; by default `int64` for numbers of bins.
  public let dtype: ElementType?
  public let options: LayerOptions

  public static let example = Hashing(1)

  /// Creates a hash into `numBins` bins.
  public init(
    _ numBins: Int, maskValue: MaskValue? = nil, salt: OneOrMany<Int>? = nil,
    outputMode: OutputMode = .int, dtype: DType? = nil, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.numBins = numBins
    self.maskValue = maskValue
    self.salt = salt
    self.outputMode = outputMode
    self.dtype = dtype.map(ElementType.init)
    self.options = LayerOptions(name, options)
  }

  public var masking: MaskHandling { outputMode == .int ? .passed : .consumed }
  public var castsInputs: Bool { false }
  public var takesStrings: Bool { true }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard isSize(numBins) else {
      return context.fail("Hashing needs at least 1 bin, not \(numBins)")
    }
    guard outputMode != .tfIdf else {
      return context.fail("Hashing has no output_mode tf_idf", hint: "it has no weights of words")
    }
    if outputMode == .int, let dtype, ![.int32, .int64].contains(dtype.dtype) {
      return context.fail("Hashing gives int32 or int64, not \(dtype.dtype.rawValue)")
    }
    var key: [UInt64]?
    if let salt {
      key = StringHash.key(salt)
      guard key != nil else {
        return context.fail("Hashing needs a salt of 1 or 2 numbers, not \(salt.values.count)")
      }
    }
    if let maskValue {
      let isText = if case .string = maskValue { true } else { false }
      guard isText == (x.dtype == .string) else {
        return context.fail(
          "Hashing has a mask value of another type than its input", x,
          hint: "a string for strings, an integer for numbers")
      }
    }
    let mask = numBins > 1 ? maskValue : nil
    let hash = StringHash(bins: numBins - (mask == nil ? 0 : 1), salt: key)
    var indices = x.trace.emit(HashBins(hash: hash, mask: mask), [x])
    if outputMode == .oneHot, x.shape.rank > 0, x.shape[-1] == 1 { indices = indices.squeezed(-1) }
    return context.encoded(
      indices, as: outputMode, depth: numBins, dtype: outputDType(context.policy))
  }
}
