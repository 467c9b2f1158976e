import TensorGraph

/// What the poolings of all ranks share.
public protocol PoolingLayer: NamedLayer {
  /// A window of the layer's rank.
  associatedtype Size: WindowSizes
  /// The size of the window.
  var poolSize: Size { get }
  /// How far the window moves; by its own size if nothing is said.
  var strides: Size? { get }
  /// What lies beyond the border.
  var padding: Padding { get }
}

extension PoolingLayer {
  /// The result of `pool`, with the mask of a sequence seen through the window.
  func pooled(
    _ x: Symbol, _ context: LayerContext,
    by pool: (_ sizes: [Int], _ strides: [Int], _ padding: Padding) -> Symbol
  ) -> Symbol {
    guard x.shape.rank == Size.axisCount + 2 else {
      return context.fail("\(className) expects \(spatialLayout(Size.axisCount))", x)
    }
    let strides = strides ?? poolSize
    for (name, size) in [("pool_size", poolSize), ("strides", strides)] {
      if let mistake = size.mistake(name) { return context.fail("\(className): \(mistake)") }
    }
    guard padding != .causal else {
      return context.fail("\(className) has no causal padding", hint: "use .same or .valid")
    }
    let window = Window(sizes: poolSize.sizes, strides: strides.sizes)
    return pool(poolSize.sizes, strides.sizes, padding)
      .masked(by: x.mask.map { seen($0, through: window, padding) })
  }
}
