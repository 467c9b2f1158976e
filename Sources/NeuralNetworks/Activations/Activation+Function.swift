import TensorGraph

extension Activation {
  /// Applies the function to `x`.
  public func callAsFunction(_ x: Symbol) -> Symbol {
    guard x.isValid else { return x }
    return switch self {
    case .linear: x
    case .relu: TensorGraph.relu(x)
    case .leakyReLU: TensorGraph.leakyReLU(x)
    case .relu6: TensorGraph.relu6(x)
    case .elu: TensorGraph.elu(x)
    case .celu: TensorGraph.celu(x)
    case .selu: TensorGraph.selu(x)
    case .gelu: TensorGraph.gelu(x)
    case .glu: TensorGraph.glu(x)
    case .silu: TensorGraph.silu(x)
    case .mish: TensorGraph.mish(x)
    case .exponential: TensorGraph.exponential(x)
    case .sigmoid: TensorGraph.sigmoid(x)
    case .logSigmoid: TensorGraph.logSigmoid(x)
    case .hardSigmoid: TensorGraph.hardSigmoid(x)
    case .hardSilu: TensorGraph.hardSiLU(x)
    case .tanh: TensorGraph.tanh(x)
    case .hardTanh: TensorGraph.hardTanh(x)
    case .tanhShrink: TensorGraph.tanhShrink(x)
    case .hardShrink: TensorGraph.hardShrink(x)
    case .softShrink: TensorGraph.softShrink(x)
    case .softplus: TensorGraph.softplus(x)
    case .squareplus: TensorGraph.squareplus(x)
    case .softsign: TensorGraph.softsign(x)
    case .softmax: TensorGraph.softmax(x)
    case .logSoftmax: TensorGraph.logSoftmax(x)
    case .sparsemax: TensorGraph.sparsemax(x)
    case .sparsePlus: TensorGraph.sparsePlus(x)
    case .sparseSigmoid: TensorGraph.sparseSigmoid(x)
    }
  }
}
