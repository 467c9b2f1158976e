import TensorGraph

/// Looks for the place where numbers first become NaN or infinite.
final class Autopsy {
  /// What a tensor is like.
  struct Facts {
    var nanCount = 0.0
    var infiniteCount = 0.0
    var low = Double.infinity
    var high = -Double.infinity

    var isFinite: Bool { nanCount + infiniteCount == 0 }
    /// The largest absolute value of those that are finite.
    var magnitude: Double { low <= high ? max(abs(low), abs(high)) : 0 }
    /// Between what its finite numbers lie.
    var range: String {
      low == high
        ? "are \(fourDigits(low))" : "lie between \(fourDigits(low)) and \(fourDigits(high))"
    }
    /// The word for what is not finite.
    var word: String { nanCount > 0 ? "NaN" : "infinite" }

    static func + (a: Facts, b: Facts) -> Facts {
      Facts(
        nanCount: a.nanCount + b.nanCount, infiniteCount: a.infiniteCount + b.infiniteCount,
        low: min(a.low, b.low), high: max(a.high, b.high))
    }
  }

  /// Where it broke.
  enum Place {
    /// In a layer, whose inputs and weights are finite.
    case layer(name: String, DType, output: Facts, inputs: Facts, weights: Facts)
    /// In the loss of finite outputs.
    case loss(Facts, outputs: Facts)
    /// In the gradient of the weights of a layer, which come first on the way back from the loss.
    case gradient(name: String, DType, Facts, weights: Facts)
  }

  /// What to do when numbers have grown without bounds.
  static func exploded(_ learningRate: Double?) -> String {
    "the training has exploded: use a learning rate below "
      + (learningRate.map(fourDigits) ?? "the present one") + ", or the option clipnorm"
  }

  private let executable: any Executable
  private let calls: [(name: String, path: String, inputs: [ValueID], outputs: [ValueID])]
  private let weights: [(path: String, id: ValueID)]
  private let trained: [(path: String, gradient: ValueID)]
  private let loss: ValueID
  private let outputs: [ValueID]
  /// Every value that is looked at.
  private let values: [ValueID]
  private let types: [ValueID: DType]

  init(_ model: Model, _ compilation: Compilation, _ batch: Batch) throws {
    let step = try model.tracedLoss(compilation, .init(batch), mode: .train)
    let network = step.network, trace = network.trace
    let trained = compilation.trained.compactMap { weight in
      network.model.weights[weight.path].map { (path: weight.path, symbol: $0) }
    }
    let gradients = gradients(of: step.loss, with: trained.map(\.symbol))
    calls = network.calls.map { call in
      let last = call.path.split(separator: "/").last.map(String.init) ?? call.path
      let isNamedByClass = last.hasPrefix(call.layer.className.snakeCased)
      return (
        isNamedByClass ? call.path : "\(call.path) (\(call.layer.className))", call.path,
        call.inputs.filter(\.isNumber).map(\.id), call.outputs.filter(\.isNumber).map(\.id)
      )
    }
    weights = network.model.declarations.compactMap { declaration in
      network.model.weights[declaration.path].flatMap {
        $0.isNumber ? (declaration.path, $0.id) : nil
      }
    }
    self.trained = zip(trained, gradients).map { ($0.path, $1.id) }
    loss = step.loss.id
    outputs = step.predictions.filter(\.isNumber).map(\.id)
    var seen: Set<ValueID> = []
    values =
      (calls.flatMap { $0.inputs + $0.outputs } + weights.map(\.id)
      + self.trained.map(\.gradient) + [loss] + outputs).filter { seen.insert($0).inserted }
    types = Dictionary(uniqueKeysWithValues: values.map { ($0, trace.symbol($0).dtype) })
    let facts = values.flatMap { value -> [Symbol] in
      let x = trace.symbol(value).cast(to: .float64)
      guard x.shape.count > 0 else { return [0, 0, .infinity, -.infinity].map(x.constant) }
      let isFinite = isFinite(x)
      return [
        isNaN(x).cast(to: .float64).sum(), isInfinite(x).cast(to: .float64).sum(),
        select(isFinite, x, .infinity).min(), select(isFinite, x, -.infinity).max(),
      ]
    }
    executable = try model.engine.compile(trace.graph(returning: facts))
  }

