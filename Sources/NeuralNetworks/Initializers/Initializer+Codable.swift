import TensorGraph

/// An initializer in a file is Keras's object, or one of its strings: `"glorot_uniform"`.
extension Initializer: Codable {
  /// Keras's names of the classes, each with its defaults.
  private static let classes: [(name: String, example: Initializer)] = [
    ("Zeros", .zeros), ("Ones", .ones), ("Constant", .constant(0)),
    ("RandomNormal", .randomNormal()), ("RandomUniform", .randomUniform()),
    ("TruncatedNormal", .truncatedNormal()), ("VarianceScaling", .varianceScaling()),
    ("GlorotUniform", .glorotUniform), ("GlorotNormal", .glorotNormal),
    ("HeUniform", .heUniform), ("HeNormal", .heNormal), ("LecunUniform", .lecunUniform),
    ("LecunNormal", .lecunNormal), ("Orthogonal", .orthogonal()), ("Identity", .identity()),
    ("STFT", .stft()), ("UnitForgetGate", .unitForgetGate()),
  ]

  /// The initializer with all defaults that Keras calls `name`, in any of its spellings.
  public init?(named name: String) {
    var wanted = SerializedObject.plain(name)
    if wanted.hasSuffix("initializer") { wanted.removeLast("initializer".count) }
    switch wanted {  // names that Keras kept from its first version
    case "zero": wanted = "zeros"
    case "one": wanted = "ones"
    case "uniform": wanted = "randomuniform"
    case "normal": wanted = "randomnormal"
    default: break
    }
    let known = Initializer.classes.first { SerializedObject.plain($0.name) == wanted }
    guard let known else { return nil }
    self = known.example
  }

  public init(from decoder: any Decoder) throws {
    let object = try SerializedObject(from: decoder)
    guard let example = Initializer(named: object.className) else {
      throw object.unknown("initializer", in: Initializer.classes.map(\.name))
    }
    try object.allow(only: Set(example.config.keys).union(["seed", "dtype", "others"]))
    self = try example.reading(object)
    let seed = object.config["seed"]
    if let seed = seed?.int ?? seed?["config"]?["seed"]?.int { self = seeded(seed) }
  }

  /// This initializer with the hyperparameters that `object` has.
  private func reading(_ object: SerializedObject) throws -> Initializer {
    switch self {
    case .constant: return .constant(try object.number("value", 0))
    case .randomNormal(let mean, let stddev):
      return .randomNormal(
        mean: try object.number("mean", mean), stddev: try object.number("stddev", stddev))
    case .randomUniform(let low, let high):
      return .randomUniform(
        minval: try object.number("minval", low), maxval: try object.number("maxval", high))
    case .truncatedNormal(let mean, let stddev):
      return .truncatedNormal(
        mean: try object.number("mean", mean), stddev: try object.number("stddev", stddev))
    case .orthogonal(let gain): return .orthogonal(gain: try object.number("gain", gain))
    case .identity(let gain): return .identity(gain: try object.number("gain", gain))
    case .stft: return try Initializer.stft(object)
    case .unitForgetGate:
      guard let others = object.config["others"], others != .null else { return self }
      return .unitForgetGate(others: try others.decoded(as: Initializer.self))
    default:
      guard let (scale, mode, distribution) = scaling else { return self }
      let inputAxes = try object.axes("input_axes"), outputAxes = try object.axes("output_axes")
      if case .varianceScaling = self {
        return .varianceScaling(
          scale: try object.number("scale", scale), mode: try object.choice("mode", mode),
          distribution: object.config["distribution"] == "normal"
            ? .truncatedNormal : try object.choice("distribution", distribution),
          inputAxes: inputAxes, outputAxes: outputAxes)
      }
      guard inputAxes != nil || outputAxes != nil else { return self }
      return .varianceScaling(
        scale: scale, mode: mode, distribution: distribution, inputAxes: inputAxes,
        outputAxes: outputAxes)
    }
  }

  private static func stft(_ object: SerializedObject) throws -> Initializer {
    let window: WindowFunction? =
      switch object.config["window"] {
      case nil: .hann
      case .null?: nil
      case let value?: try value.decoded(as: WindowFunction.self)
      }
    let scaling: WindowScaling? =
      object.config["scaling"] == .null ? nil : try object.choice("scaling", .density)
    return .stft(
      side: try object.choice("side", .real), window: window, scaling: scaling,
      periodic: object.config["periodic"] == .bool(true))
  }

  public func encode(to encoder: any Encoder) throws {
    try SerializedObject(module: "keras.initializers", className: className, config: config)
      .encode(to: encoder)
  }

  /// The hyperparameters by Keras's names.
  private var config: [String: JSONValue] {
    func json(_ axes: [Int]?) -> JSONValue { axes.map { .array($0.map(JSONValue.int)) } ?? .null }
    switch self {
    case .constant(let value): return ["value": .number(value)]
    case .randomNormal(let mean, let stddev), .truncatedNormal(let mean, let stddev):
      return ["mean": .number(mean), "stddev": .number(stddev), "seed": nil]
    case .randomUniform(let low, let high):
      return ["minval": .number(low), "maxval": .number(high), "seed": nil]
    case .orthogonal(let gain): return ["gain": .number(gain), "seed": nil]
    case .identity(let gain): return ["gain": .number(gain)]
    case .zeros, .ones: return [:]
    case .unitForgetGate(let others):
      return others == .zeros ? [:] : ["others": (try? JSONValue(encoding: others)) ?? .null]
    case .stft(let side, let window, let scaling, let periodic):
      return [
        "side": .string(side.rawValue), "window": (try? JSONValue(encoding: window)) ?? .null,
        "scaling": scaling.map { .string($0.rawValue) } ?? .null, "periodic": .bool(periodic),
      ]
    case .varianceScaling(let scale, let mode, let distribution, let inputAxes, let outputAxes):
      return [
        "scale": .number(scale), "mode": .string(mode.rawValue),
        "distribution": .string(distribution.rawValue), "input_axes": json(inputAxes),
        "output_axes": json(outputAxes), "seed": nil,
      ]
    case .seeded(let initializer, let seed):
      var config = initializer.config
      if config.keys.contains("seed") { config["seed"] = .int(seed) }
      return config
    default: return ["seed": nil, "input_axes": nil, "output_axes": nil]
    }
  }

  /// Keras's name of the class.
  private var className: String {
    switch self {
    case .zeros: "Zeros"
    case .ones: "Ones"
    case .constant: "Constant"
    case .randomNormal: "RandomNormal"
    case .randomUniform: "RandomUniform"
    case .truncatedNormal: "TruncatedNormal"
    case .varianceScaling: "VarianceScaling"
    case .glorotUniform: "GlorotUniform"
    case .glorotNormal: "GlorotNormal"
    case .heUniform: "HeUniform"
    case .heNormal: "HeNormal"
    case .lecunUniform: "LecunUniform"
    case .lecunNormal: "LecunNormal"
    case .orthogonal: "Orthogonal"
    case .identity: "Identity"
    case .stft: "STFT"
    case .unitForgetGate: "UnitForgetGate"
    case .seeded(let initializer, _): initializer.className
    }
  }
}

extension SerializedObject {
  /// The axes `key`, if there are any.
  fileprivate func axes(_ key: String) throws -> [Int]? {
    config[key] == nil || config[key] == .null ? nil : try integers(key, [])
  }
}
