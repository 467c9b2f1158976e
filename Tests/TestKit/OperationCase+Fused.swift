import TensorGraph

/// A fused operation with operands to try it on.
public struct FusedCase: Sendable, CustomStringConvertible {
  /// What it is called in reports.
  public var description: String
  /// The operation.
  public var operation: any FusedOperation
  /// The operands.
  public var operands: [OperationCase.Operand]
  /// How many of the results, from the first, a model uses; the others are for the gradient.
  public var used: Int
  /// How many results there are.
  public var results: Int

  init(
    _ description: String, _ operation: any FusedOperation, used: Int = 1, of results: Int = 1,
    _ operands: [OperationCase.Operand]
  ) {
    self.description = description
    self.operation = operation
    self.operands = operands
    self.used = used
    self.results = results
  }

  /// The table.
  public static var all: [FusedCase] { activations + normalizations + attentions + recurrences }

  private static var activations: [FusedCase] {
    [
      FusedCase("softmax", Fused.Softmax(), [.floats([2, 3, 4])]),
      FusedCase("softmax of one class", Fused.Softmax(), [.floats([3, 1])]),
      FusedCase("softmax gradient", Fused.SoftmaxGradient(), [.floats([2, 4]), .floats([2, 4])]),
      FusedCase("log softmax", Fused.LogSoftmax(), [.floats([2, 3, 4])]),
      FusedCase(
        "log softmax gradient", Fused.LogSoftmaxGradient(), [.floats([2, 4]), .floats([2, 4])]),
      FusedCase(
        "softmax cross-entropy", Fused.SoftmaxCrossEntropy(), of: 2,
        [.floats([4, 3]), .numbers([4], [0, 2, 1, 2], dtype: .int32)]),
      FusedCase(
        "softmax cross-entropy gradient", Fused.SoftmaxCrossEntropyGradient(),
        [.floats([4, 3]), .numbers([4], [0, 2, 1, 2], dtype: .int32), .floats([4])]),
    ]
  }

  private static var normalizations: [FusedCase] {
    [
      FusedCase(
        "layer normalization", Fused.LayerNormalization(epsilon: 1e-3), of: 3,
        [.floats([3, 5]), .floats([5]), .floats([5])]),
      FusedCase(
        "layer normalization gradient", Fused.LayerNormalizationGradient(), used: 3, of: 3,
        [.floats([3, 5]), .floats([3, 5]), .floats([5]), .floats([3]), .floats([3])]),
      FusedCase(
        "batch normalization", Fused.BatchNormalization(epsilon: 1e-3), of: 3,
        [.floats([5, 3]), .floats([3]), .floats([3])]),
      FusedCase(
        "batch normalization gradient", Fused.BatchNormalizationGradient(epsilon: 1e-3), used: 3,
        of: 3,
        [.floats([5, 3]), .floats([5, 3]), .floats([3]), .floats([3]), .floats([3], 0.5...2)]),
    ]
  }

  private static var attentions: [FusedCase] {
    let operands: [OperationCase.Operand] = [
      .floats([2, 2, 3, 4]), .floats([2, 2, 5, 4]), .floats([2, 2, 5, 3]),
    ]
    // The second query of the second example sees nothing.
    let mask: [Double] = [1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    let rows = mask + [0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    func attention(isCausal: Bool = false, hasMask: Bool = false) -> Fused.Attention {
      Fused.Attention(scale: 0.5, isCausal: isCausal, hasMask: hasMask)
    }
    return [
      FusedCase("attention", attention(), operands),
      FusedCase("attention, causal", attention(isCausal: true), operands),
      FusedCase(
        "attention, masked", attention(hasMask: true),
        operands + [.numbers([2, 1, 3, 5], rows, dtype: .bool)]),
      FusedCase(
        "attention, masked keys", attention(hasMask: true),
        operands + [.numbers([2, 1, 1, 5], [1, 1, 1, 0, 0, 0, 0, 0, 0, 0], dtype: .bool)]),
      FusedCase(
        "attention, causal and masked", attention(isCausal: true, hasMask: true),
        operands + [.numbers([1, 1, 3, 5], mask, dtype: .bool)]),
    ]
  }

  private static var recurrences: [FusedCase] {
    let mask = OperationCase.Operand.numbers(
      [3, 4], [1, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0], dtype: .bool)
    let states: OperationCase.Operand = .floats([3, 2], -1...1)
    let lstm: [OperationCase.Operand] = [.floats([3, 4, 8]), .floats([2, 8]), states, states]
    let gru: [OperationCase.Operand] = [
      .floats([3, 4, 6]), .floats([2, 6]), .floats([6]), states,
    ]
    let lstmGradient: [OperationCase.Operand] = [
      .floats([3, 4, 2]), states, states, .floats([3, 4, 8], 0.1...0.9), .floats([3, 4, 2]),
      .floats([2, 8]), states,
    ]
    let gruGradient: [OperationCase.Operand] = [
      .floats([3, 4, 2]), states, .floats([3, 4, 6], 0.1...0.9), .floats([3, 4, 2]),
      .floats([3, 4, 2]), .floats([2, 6]),
    ]
    return [
      FusedCase("lstm", Fused.LSTM(), used: 3, of: 5, lstm),
      FusedCase("lstm, masked", Fused.LSTM(hasMask: true), used: 3, of: 5, lstm + [mask]),
      FusedCase("lstm gradient", Fused.LSTMGradient(), used: 3, of: 3, lstmGradient),
      FusedCase(
        "lstm gradient, masked", Fused.LSTMGradient(hasMask: true), used: 3, of: 3,
        lstmGradient + [mask]),
      FusedCase("gru", Fused.GRU(), used: 2, of: 4, gru),
      FusedCase("gru, masked", Fused.GRU(hasMask: true), used: 2, of: 4, gru + [mask]),
      FusedCase("gru gradient", Fused.GRUGradient(), used: 3, of: 3, gruGradient),
      FusedCase(
        "gru gradient, masked", Fused.GRUGradient(hasMask: true), used: 3, of: 3,
        gruGradient + [mask]),
    ]
  }
}

extension OperationCase {
  /// Fused operations: with the results a model uses, and with all of them.
  static var fused: [OperationCase] {
    FusedCase.all.flatMap { fused in
      Set([fused.used, fused.results]).sorted().map { count in
        OperationCase(
          fused.description + (count == fused.used ? "" : ", all results"), fused.operands,
          tolerance: .ulpsOfLargest(64)
        ) { x in
          Array(
            x[0].trace.emit(fused.operation, x, results: fused.results).prefix(count))
        }
      }
    }
  }
}
