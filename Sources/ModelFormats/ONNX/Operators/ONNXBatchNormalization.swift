import NeuralNetworks
import TensorGraph

extension ONNXCall {
  /// Each channel normalized over the batch: by running statistics, or by those of the batch in
  /// training steps and where the file says so.
  func batchNormalized() throws -> [ONNXValue] {
    let shape = try shape(0)
    guard (2...5).contains(shape.rank) else {
      throw ONNXError.mistake("images are [batch, channels, spatial…], not \(shape)")
    }
    if opset < 9, int("spatial") == 0, shape.rank > 2 { return try batchNormalizedByPixel() }
    let x = try channelsLast(0), channels = x.shape[-1]
    for index in 1..<5 {
      guard try self.shape(index) == [channels] else {
        throw ONNXError.mistake(
          "input \(index) is \(try self.shape(index)), there are \(channels) channels")
      }
    }
    let dtype = x.dtype.promoted(with: .float32), epsilon = float("epsilon", 1e-5)
    func wide(_ x: Symbol) -> Symbol { x.cast(to: dtype) }
    let gamma = wide(try self.x(1)), beta = wide(try self.x(2))
    let mean = try state(3), variance = try state(4)
    let isTraining = context.isTraining && context.isTrainable
    guard isTraining || bool("training_mode") else {
      let factor = gamma * rsqrt(wide(variance.symbol) + epsilon)
      // One product and one sum for each element.
      let y = wide(x) * factor + (beta - wide(mean.symbol) * factor)
      let type = try type(0), running = try [3, 4].map { try inputs[$0].map { [$0] } ?? [] }
      return [.tensor(ONNXTensor(channelsLastIfImages: y.cast(to: x.dtype), type: type))]
        + running.joined()
    }
    guard x.shape.count > 0 else { throw ONNXError.mistake("there is no batch: \(shape)") }
    let batch = batchNormalization(wide(x), gamma: gamma, beta: beta, epsilon: epsilon)
    let momentum = float("momentum", 0.9)
    func moved(_ state: (symbol: Symbol, name: String?), _ now: Symbol) -> Symbol {
      let next = state.symbol * momentum + now.cast(to: state.symbol.dtype) * (1 - momentum)
      if isTraining, let name = state.name { context.update(name, to: next) }
      return next
    }
    let running = [moved(mean, batch.mean), moved(variance, batch.variance)]
    return [
      .tensor(ONNXTensor(channelsLastIfImages: batch.y.cast(to: x.dtype), type: try type(0)))
    ] + running.map { .tensor(ONNXTensor($0)) }
  }

  /// Old files may have statistics of every element of an image.
  private func batchNormalizedByPixel() throws -> [ONNXValue] {
    let x = try x(0), own = Shape(Array(x.shape.dims.dropFirst()))
    for index in 1..<5 {
      guard try shape(index) == own else {
        throw ONNXError.mistake("input \(index) is \(try shape(index)), the images are \(own)")
      }
    }
    let factor = try self.x(1) * rsqrt(state(4).symbol + float("epsilon", 1e-5))
    return try result((x - state(3).symbol) * factor + self.x(2))
  }
}

extension ONNXTensor {
  /// A computed tensor with channels last, which for fewer than 3 axes is the order of the file.
  init(channelsLastIfImages symbol: Symbol, type: ONNXType) {
    self =
      symbol.shape.rank < 3
      ? ONNXTensor(symbol, type: type) : ONNXTensor(channelsLast: symbol, type: type)
  }
}
