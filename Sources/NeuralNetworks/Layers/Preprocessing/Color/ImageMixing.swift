import TensorGraph

/// A layer that mixes each image of a batch with another one in training, and its label too.
///
/// - Inputs: images `[batch, height, width, channels]`, and perhaps labels `[batch, classes]`, one
///   probability for each class
/// - Outputs: the same, as floats. A single image `[height, width, channels]` stays as it is.
public protocol ImageMixing: MultiInputLayer, NamedLayer, DataFormatLayer, RandomLayer {
  /// What is wrong with the hyperparameters; nothing if they are fine.
  var mistake: String? { get }
  /// What is drawn for images of `shape`, `[batch, height, width, channels]`: first with which
  /// image each is mixed, then what the layer needs besides, each with the batch as first axis.
  func drawn(for shape: Shape, _ context: LayerContext) -> [Symbol]
  /// The images mixed as the numbers `drawn` say.
  func mixed(images: Symbol, by drawn: [Symbol]) -> Symbol
  /// How much each image keeps of itself: `[batch]`, for images of `shape`.
  func weight(_ drawn: [Symbol], _ shape: Shape) -> Symbol
}

extension ImageMixing {
  public var spatialAxisCount: Int? { 2 }
  public var takesList: Bool { false }
  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  public func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    if let mistake { return [context.fail("\(className): \(mistake)")] }
    guard (1...2).contains(inputs.count) else {
      return [context.fail("\(className) takes images, or images and labels", inputs[0])]
    }
    let images = inputs[0].cast(to: context.policy.compute)
    guard [3, 4].contains(images.shape.rank), !images.shape.dims.contains(0) else {
      return [context.fail("\(className) expects images [batch, height, width, channels]", images)]
    }
    let labels = inputs.dropFirst().first?.floatingPoint
    let isSingle = images.shape.rank == 3
    if let labels,
      labels.shape.rank != (isSingle ? 1 : 2)
        || !isSingle && labels.shape[0] != images.shape[0]
    {
      return [
        context.fail(
          "\(className) expects labels [batch, classes]", images, labels,
          hint: "mix probabilities: turn a class into a one-hot vector first")
      ]
    }
    guard context.isTraining, !isSingle else { return [images] + [labels].compactMap(\.self) }
    let drawn = drawn(for: images.shape, context)
    let y = mixed(images: images, by: drawn)
    guard let labels else { return [y] }
    return [y, mixed(labels: labels, of: images.shape, by: drawn)]
  }

  /// The labels `[batch, classes]` of images of `shape`, mixed as their images.
  package func mixed(labels: Symbol, of shape: Shape, by drawn: [Symbol]) -> Symbol {
    let weight = weight(drawn, shape).cast(to: labels.dtype).expandingDims(at: 1)
    return weight * labels + (1 - weight) * labels.gathered(at: drawn[0])
  }
}
