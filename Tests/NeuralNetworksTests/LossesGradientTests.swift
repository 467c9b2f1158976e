import NeuralNetworks
import TensorGraph
import TestKit
import Testing

/// Each loss against finite differences, in `Double`: its gradient and the gradient's.
@Suite("Gradients of losses") struct LossesGradientTests {
  /// What a loss is tried on.
  enum Kind: Sendable {
    case labels, oneHot, bits, signs, numbers, positive, distribution, identities, spelling
  }

  /// A loss with predictions that are numbers of a range, made what it takes by `activation`.
  struct Trial: Sendable, CustomStringConvertible {
    var description: String
    var loss: any Loss
    var kind: Kind
    var shape: Shape = [3, 4]
    var range: ClosedRange<Double> = -2...2
    var activation: @Sendable (Symbol) -> Symbol = { $0 }

    init(
      _ name: String, _ loss: any Loss, _ kind: Kind, _ shape: Shape = [3, 4],
      _ range: ClosedRange<Double> = -2...2,
      _ activation: @escaping @Sendable (Symbol) -> Symbol = { $0 }
    ) {
      (description, self.loss, self.kind) = (name, loss, kind)
      (self.shape, self.range, self.activation) = (shape, range, activation)
    }

    /// Targets for the predictions.
    var target: Tensor {
      var random = NeuralNetworks.SeededGenerator(seed: streamHash(description))
      let rows = shape.count / shape[-1]
      func numbers(_ shape: Shape, _ next: () -> Double) -> Tensor {
        Tensor(TensorType(.float64, shape), numbers: (0..<shape.count).map { _ in next() })
      }
      func labels(_ shape: Shape, _ count: Int) -> Tensor {
        Tensor(
          TensorType(.int32, shape),
          numbers: (0..<shape.count).map { _ in Double(random.below(count)) })
      }
      switch kind {
      case .labels: return labels(Shape(shape.dims.dropLast()), shape[-1])
      case .oneHot:
        let chosen = (0..<rows).map { _ in random.below(shape[-1]) }
        return Tensor(
          TensorType(.float64, shape),
          numbers: (0..<shape.count).map { chosen[$0 / shape[-1]] == $0 % shape[-1] ? 1 : 0 })
      case .bits: return numbers(shape) { Double(random.below(2)) }
      case .signs: return numbers(shape) { random.below(2) == 0 ? -1 : 1 }
      case .numbers: return numbers(shape) { random.uniform() * 4 - 2 }
      case .positive: return numbers(shape) { random.uniform() * 4 + 0.5 }
      case .distribution: return numbers(shape) { (random.uniform() + 0.1) / 5 }
      case .identities: return Tensor([shape[0]], (0..<shape[0]).map { Int32($0 % 2) })
      case .spelling: return Tensor([3, 2], [1, 1, 2, 1, 3, 0] as [Int32])
      }
    }

    var operation: OperationCase {
      let (loss, target, activation) = (loss, target, activation)
      return OperationCase(
        description, [.floats(shape, range, dtype: .float64)],
        function: { x in
          let prediction = activation(x[0])
          let y = loss.targets.aligned(x[0].trace.constant(target), with: prediction)
          return loss.values(y, prediction)
        })
    }
  }

  private static let sigmoid: @Sendable (Symbol) -> Symbol = { TensorGraph.sigmoid($0) }
  private static let softmax: @Sendable (Symbol) -> Symbol = { TensorGraph.softmax($0) }
  private static let softmaxOverTime: @Sendable (Symbol) -> Symbol = {
    TensorGraph.softmax($0, axis: 1)
  }

