import NeuralNetworks
import TensorGraph

extension ONNXOperator {
  /// Random numbers.
  static let randomness: [String: ONNXOperator] = [
    "RandomNormal": ONNXOperator(.always) { call in
      try call.normal(call.size(), call.elementType("dtype") ?? .float32)
    },
    "RandomNormalLike": ONNXOperator(.always) { call in
      try call.normal(call.shape(0), call.elementType("dtype") ?? call.type(0))
    },
    "RandomUniform": ONNXOperator(.always) { call in
      try call.uniform(call.size(), call.elementType("dtype") ?? .float32)
    },
    "RandomUniformLike": ONNXOperator(.always) { call in
      try call.uniform(call.shape(0), call.elementType("dtype") ?? call.type(0))
    },
    "Bernoulli": ONNXOperator(.always) { call in
      let p = try call.x(0), (key, stream) = try call.seeded()
      let type = try call.elementType("dtype") ?? call.type(0)
      let y = randomUniform(key, stream: stream, p.shape) .< p.cast(to: .float32)
      return try call.result(y.cast(to: type.dtype ?? .float32), type)
    },
    "Multinomial": ONNXOperator(.always) { try $0.multinomial() },
  ]
}

extension ONNXCall {
  /// What random numbers are drawn from in this run; the same in each for a seed of the file.
  func seeded() throws -> (key: Symbol, stream: UInt64) {
    let random = context.random
    guard let seed = anyNumber("seed") else { return random }
    let bits = Int64(bitPattern: seed.bitPattern)
    return (trace.constant(Tensor([2], [bits, 0])), random.stream)
  }

  /// The attribute `name`, a float in some versions and an integer in others.
  func anyNumber(_ name: String) -> Double? {
    attribute(name).map { $0.type == 1 ? Double($0.f) : Double($0.i) }
  }

  /// The attribute shape.
  fileprivate func size() throws -> Shape {
    guard let dims = ints("shape") else { throw ONNXError.mistake("shape is missing") }
    try check(dims, "shape", least: 0)
    try checkResult(Shape(dims))
    return Shape(dims)
  }

  fileprivate func normal(_ shape: Shape, _ type: ONNXType) throws -> [ONNXValue] {
    let (key, stream) = try seeded()
    let y = randomNormal(
      key, stream: stream, shape, mean: float("mean", 0), stddev: float("scale", 1))
    return try result(y.cast(to: floats(type)), type)
  }

  fileprivate func uniform(_ shape: Shape, _ type: ONNXType) throws -> [ONNXValue] {
    let (key, stream) = try seeded()
    let y = randomUniform(
      key, stream: stream, shape, low: float("low", 0), high: float("high", 1))
    return try result(y.cast(to: floats(type)), type)
  }

  private func floats(_ type: ONNXType) throws -> DType {
    guard type.isFloatingPoint, let dtype = type.dtype else {
      throw ONNXError.mistake("random numbers cannot be \(type)")
    }
    return dtype
  }

  /// Classes drawn with probabilities that are a softmax of the rows `[batch, classes]`.
  fileprivate func multinomial() throws -> [ONNXValue] {
    let x = try x(0), count = int("sample_size", 1), type = try elementType("dtype") ?? .int32
    guard x.shape.rank == 2, x.shape[1] > 0, (1...1 << 24).contains(count) else {
      throw ONNXError.mistake("\(count) samples of classes \(x.shape)")
    }
    guard x.shape.count <= (1 << 31) / count else {
      throw ONNXError.mistake("\(count) samples of \(x.shape) are too many")
    }
    let (key, stream) = try seeded()
    // The largest of logits and Gumbel's noise is a sample of their softmax.
    let u = randomUniform(key, stream: stream, [x.shape[0], count, x.shape[1]], low: 0x1p-25)
    let noisy = x.cast(to: .float32).expandingDims(at: 1) - log(-log(u))
    return try result(noisy.argmax(axis: -1).cast(to: type.dtype ?? .int32), type)
  }
}
