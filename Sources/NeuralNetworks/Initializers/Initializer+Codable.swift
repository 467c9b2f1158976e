import TensorGraph

/// An initializer in a file is Keras's object, or one of its strings: `"glorot_uniform"`.
///
/// A seed in a file is read over: Keras's generator draws other numbers from it.
extension Initializer: Codable {
  private enum Keys: String, CodingKey {
    case module, config
    case className = "class_name"
    case registeredName = "registered_name"
  }

  private enum Hyperparameters: String, CodingKey {
    case value, mean, stddev, minval, maxval, scale, mode, distribution, gain, seed
    case inputAxes = "input_axes"
    case outputAxes = "output_axes"
  }

  /// Keras's names of the classes, each with its defaults.
  private static let classes: [(name: String, example: Initializer)] = [
    ("Zeros", .zeros), ("Ones", .ones), ("Constant", .constant(0)),
    ("RandomNormal", .randomNormal()), ("RandomUniform", .randomUniform()),
    ("TruncatedNormal", .truncatedNormal()), ("VarianceScaling", .varianceScaling()),
    ("GlorotUniform", .glorotUniform), ("GlorotNormal", .glorotNormal),
    ("HeUniform", .heUniform), ("HeNormal", .heNormal), ("LecunUniform", .lecunUniform),
    ("LecunNormal", .lecunNormal), ("Orthogonal", .orthogonal()), ("Identity", .identity()),
    ("UnitForgetGate", .unitForgetGate),
  ]

  /// The initializer with all defaults that Keras calls `name`, in any of its spellings.
  public init?(named name: String) {
    func plain(_ name: String) -> String { name.lowercased().filter { $0 != "_" } }
    var wanted = plain(name)
    if wanted.hasSuffix("initializer") { wanted.removeLast("initializer".count) }
    switch wanted {  // names that Keras kept from its first version
    case "zero": wanted = "zeros"
    case "one": wanted = "ones"
    case "uniform": wanted = "randomuniform"
    case "normal": wanted = "randomnormal"
    default: break
    }
    guard let known = Initializer.classes.first(where: { plain($0.name) == wanted }) else {
      return nil
    }
    self = known.example
  }

  public init(from decoder: any Decoder) throws {
    func known(_ name: String) throws -> Initializer {
      if let found = Initializer(named: name) { return found }
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription:
            "there is no initializer \(name); "
            + spellingHint(name, in: Initializer.classes.map(\.name))))
    }
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      self = try known(name)
      return
    }
    let object = try decoder.container(keyedBy: Keys.self)
    let example = try known(object.decode(String.self, forKey: .className))
    guard object.contains(.config), try !object.decodeNil(forKey: .config) else {
      self = example
      return
    }
    let config = try object.nestedContainer(keyedBy: Hyperparameters.self, forKey: .config)
    for key in [Hyperparameters.inputAxes, .outputAxes] where config.contains(key) {
      guard try config.decodeNil(forKey: key) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: config,
          debugDescription: "\(key.rawValue) of an initializer is not supported")
      }
    }
    func number(_ key: Hyperparameters, _ standard: Double) throws -> Double {
      try config.decodeIfPresent(Double.self, forKey: key) ?? standard
    }
    switch example {
    case .constant: self = .constant(try number(.value, 0))
    case .randomNormal(let mean, let stddev):
      self = .randomNormal(mean: try number(.mean, mean), stddev: try number(.stddev, stddev))
    case .randomUniform(let low, let high):
      self = .randomUniform(minval: try number(.minval, low), maxval: try number(.maxval, high))
    case .truncatedNormal(let mean, let stddev):
      self = .truncatedNormal(mean: try number(.mean, mean), stddev: try number(.stddev, stddev))
    case .varianceScaling(let scale, let mode, let distribution):
      var drawn = try config.decodeIfPresent(String.self, forKey: .distribution)
      if drawn == "normal" { drawn = Distribution.truncatedNormal.rawValue }
      guard let read = drawn.map(Distribution.init(rawValue:)) ?? distribution else {
        throw DecodingError.dataCorruptedError(
          forKey: .distribution, in: config,
          debugDescription: "there is no distribution \(drawn ?? "")")
      }
      self = .varianceScaling(
        scale: try number(.scale, scale),
        mode: try config.decodeIfPresent(FanMode.self, forKey: .mode) ?? mode, distribution: read)
    case .orthogonal(let gain): self = .orthogonal(gain: try number(.gain, gain))
    case .identity(let gain): self = .identity(gain: try number(.gain, gain))
    default: self = example
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Keys.self)
    try object.encode("keras.initializers", forKey: .module)
    try object.encode(className, forKey: .className)
    try object.encodeNil(forKey: .registeredName)
    var config = object.nestedContainer(keyedBy: Hyperparameters.self, forKey: .config)
    switch self {
    case .constant(let value): try config.encode(value, forKey: .value)
    case .randomNormal(let mean, let stddev), .truncatedNormal(let mean, let stddev):
      try config.encode(mean, forKey: .mean)
      try config.encode(stddev, forKey: .stddev)
      try config.encodeNil(forKey: .seed)
    case .randomUniform(let low, let high):
      try config.encode(low, forKey: .minval)
      try config.encode(high, forKey: .maxval)
      try config.encodeNil(forKey: .seed)
    case .varianceScaling(let scale, let mode, let distribution):
      try config.encode(scale, forKey: .scale)
      try config.encode(mode, forKey: .mode)
      try config.encode(distribution, forKey: .distribution)
      try config.encodeNil(forKey: .seed)
    case .orthogonal(let gain):
      try config.encode(gain, forKey: .gain)
      try config.encodeNil(forKey: .seed)
    case .identity(let gain): try config.encode(gain, forKey: .gain)
    case .zeros, .ones, .unitForgetGate: break
    default: try config.encodeNil(forKey: .seed)
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
    case .unitForgetGate: "UnitForgetGate"
    }
  }
}
