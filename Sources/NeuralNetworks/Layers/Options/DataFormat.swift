import TensorGraph

/// Where the channels of images stand among the axes.
public enum DataFormat: String, Sendable, Hashable, Codable {
  /// `[batch, height, width, channels]`
  case channelsLast = "channels_last"
  /// `[batch, channels, height, width]`
  case channelsFirst = "channels_first"
}

/// A layer over images, or anything with channels and spatial axes.
///
/// Its `call` is written for channels that come last. With the option
/// `.dataFormat(.channelsFirst)` inputs and outputs are transposed around it, in the graph.
public protocol DataFormatLayer: Layer {
  /// The number of spatial axes; nothing for all axes between batch and channels.
  var spatialAxisCount: Int? { get }
}

extension DataFormatLayer {
  /// `x` with its channels moved from before the spatial axes to the end.
  func channelsLast(_ x: Symbol) -> Symbol {
    guard let channels = channelAxis(x) else { return x }
    let rank = x.shape.rank
    let order = (0..<rank).filter { $0 != channels } + [channels]
    return x.transposed(order).masked(by: x.mask)
  }

  /// `y` with its channels moved from the end to before the spatial axes.
  func channelsFirst(_ y: Symbol) -> Symbol {
    guard y.isValid, let channels = channelAxis(y) else { return y }
    let rank = y.shape.rank
    let order = Array(0..<channels) + [rank - 1] + Array(channels..<rank - 1)
    return y.transposed(order).masked(by: y.mask)
  }

  /// Where the channels are if they come first; nothing if there are no spatial axes, as where
  /// all of them were pooled.
  private func channelAxis(_ x: Symbol) -> Int? {
    let axis = spatialAxisCount.map { x.shape.rank - 1 - $0 } ?? 1
    return axis >= 0 && x.shape.rank >= 3 && axis < x.shape.rank - 1 ? axis : nil
  }
}
