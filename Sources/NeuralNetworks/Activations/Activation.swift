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

  enum CodingKeys: String, CodingKey {
    case className = "class_name"
    case config
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let className = try container.decode(String.self, forKey: .className)
    if let function = try? container.decode(String.self, forKey: .config) {
      name = function
    } else {
      let lowercase = className.lowercased()  // ReLU is relu, LogSoftmax is log_softmax
      name =
        Activation.allCases.map(\.rawValue).first {
          $0.filter { $0 != "_" } == lowercase
        } ?? className.snakeCased
    }
  }
}
