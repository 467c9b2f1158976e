import TensorGraph

/// The mask of the places of `window` over time: one counts if a step that it sees does.
///
/// - Input: `bool[batch, time]`
/// - Output: `bool[batch, time′]`
func seen(_ mask: Symbol, through window: Window, _ padding: Padding) -> Symbol {
  let time = mask.shape[1]
  let window = window.padded(padding, for: [time])
  let places = window.outputSizes([time])[0]
  guard places > 0 else { return mask.trace.invalid }  // the layer itself has reported it
  let padded = mask.padded(low: [0, window.low[0]], high: [0, window.high[0]])
  let taps = (0..<window.sizes[0]).map { tap in
    let start = tap * window.dilations[0]
    return padded.sliced(
      axis: 1, start..<start + (places - 1) * window.strides[0] + 1, stride: window.strides[0])
  }
  return taps.dropFirst().reduce(taps[0]) { $0 .| $1 }
}

/// The mask of `count` windows that share out the time evenly: one counts if a step in it does.
///
/// - Input: `bool[batch, time]`
/// - Output: `bool[batch, count]`
func seen(_ mask: Symbol, sharedOutAmong count: Int) -> Symbol {
  adaptiveMaxPooling(
    mask.cast(to: .float32).expandingDims(at: -1), outputSizes: [count]
  ).squeezed(-1) .> 0
}