  /// Where the step on `batch` with `variables` breaks, and whether these are broken already;
  /// nothing when all numbers are finite.
  func callAsFunction(_ batch: Batch, _ variables: [Tensor]) -> Place? {
    var variables = variables
    let numbers = executable.run(batch.tensors, variables: &variables).map { $0.numbers[0] }
    let found = Dictionary(
      uniqueKeysWithValues: values.enumerated().map { place, value in
        (
          value,
          Facts(
            nanCount: numbers[4 * place], infiniteCount: numbers[4 * place + 1],
            low: numbers[4 * place + 2], high: numbers[4 * place + 3])
        )
      })
    func facts(_ ids: [ValueID]) -> Facts { ids.compactMap { found[$0] }.reduce(Facts(), +) }
    func weightFacts(_ path: String) -> Facts {
      facts(weights.filter { $0.path.hasPrefix(path + "/") }.map(\.id))
    }
    guard facts(weights.map(\.id)).isFinite else { return nil }
    for call in calls {
      let inputs = facts(call.inputs), outputs = facts(call.outputs)
      guard !outputs.isFinite, inputs.isFinite, let first = call.outputs.first else { continue }
      return .layer(
        name: call.name, types[first] ?? .float32, output: outputs, inputs: inputs,
        weights: weightFacts(call.path))
    }
    let loss = facts([loss])
    guard loss.isFinite else { return .loss(loss, outputs: facts(outputs)) }
    guard let broken = trained.last(where: { !facts([$0.gradient]).isFinite }) else { return nil }
    let path = layerPath(of: broken.path)
    return .gradient(
      name: path, types[broken.gradient] ?? .float32, facts([broken.gradient]),
      weights: weightFacts(path))
  }
}

extension Symbol {
  /// Whether it holds floating-point numbers.
  fileprivate var isNumber: Bool { isValid && dtype.isFloatingPoint }
}

extension Autopsy.Place {
  /// Numbers beyond this are no work of one layer: the training has exploded before.
  private static let explosion = 1e6

  /// What happened in words.
  var text: String {
    switch self {
    case .layer(let name, _, let output, let inputs, let weights):
      "\(name) is the first layer with an output that is \(output.word): its inputs "
        + "\(inputs.range)" + (weights.low <= weights.high ? ", its weights \(weights.range)" : "")
    case .loss(let loss, let outputs):
      "the loss is the first number that is \(loss.word): the outputs of the network "
        + outputs.range
    case .gradient(let name, _, let gradient, let weights):
      "the gradient of \(name) is the first number that is \(gradient.word): its weights "
        + weights.range
    }
  }

  /// What to do about it.
  func hint(learningRate: Double?) -> String {
    let magnitude: Double, dtype: DType
    switch self {
    case .layer(_, let type, _, let inputs, let weights):
      (magnitude, dtype) = (max(inputs.magnitude, weights.magnitude), type)
    case .loss(_, let outputs): (magnitude, dtype) = (outputs.magnitude, .float32)
    case .gradient(_, let type, _, let weights): (magnitude, dtype) = (weights.magnitude, type)
    }
    if dtype == .float16 {
      return "float16 ends at 65504: compute in bfloat16 or float32, or scale the inputs down"
    }
    if magnitude > Self.explosion {
      return Autopsy.exploded(learningRate)
    }
    if case .gradient = self {
      return "a square root, a norm and a power have no derivative at 0: add a small number before"
    }
    return "look at what it computes of such numbers: a logarithm or a quotient needs a small "
      + "number added"
  }
}
