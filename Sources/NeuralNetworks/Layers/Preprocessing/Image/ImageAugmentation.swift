import TensorGraph

/// A layer that changes images, as a rule at random and only in training.
///
/// What a layer does to images is a function of them and of the numbers drawn for each of them; the
/// drawing is apart from it. In inference images stay as they are, as floats.
///
/// - Input, output: `[batch, height, width, channels]`, or one image `[height, width, channels]`;
///   of any element type, and given as floats
public protocol ImageAugmentation: NamedLayer, DataFormatLayer {
  /// Whether it changes images in inference as well.
  var isActiveInInference: Bool { get }
  /// What is wrong with the hyperparameters; nothing if they are fine.
  var mistake: String? { get }
  /// The changed images: of `images`, floats `[batch, height, width, channels]`.
  func augmented(_ images: Symbol, _ context: LayerContext) -> Symbol
}

extension ImageAugmentation {
  public var spatialAxisCount: Int? { 2 }
  public var isActiveInInference: Bool { false }
  public var mistake: String? { nil }
  public var masking: MaskHandling { .refused(hint: imageMaskHint) }

  public func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    if let mistake { return context.fail("\(className): \(mistake)") }
    return context.onImages(x, of: self) { images in
      let images = images.cast(to: context.policy.compute)
      return context.isTraining || isActiveInInference ? augmented(images, context) : images
    }
  }
}

extension LayerContext {
  /// What `body` makes of `x` as a batch of images; of one image it is a batch of one.
  func onImages(_ x: Symbol, of layer: any Layer, _ body: (Symbol) -> Symbol) -> Symbol {
    let isSingle = x.shape.rank == 3
    guard isSingle || x.shape.rank == 4 else {
      return fail(
        "\(layer.className) expects [batch, height, width, channels] or one image without a batch",
        x)
    }
    guard x.shape.dims.suffix(3).allSatisfy({ $0 > 0 }) else {
      return fail("\(layer.className) needs images with at least one pixel", x)
    }
    let y = body(isSingle ? x.expandingDims(at: 0) : x)
    return isSingle && y.isValid ? y.squeezed(0) : y
  }

  /// Random numbers between `range`, for example one for each image: `[batch]`.
  ///
  /// Each call draws anew: the layer, the place of the call in it, seed and step decide.
  func uniform(_ range: (low: Double, high: Double), _ shape: Shape) -> Symbol {
    let (key, stream) = random
    return randomUniform(key, stream: stream, shape, low: range.low, high: range.high)
  }

  /// Which of the images are changed, `bool[batch]`: each by a probability drawn between `range`.
  func chance(_ range: (low: Double, high: Double), batch: Int) -> Symbol {
    uniform((0, 1), [batch]) .< uniform(range, [batch])
  }
}

extension Symbol {
  /// One number for each image, `[batch]`, as `[batch, 1, 1, 1]`: it broadcasts to images.
  var perImage: Symbol { isValid ? reshaped([shape.count, 1, 1, 1]) : self }
}
