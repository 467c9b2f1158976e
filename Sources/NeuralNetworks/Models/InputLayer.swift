import TensorGraph

/// A place where data enters a network.
///
/// - Input, output: `[batch, shape…]`
public final class InputLayer: Layer {
  /// The sizes without the batch; a `nil` one may differ from run to run.
  public let shape: [Int?]
  /// The type the data is cast to.
  public let dtype: DType
  /// The number of samples in a batch, where it is fixed.
  public let batchSize: Int?
  public let name: String?

  /// Creates an entrance for samples of `shape`.
  public init(
    _ shape: [Int?], dtype: DType = .float32, batchSize: Int? = nil, name: String? = nil
  ) {
    self.shape = shape
    self.dtype = dtype
    self.batchSize = batchSize
    self.name = name
  }

  public var castsInputs: Bool { false }
  public var masking: MaskHandling { .passed }
  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol { x.cast(to: dtype) }

  /// The type of a batch of `batch` samples whose open sizes are `open`.
  package func type(batch: Int, open: Int) -> TensorType {
    TensorType(dtype, Shape([batchSize ?? batch] + shape.map { $0 ?? open }))
  }

  /// The shape with the batch, as Keras prints it: `(None, 28, 28, 1)`.
  var batchShape: [Int?] { [batchSize] + shape }
}