  private static let plain: [Trial] = [
    Trial("mse", MeanSquaredError(), .numbers), Trial("mae", MeanAbsoluteError(), .numbers),
    Trial("mape", MeanAbsolutePercentageError(), .numbers),
    Trial("msle", MeanSquaredLogarithmicError(), .positive, [3, 4], 0.2...3),
    Trial("huber", Huber(delta: 0.7), .numbers), Trial("log cosh", LogCosh(), .numbers),
    Trial("poisson", Poisson(), .positive, [3, 4], 0.2...3),
    Trial("cosine", CosineSimilarity(), .numbers),
    Trial("cosine axis", CosineSimilarity(axis: 1), .numbers, [2, 3, 2]),
    Trial("hinge", Hinge(), .signs), Trial("squared hinge", SquaredHinge(), .bits),
    Trial("categorical hinge", CategoricalHinge(), .oneHot),
    Trial("dice", Dice(), .bits, [3, 4], 0.1...0.9),
    Trial("dice axis", Dice(axis: [1, 2]), .bits, [2, 3, 2], 0.1...0.9),
    Trial("tversky", Tversky(alpha: 0.3, beta: 0.8), .bits, [3, 4], 0.1...0.9),
    Trial("circle", Circle(gamma: 2), .identities, [4, 3], -0.6...0.6),
    Trial(
      "circle diagonal", Circle(gamma: 3, removeDiagonal: false), .identities, [4, 3], -0.5...0.5),
    Trial("ctc", CTC(), .spelling, [3, 4, 5]),
    Trial(
      "custom", CustomLoss("cubes") { y, p in abs((p - y) * (p - y) * (p - y)).mean(axes: [-1]) },
      .numbers),
  ]

  private static let probabilistic: [Trial] = [
    Trial("sparse", SparseCategoricalCrossentropy(), .labels, [3, 4], -2...2, softmax),
    Trial("sparse probabilities", SparseCategoricalCrossentropy(), .labels, [3, 4], 0.1...0.9),
    Trial(
      "sparse axis", SparseCategoricalCrossentropy(axis: 1), .labels, [2, 2, 2], -2...2,
      softmaxOverTime),
    Trial("categorical", CategoricalCrossentropy(), .oneHot, [3, 4], -2...2, softmax),
    Trial("categorical probabilities", CategoricalCrossentropy(), .oneHot, [3, 4], 0.1...0.9),
    Trial(
      "categorical axis", CategoricalCrossentropy(labelSmoothing: 0.1, axis: 1), .bits, [2, 3, 2],
      -2...2, softmaxOverTime),
    Trial("binary", BinaryCrossentropy(), .bits, [3, 4], -2...2, sigmoid),
    Trial("binary axis", BinaryCrossentropy(axis: 1), .bits, [2, 3, 2], 0.1...0.9),
    Trial("kl", KLDivergence(), .distribution, [3, 4], -2...2, softmax),
    Trial("kl probabilities", KLDivergence(), .distribution, [3, 4], 0.1...0.9),
    Trial(
      "binary focal", BinaryFocalCrossentropy(applyClassBalancing: true, gamma: 1.5), .bits,
      [3, 4],
      -2...2, sigmoid),
    Trial("binary focal probabilities", BinaryFocalCrossentropy(), .bits, [3, 4], 0.1...0.9),
    Trial(
      "binary focal flat", BinaryFocalCrossentropy(gamma: 0, fromLogits: true, axis: 1), .bits,
      [2, 3, 2]),
    Trial(
      "categorical focal",
      CategoricalFocalCrossentropy(alpha: [0.1, 0.2, 0.3, 0.4], gamma: 0.5), .oneHot, [3, 4],
      -2...2, softmax),
    Trial(
      "categorical focal probabilities", CategoricalFocalCrossentropy(), .oneHot, [3, 4], 0.1...0.9),
    Trial(
      "categorical focal axis", CategoricalFocalCrossentropy(axis: 1), .bits, [2, 3, 2], -2...2,
      softmaxOverTime),
    Trial(
      "generalized", CategoricalGeneralizedCrossEntropy(q: 0.3), .labels, [3, 4], -2...2, softmax),
    Trial(
      "generalized probabilities", CategoricalGeneralizedCrossEntropy(), .labels, [3, 4], 0.1...0.9),
  ]

  @Test("Losses of numbers, scores and sequences", arguments: plain)
  func numbers(_ trial: Trial) throws { try trial.operation.checkGradients() }

  @Test("Losses of probabilities", arguments: probabilistic)
  func probabilities(_ trial: Trial) throws { try trial.operation.checkGradients() }
}
