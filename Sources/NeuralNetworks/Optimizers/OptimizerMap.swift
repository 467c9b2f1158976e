import TensorGraph

/// Which optimizer moves which weights.
///
///     OptimizerMap(default: Adam(), ["encoder/.*": SGD(learningRate: 0.01)])
public struct OptimizerMap: Sendable, Equatable {
  /// What moves the weights that no pattern fits.
  public var defaultOptimizer: any Optimizer {
    get { standard.optimizer }
    set { standard.optimizer = newValue }
  }
  /// Paths of weights, or regular expressions that fit whole paths, in order.
  public private(set) var patterns: [String]

  private var standard: InnerOptimizer
  private var optimizers: [InnerOptimizer]

  /// Maps paths, or regular expressions that fit whole paths, to optimizers.
  public init(
    default defaultOptimizer: any Optimizer, _ map: KeyValuePairs<String, any Optimizer> = [:]
  ) {
    standard = InnerOptimizer(defaultOptimizer)
    patterns = map.map(\.key)
    optimizers = map.map { InnerOptimizer($0.value) }
  }

  /// All optimizers: those of patterns in order, then that of the rest.
  var all: [any Optimizer] { (optimizers + [standard]).map(\.optimizer) }

  /// Which of `all` moves the weight at `path`.
  func index(of path: String) -> Int {
    patterns.firstIndex(of: path) ?? matches(path).first ?? patterns.count
  }

  /// The patterns that fit `path`.
  private func matches(_ path: String) -> [Int] {
    patterns.indices.filter { index in
      (try? Regex(patterns[index]).wholeMatch(in: path)) != nil
    }
  }

  /// What is wrong with it, if anything is.
  var mistake: String? {
    for (index, pattern) in patterns.enumerated() {
      if (try? Regex(pattern)) == nil { return "needs regular expressions, not \(pattern)" }
      if patterns[..<index].contains(pattern) { return "has two optimizers for \(pattern)" }
    }
    for optimizer in all where optimizer is LossScaleOptimizer || optimizer is MultiOptimizer {
      return "cannot have a \(optimizer.className) inside"
    }
    return nil
  }

  /// What is wrong with it for a model that has a weight at `path`, if anything is.
  func mistake(at path: String) -> String? {
    guard !patterns.contains(path) else { return nil }
    let fitting = matches(path).map { patterns[$0] }
    return fitting.count > 1
      ? "has several optimizers for \(path): \(fitting.joined(separator: ", "))" : nil
  }

  /// The map with optimizers that all are given a loss scaled by `factor`.
  func scaled(by factor: Double?) -> OptimizerMap {
    var map = self
    map.standard.optimizer.options.lossScaleFactor = factor
    for index in map.optimizers.indices {
      map.optimizers[index].optimizer.options.lossScaleFactor = factor
    }
    return map
  }
}

/// In files an object of Keras's class, whose patterns go in alphabetical order.
extension OptimizerMap: Codable {
  private struct Object: Codable {
    var module = "keras.optimizers"
    var className = "OptimizerMap"
    var config: Config
    var registeredName = JSONValue.null

    enum CodingKeys: String, CodingKey {
      case module, config
      case className = "class_name"
      case registeredName = "registered_name"
    }
  }

  private struct Config: Codable {
    var defaultOptimizer: InnerOptimizer
    var optimizerMap: [String: InnerOptimizer]

    enum CodingKeys: String, CodingKey {
      case defaultOptimizer = "default_optimizer"
      case optimizerMap = "optimizer_map"
    }
  }

  public init(from decoder: any Decoder) throws {
    let config = try Object(from: decoder).config
    let sorted = config.optimizerMap.sorted { $0.key < $1.key }
    standard = config.defaultOptimizer
    patterns = sorted.map(\.key)
    optimizers = sorted.map(\.value)
  }

  public func encode(to encoder: any Encoder) throws {
    let map = Dictionary(zip(patterns, optimizers), uniquingKeysWith: { first, _ in first })
    try Object(config: Config(defaultOptimizer: standard, optimizerMap: map)).encode(to: encoder)
  }
}
