import TensorGraph

/// A function applied elementwise, or along the last axis, to what a layer computed.
///
///     Dense(10, activation: .softmax)
///
/// The raw value is Keras's name, under which files keep it. Parameters have Keras's defaults;
/// the layers `LeakyReLU`, `ELU`, `Softmax`, … take them as arguments.
public enum Activation: String, Sendable, Hashable, CaseIterable {
  /// x
  case linear
  /// max(x, 0)
  case relu
  /// x where x > 0, else 0.2 · x
  case leakyReLU = "leaky_relu"
  /// min(max(x, 0), 6)
  case relu6
  /// x where x > 0, else eˣ − 1
  case elu
  /// max(x, 0) + min(eˣ − 1, 0)
  case celu
  /// 1.0507 · (x where x > 0, else 1.67326 · (eˣ − 1))
  case selu
  /// x · Φ(x), with Φ the distribution function of the normal distribution
  case gelu
  /// a · σ(b), with a and b the halves of the last axis
  case glu
  /// x · σ(x); also called swish
  case silu
  /// x · tanh(log(1 + eˣ))
  case mish
  /// eˣ
  case exponential
  /// 1 / (1 + e⁻ˣ)
  case sigmoid
  /// log σ(x)
  case logSigmoid = "log_sigmoid"
  /// relu6(x + 3) / 6
  case hardSigmoid = "hard_sigmoid"
  /// x · relu6(x + 3) / 6; also called hard swish
  case hardSilu = "hard_silu"
  /// tanh x
  case tanh
  /// x held between −1 and 1
  case hardTanh = "hard_tanh"
  /// x − tanh x
  case tanhShrink = "tanh_shrink"
  /// x where |x| > 0.5, else 0
  case hardShrink = "hard_shrink"
  /// x moved by 0.5 toward 0, and 0 where |x| ≤ 0.5
  case softShrink = "soft_shrink"
  /// log(1 + eˣ)
  case softplus
  /// (x + √(x² + 4)) / 2
  case squareplus
  /// x / (1 + |x|)
  case softsign
  /// eˣ / Σ eˣ along the last axis
  case softmax
  /// x − log Σ eˣ along the last axis
  case logSoftmax = "log_softmax"
  /// The point nearest to x whose elements along the last axis are not negative and sum to 1
  case sparsemax
  /// 0 for x ≤ −1, (x + 1)² / 4 up to 1, and x from there on
  case sparsePlus = "sparse_plus"
  /// (x + 1) / 2 held between 0 and 1
  case sparseSigmoid = "sparse_sigmoid"

  /// The same as `silu`.
  public static let swish = Activation.silu
  /// The same as `hardSilu`.
  public static let hardSwish = Activation.hardSilu

  /// The activation that Keras calls `name`, or nothing.
  public init?(named name: String) {
    switch name {
    case "swish": self = .silu
    case "hard_swish": self = .hardSilu
    default: self.init(rawValue: name)
    }
  }
}

extension Activation: Codable {
  /// Reads Keras's name, the object that Keras writes for a function or a layer, or nothing for
  /// `linear`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .linear
      return
    }
    let name: String
    if let plain = try? container.decode(String.self) {
      name = plain
    } else {
      name = try container.decode(SerializedFunction.self).name
    }
    guard name != "threshold" else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "the activation threshold needs two numbers, which files do not have")
    }
    guard let known = Activation(named: name) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription:
          "there is no activation \(name); "
          + spellingHint(name, in: Activation.allCases.map(\.rawValue)))
    }
    self = known
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

/// A function as Keras writes it when it is not one of its strings: `config` is the name, or
/// `class_name` is that of a layer.
private struct SerializedFunction: Decodable {
  let name: String

  /// The layers that can be activations, by the functions that they are with these numbers.
  private static let layers: [String: [(name: String, config: [String: JSONValue])]] = [
    "ReLU": [
      ("relu", ["max_value": nil, "negative_slope": 0, "threshold": 0]),
      ("relu6", ["max_value": 6, "negative_slope": 0, "threshold": 0]),
      ("leaky_relu", ["max_value": nil, "negative_slope": 0.2, "threshold": 0]),
    ],
    "LeakyReLU": [("leaky_relu", ["negative_slope": 0.2])], "ELU": [("elu", ["alpha": 1])],
    "Softmax": [("softmax", ["axis": -1])],
  ]
  /// What a layer computes with if its file does not say.
  private static let standards: [String: [String: JSONValue]] = [
    "ReLU": ["max_value": nil, "negative_slope": 0, "threshold": 0],
    "LeakyReLU": ["negative_slope": 0.3], "ELU": ["alpha": 1], "Softmax": ["axis": -1],
  ]

  init(from decoder: any Decoder) throws {
    let value = try JSONValue(from: decoder)
    let className = value["class_name"]?.string ?? ""
    if let function = value["config"]?.string {
      name = function
    } else if className == "Activation", let inner = value["config"]?["activation"] {
      name = try inner.decoded(as: Activation.self).rawValue
    } else if let forms = Self.layers[className] {
      let set = (Self.standards[className] ?? [:])
        .merging(value["config"]?.object ?? [:]) { $1 }
      let form = forms.first { form in
        form.config.allSatisfy { $1.isSameNumber(as: set[$0] ?? .null) }
      }
      guard let form else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription: "the layer \(className) is no activation with its hyperparameters; "
              + "make it a layer of its own"))
      }
      name = form.name
    } else {
      let lowercase = className.lowercased()  // LogSoftmax is log_softmax
      name =
        Activation.allCases.map(\.rawValue).first {
          $0.filter { $0 != "_" } == lowercase
        } ?? className.snakeCased
    }
  }
}

extension JSONValue {
  /// Whether both are the same number, however written, or the same anything.
  fileprivate func isSameNumber(as other: JSONValue) -> Bool {
    if case .number(let a) = self, case .int(let b) = other { return a == Double(b) }
    if case .int(let a) = self, case .number(let b) = other { return Double(a) == b }
    return self == other
  }
}
