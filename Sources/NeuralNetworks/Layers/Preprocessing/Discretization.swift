import TensorGraph

/// The range of numbers that each element lies in, as an index.
///
///     let ages = Discretization(binBoundaries: [18, 35, 65])  // 0 … 3
///     let ranges = try Discretization(numBins: 10).adapted(to: prices)
///
/// Index `i` stands for `boundary[i − 1] ≤ x < boundary[i]`.
///
/// - Input: numbers, any shape
/// - Output: `int32` of the shape of the input, or what `outputMode` makes of it
public final class Discretization: NamedLayer, AdaptableLayer {
  /// Where one range ends and the next begins, in ascending order.
  public let binBoundaries: [Double]?
  /// The number of ranges to find in data, of equally many elements.
  public let numBins: Int?
  /// By which share of the elements a boundary found in data may be wrong.
  public let epsilon: Double
  /// How the ranges are given.
  public let outputMode: OutputMode
  public let options: LayerOptions

  public static let example = Discretization(nil, numBins: nil)

  /// Creates a layer with these boundaries.
  public convenience init(
    binBoundaries: [Double], outputMode: OutputMode = .int, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.init(
      binBoundaries, numBins: nil, outputMode: outputMode, options: LayerOptions(name, options))
  }

  /// Creates a layer that has to be adapted to data.
  public convenience init(
    numBins: Int, epsilon: Double = 0.01, outputMode: OutputMode = .int, name: String? = nil,
    options: LayerOptions = []
  ) {
    self.init(
      nil, numBins: numBins, epsilon: epsilon, outputMode: outputMode,
      options: LayerOptions(name, options))
  }

  private init(
    _ binBoundaries: [Double]?, numBins: Int?, epsilon: Double = 0.01,
    outputMode: OutputMode = .int, options: LayerOptions = []
  ) {
    self.binBoundaries = binBoundaries
    self.numBins = numBins
    self.epsilon = epsilon
    self.outputMode = outputMode
    self.options = options
  }

  public var masking: MaskHandling { outputMode == .int ? .passed : .consumed }
  public var castsInputs: Bool { false }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    guard outputMode != .tfIdf else {
      return context.fail("Discretization has no weights for tf_idf")
    }
    guard let binBoundaries else {
      return context.fail(
        "Discretization has no boundaries yet", hint: "give binBoundaries, or adapt the layer")
    }
    guard zip(binBoundaries, binBoundaries.dropFirst()).allSatisfy({ $0 <= $1 }),
      !binBoundaries.contains(where: \.isNaN)
    else { return context.fail("Discretization needs boundaries in ascending order") }
    let indices = x.trace.emit(BinIndices(boundaries: binBoundaries.map { Float($0) }), [x])
    return context.encoded(
      indices, as: outputMode, depth: binBoundaries.count + 1,
      dtype: outputMode == .int ? .int32 : context.policy.compute)
  }

  /// The layer with boundaries between ranges of about equally many elements of `batches`.
  public func adapted(to batches: some Sequence<Tensor>) throws -> Discretization {
    guard let numBins else {
      throw mistake("Discretization has boundaries already", hint: "give numBins to find them")
    }
    guard isSize(numBins) else {
      throw mistake("Discretization needs at least 1 bin, not \(numBins)")
    }
    guard epsilon > 0, epsilon < 1 else {
      throw mistake("Discretization needs an epsilon between 0 and 1, not \(epsilon)")
    }
    var summary = QuantileSummary(epsilon: epsilon)
    for batch in batches {
      try checkNumbers(batch)
      summary.add(batch.scalars(as: Float.self))
    }
    guard !summary.values.isEmpty else {
      throw mistake("there are no data to adapt Discretization to")
    }
    return Discretization(
      summary.boundaries(of: numBins), numBins: numBins, epsilon: epsilon, outputMode: outputMode,
      options: options)
  }
}

/// How many of the boundaries, in ascending order, are not above each number; NaN is above all.
struct BinIndices: HostOperation {
  let boundaries: [Float]

  var name: String { "bins \(boundaries.count + 1)" }

  func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    TensorType(.int32, x[0].shape)
  }

  func rowCount(_ type: TensorType) -> Int { type.shape.count }

  func run(rows: Range<Int>, of x: [HostOperand], into result: UnsafeMutableRawPointer) {
    let out = result.assumingMemoryBound(to: Int32.self)
    for row in rows {
      let number = x[0].number(row)
      var (low, high) = (0, boundaries.count)
      while low < high {
        let middle = (low + high) / 2
        if number < Double(boundaries[middle]) { high = middle } else { low = middle + 1 }
      }
      out[row] = Int32(low)
    }
  }
}
