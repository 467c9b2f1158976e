import NeuralNetworks
import TensorGraph

/// Which recurrent operator of ONNX a layer is, and how its weights lie there.
struct RecurrentNode {
  /// `LSTM`, `GRU` or `RNN`.
  let type: String
  /// Where each gate of the operator is among ours: ONNX has i, o, f, c for our i, f, g, o.
  let gates: [Int]
  /// The functions of the gates and of the candidate, as the operator has them.
  let activations: [Activation]
  /// Whether the reset gate of a GRU multiplies after the product.
  var resetAfter = false

  static func lstm(_ activation: Activation, gate: Activation) -> RecurrentNode {
    RecurrentNode(
      type: "LSTM", gates: [0, 3, 1, 2], activations: [gate, activation, activation])
  }
  static func gru(
    _ activation: Activation, gate: Activation, resetAfter: Bool
  ) -> RecurrentNode {
    RecurrentNode(
      type: "GRU", gates: [0, 1, 2], activations: [gate, activation], resetAfter: resetAfter)
  }
  static func simple(_ activation: Activation) -> RecurrentNode {
    RecurrentNode(type: "RNN", gates: [0], activations: [activation])
  }

  /// The operator for the cell of a layer; nothing if it has none.
  init?(_ layer: any Layer) {
    let cell = (layer as? any RecurrentLayer)?.stepCell ?? layer
    switch cell {
    case let cell as LSTMCell: self = .lstm(cell.activation, gate: cell.recurrentActivation)
    case let cell as GRUCell:
      self = .gru(
        cell.activation, gate: cell.recurrentActivation, resetAfter: cell.resetAfter)
    case let cell as SimpleRNNCell: self = .simple(cell.activation)
    default: return nil
    }
    guard activations.allSatisfy({ Self.function($0) != nil }) else { return nil }
  }

  private init(
    type: String, gates: [Int], activations: [Activation], resetAfter: Bool = false
  ) {
    self.type = type
    self.gates = gates
    self.activations = activations
    self.resetAfter = resetAfter
  }

  /// The number of states.
  var stateCount: Int { type == "LSTM" ? 2 : 1 }

  /// What ONNX calls a function within recurrent operators, with its numbers.
  private static func function(
    _ activation: Activation
  ) -> (name: String, alpha: Double?, beta: Double?)? {
    switch activation {
    case .tanh: ("Tanh", nil, nil)
    case .sigmoid: ("Sigmoid", nil, nil)
    case .relu: ("Relu", nil, nil)
    case .softsign: ("Softsign", nil, nil)
    case .softplus: ("Softplus", nil, nil)
    case .hardSigmoid: ("HardSigmoid", 1.0 / 6, 0.5)
    case .elu: ("Elu", 1, nil)
    case .leakyReLU: ("LeakyRelu", 0.2, nil)
    case .linear: ("Affine", 1, 0)
    default: nil
    }
  }

  /// The attributes of the node.
  func attributes(units: Int, isReversed: Bool) -> [String: ExportAttribute] {
    var result: [String: ExportAttribute] = ["hidden_size": .int(units)]
    if isReversed { result["direction"] = .string("reverse") }
    if resetAfter { result["linear_before_reset"] = .int(1) }
    let usual: [Activation] =
      switch type {
      case "LSTM": [.sigmoid, .tanh, .tanh]
      case "GRU": [.sigmoid, .tanh]
      default: [.tanh]
      }
    guard activations != usual else { return result }
    let functions = activations.compactMap(Self.function)
    result["activations"] = .strings(functions.map(\.name))
    let alphas = functions.compactMap(\.alpha), betas = functions.compactMap(\.beta)
    if !alphas.isEmpty { result["activation_alpha"] = .floats(alphas) }
    if !betas.isEmpty { result["activation_beta"] = .floats(betas) }
    return result
  }

  /// A kernel `[features, gates · units]` as the operator has it: `[1, gates · units, features]`.
  func kernel(_ kernel: Tensor) -> Tensor {
    let (rows, columns) = (kernel.shape[0], kernel.shape[1])
    let units = columns / gates.count, numbers = kernel.numbers
    var result: [Double] = []
    result.reserveCapacity(numbers.count)
    for gate in gates {
      for column in gate * units..<(gate + 1) * units {
        for row in 0..<rows { result.append(numbers[row * columns + column]) }
      }
    }
    return Tensor(TensorType(kernel.dtype, [1, columns, rows]), numbers: result)
  }

  /// The biases of the input and of the state, `[gates · units]` or none, as the operator has
  /// them: `[1, 2 · gates · units]`.
  func bias(_ input: Tensor?, _ state: Tensor?) -> Tensor? {
    guard let given = input ?? state else { return nil }
    let units = given.count / gates.count
    func ordered(_ bias: Tensor?) -> [Double] {
      guard let bias else { return Array(repeating: 0, count: given.count) }
      let numbers = bias.numbers
      return gates.flatMap { numbers[$0 * units..<($0 + 1) * units] }
    }
    return Tensor(
      TensorType(given.dtype, [1, 2 * given.count]), numbers: ordered(input) + ordered(state))
  }
}
