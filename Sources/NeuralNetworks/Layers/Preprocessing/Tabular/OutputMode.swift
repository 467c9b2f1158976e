import TensorGraph

/// How a layer over categories gives them.
public enum OutputMode: String, Sendable, Hashable, CaseIterable {
  /// As their indices.
  case int
  /// Each as a row of zeros with a 1 at its index.
  case oneHot = "one_hot"
  /// Each sample as a row with a 1 for every category it has.
  case multiHot = "multi_hot"
  /// Each sample as a row with the number of times it has a category.
  case count
  /// As `count`, with every number times the weight of the category.
  case tfIdf = "tf_idf"
}

/// Keras's older names are read too.
extension OutputMode: Codable {
  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    let mode = ["binary": .multiHot, "tf-idf": .tfIdf][name] ?? OutputMode(rawValue: name)
    guard let mode else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "output_mode \(name): "
            + spellingHint(name, in: Self.allCases.map(\.rawValue))))
    }
    self = mode
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

/// A layer whose output is of integers or floats, as its mode has it.
protocol CategoryLayer: NamedLayer {
  /// How categories are given.
  var outputMode: OutputMode { get }
  /// The type of the elements; by default `int64` for indices, and that of the layer otherwise.
  var dtype: ElementType? { get }
}

extension CategoryLayer {
  /// The type of the elements in a layer that computes in `policy`.
  func outputDType(_ policy: DTypePolicy) -> DType {
    dtype?.dtype ?? (outputMode == .int ? .int64 : policy.compute)
  }
}

/// A type of elements as a hyperparameter: in files a name, or Keras's object of a policy.
public struct ElementType: Sendable, Hashable, Codable {
  /// The type.
  public let dtype: DType

  /// Creates the hyperparameter of a type.
  public init(_ dtype: DType) { self.dtype = dtype }

  public init(from decoder: any Decoder) throws {
    let value = try JSONValue(from: decoder)
    let name = value.string ?? value["config"]?["name"]?.string ?? value.short
    guard let dtype = DType(rawValue: name), dtype != .string else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "dtype \(name) is not supported"))
    }
    self.dtype = dtype
  }

  public func encode(to encoder: any Encoder) throws {
    try DTypePolicy.object(named: dtype.rawValue).encode(to: encoder)
  }
}

extension LayerContext {
  /// `indices` of `depth` categories, as `mode` has them, with elements of `dtype`.
  ///
  /// - `oneHot`: `[…]` or `[…, 1]` → `[…, depth]`
  /// - `multiHot`, `count`: `[batch, sample, …]` → `[batch, …, depth]`, `[sample]` → `[depth]`
  ///
  /// An index out of range is left out. `weights`, of the shape of `indices`, say how much each
  /// counts.
  func encoded(
    _ indices: Symbol, as mode: OutputMode, depth: Int, dtype: DType, weights: Symbol? = nil
  ) -> Symbol {
    guard indices.isValid, mode != .int else { return indices.cast(to: dtype) }
    var x = indices.shape.rank == 0 ? indices.expandingDims(at: 0) : indices
    if mode == .oneHot {
      if x.shape.rank > 1, x.shape[-1] == 1 { x = x.squeezed(-1) }
      return oneHot(x, depth: depth, dtype: dtype)
    }
    let axis = x.shape.rank > 1 ? 1 : 0
    let order = x.shape.dims.indices.filter { $0 != axis } + [axis]
    func rows(_ x: Symbol) -> Symbol { x.transposed(order) }
    x = rows(x.cast(to: .int64))
    let kept = Shape(Array(x.shape.dims.dropLast()))
    let (size, isTooLarge) = kept.count.multipliedReportingOverflow(by: depth)
    guard !isTooLarge, isSize(depth) else {
      return fail("\(depth) categories are too many", indices)
    }
    // All rows are counted in one: category c of row r is entry r · depth + c.
    let row = x.trace.iota([kept.count, 1], axis: 0, dtype: .int64)
    let flat = x.reshaped([kept.count, x.shape[-1]])
    let entry = select((flat .>= 0) .& (flat .< Double(depth)), row * Double(depth) + flat, -1)
    let ones = x.trace.constant(1, flat.shape)
    let counts = (weights.map { rows($0.cast(to: .float32)).reshaped(flat.shape) } ?? ones)
      .reshaped([flat.shape.count])
      .scattered(at: entry.reshaped([flat.shape.count]), size: size)
      .reshaped(Shape(kept.dims + [depth]))
    return (mode == .multiHot ? (counts .> 0) : counts).cast(to: dtype)
  }
}
