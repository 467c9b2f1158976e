import TensorGraph

/// As many boxes for each image as wanted: the first of them, filled up if there are fewer.
///
///     let boxes = MaxNumBoundingBoxes(10)(boxes)        // [batch, 10, 4]
///
/// It takes the boxes alone, or boxes and labels, and gives the same. Images pass unchanged through
/// Keras's layer, so they are not given to this one.
///
/// - Input: boxes `[batch, boxes, 4]`, and perhaps labels `[batch, boxes]`
/// - Output: boxes `[batch, maxNumber, 4]`, and labels `[batch, maxNumber]`
public final class MaxNumBoundingBoxes: MultiInputLayer, NamedLayer {
  /// The number of boxes.
  public let maxNumber: Int
  /// The value of all numbers of a box, and of its label, where there is none.
  public let fillValue: Int
  public let options: LayerOptions

  public static let example = MaxNumBoundingBoxes(1)
  public var takesList: Bool { false }
  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  /// Creates a layer that gives `maxNumber` boxes for each image.
  public init(
    _ maxNumber: Int, fillValue: Int = -1, name: String? = nil, options: LayerOptions = []
  ) {
    self.maxNumber = maxNumber
    self.fillValue = fillValue
    self.options = LayerOptions(name, options)
  }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard isSize(maxNumber), abs(Double(fillValue)) <= Double(1 << 24) else {
      return [context.fail("MaxNumBoundingBoxes needs a number above 0, and a small fill value")]
    }
    let shape = inputs[0].shape
    guard (1...2).contains(inputs.count), shape.rank == 3, shape[2] == 4,
      inputs.count == 1 || inputs[1].shape == Shape(shape.dims.dropLast())
    else {
      return [
        context.fail(
          "MaxNumBoundingBoxes expects boxes [batch, boxes, 4], and perhaps labels [batch, boxes]",
          inputs[0])
      ]
    }
    return inputs.map { input in
      let kept = input.sliced(axis: 1, 0..<min(maxNumber, input.shape[1]))
      let none = input.shape.dims.map { _ in 0 }
      var missing = none
      missing[1] = maxNumber - kept.shape[1]
      return kept.padded(low: none, high: missing, with: Double(fillValue))
    }
  }
}
