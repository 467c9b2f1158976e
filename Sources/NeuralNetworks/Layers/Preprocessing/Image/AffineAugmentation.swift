import TensorGraph

/// What the layers share that see images through an affine map: rotation, zoom, translation, shear.
public protocol AffineAugmentation: RandomAugmentation {
  /// What stands beyond the border.
  var fillMode: FillMode { get }
  /// How a value between pixels is found.
  var interpolation: SamplingInterpolation { get }
  /// What stands beyond the border if that is a constant.
  var fillValue: Double { get }
}

extension AffineAugmentation {
  /// Why these cannot be the hyperparameters of a layer, or nothing.
  var fillMistake: String? {
    if fillMode == .mirror { return "fill_mode must be reflect, wrap, constant or nearest" }
    return fillValue.isFinite ? nil : "fill_value must be a number, not \(fillValue)"
  }

  /// Images seen through the map of each: `columns` are a₀, a₁, a₂, b₀, b₁, b₂ of
  /// `affineTransform`, each `[batch]`.
  func mapped(_ images: Symbol, _ columns: [Symbol]) -> Symbol {
    affineTransform(
      images, stack(columns, axis: 1), interpolation: interpolation, fillMode: fillMode,
      fillValue: fillValue)
  }
}
