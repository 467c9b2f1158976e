import TensorGraph

/// A value of a graph of ONNX while it is evaluated.
package indirect enum ONNXValue {
  case tensor(ONNXTensor)
  /// Values of one type, in order.
  case sequence([ONNXValue], of: ONNXType)
  /// An optional that has nothing.
  case none

  /// Whether everything in it is known while the graph is made, and is no weight.
  var isConstant: Bool {
    switch self {
    case .tensor(let tensor): tensor.isConstant
    case .sequence(let values, _): values.allSatisfy(\.isConstant)
    case .none: true
    }
  }

  /// The tensors in it.
  var tensors: [ONNXTensor] {
    switch self {
    case .tensor(let tensor): [tensor]
    case .sequence(let values, _): values.flatMap(\.tensors)
    case .none: []
    }
  }

  /// The value with every tensor in it replaced.
  func mapped(_ body: (ONNXTensor) throws -> ONNXTensor) rethrows -> ONNXValue {
    switch self {
    case .tensor(let tensor): .tensor(try body(tensor))
    case .sequence(let values, let type):
      .sequence(try values.map { try $0.mapped(body) }, of: type)
    case .none: .none
    }
  }
}

/// A tensor of a graph of ONNX: known, a weight, or something that is computed.
package struct ONNXTensor {
  /// What is in it.
  package enum Content {
    /// Its numbers are known while the graph is made.
    case known(Tensor)
    /// A weight of the model, which starts as these numbers.
    case weight(name: String, Tensor)
    /// It is computed. Images that convolutions work on are held channels last, though the axes of
    /// the file are `[batch, channels, spatial…]`.
    case traced(Symbol, isChannelsLast: Bool)
  }

  /// The type of the elements in the file.
  package let type: ONNXType
  package let content: Content

  package init(_ type: ONNXType, _ content: Content) {
    self.type = type
    self.content = content
  }

  /// A known tensor.
  package init(_ tensor: Tensor, type: ONNXType? = nil) {
    self.init(type ?? ONNXType(tensor.dtype), .known(tensor))
  }

  /// A computed tensor, in the order of axes of the file.
  package init(_ symbol: Symbol, type: ONNXType? = nil) {
    self.init(type ?? ONNXType(symbol.dtype), .traced(symbol, isChannelsLast: false))
  }

  /// A computed tensor with channels last: `[batch, spatial…, channels]`.
  package init(channelsLast symbol: Symbol, type: ONNXType? = nil) {
    self.init(type ?? ONNXType(symbol.dtype), .traced(symbol, isChannelsLast: true))
  }

  /// The sizes of the axes, in the order of the file.
  package var shape: Shape {
    switch content {
    case .known(let tensor), .weight(_, let tensor): tensor.shape
    case .traced(let symbol, isChannelsLast: false): symbol.shape
    case .traced(let symbol, isChannelsLast: true):
      Shape([symbol.shape[0], symbol.shape[-1]] + symbol.shape.dims.dropFirst().dropLast())
    }
  }

  /// The numbers, if they are known while the graph is made.
  package var known: Tensor? {
    switch content {
    case .known(let tensor), .weight(_, let tensor): tensor
    case .traced: nil
    }
  }

  var isConstant: Bool {
    if case .known = content { return true }
    return false
  }

  var isChannelsLast: Bool {
    if case .traced(_, isChannelsLast: true) = content { return true }
    return false
  }
}

extension Symbol {
  /// `[batch, channels, spatial…]` as `[batch, spatial…, channels]`.
  package var channelsLast: Symbol {
    shape.rank < 3 ? self : transposed([0] + Array(2..<shape.rank) + [1])
  }

  /// `[batch, spatial…, channels]` as `[batch, channels, spatial…]`.
  package var channelsFirst: Symbol {
    shape.rank < 3 ? self : transposed([0, shape.rank - 1] + Array(1..<shape.rank - 1))
  }
}
