import TensorGraph

/// What the dropouts of whole channels share: in training a random share `rate` of the channels is
/// 0 at all places, and the rest is scaled by `1 / (1 − rate)`.
///
/// - Reference: [Tompson et al., 2014](https://arxiv.org/abs/1411.4280)
public protocol SpatialDropout: NamedLayer, RandomLayer {
  /// The share of channels that are dropped, from 0 to 1.
  var rate: Double { get }
}

extension SpatialDropout {
  /// `x`, with `rank` axes between batch and channels, without some of its channels.
  func dropped(_ x: Symbol, rank: Int, _ context: LayerContext) -> Symbol {
    guard x.shape.rank == rank + 2 else {
      return context.fail("\(className) expects \(spatialLayout(rank))", x)
    }
    guard (0...1).contains(rate) else {
      return context.fail("\(className) needs a rate from 0 to 1, not \(rate)")
    }
    guard context.isTraining, rate > 0 else { return x }
    let shape = [x.shape[0]] + Array(repeating: 1, count: rank) + [x.shape[-1]]
    return context.dropout(x, rate, Shape(shape))
  }
}
