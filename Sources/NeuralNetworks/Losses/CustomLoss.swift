import TensorGraph

/// A loss written as a function of symbols.
///
///     let capped = CustomLoss("capped_error") { target, prediction in
///       minimum(abs(prediction - target), 1).mean(axes: [-1])
///     }
///     try model.compile(optimizer: .adam(), loss: .value(capped))
///
/// Files hold data and not code: a model that was compiled with it can be saved before `compile`,
/// its weights at any time.
public struct CustomLoss: Loss {
  /// A number for each sample, `[batch, …]`, of targets and predictions of the shapes that `targets`
  /// allows.
  public typealias Function = @Sendable (_ target: Symbol, _ prediction: Symbol) -> Symbol

  /// What messages call it.
  public let name: String
  public let targets: TargetForm
  public let reduction: LossReduction
  private let body: Body

  /// A reference, so that losses can be compared: functions cannot.
  private final class Body: Sendable {
    let function: Function
    init(_ function: @escaping Function) { self.function = function }
  }

  /// Creates a loss that computes `values`.
  ///
  /// - Parameters:
  ///   - name: What messages call it.
  ///   - targets: What targets have to be.
  ///   - reduction: How the values of a batch become one number.
  ///   - values: A number for each sample, `[batch, …]`, or one for the batch.
  public init(
    _ name: String, targets: TargetForm = .numbers, reduction: LossReduction = .sumOverBatchSize,
    _ values: @escaping Function
  ) {
    self.name = name
    self.targets = targets
    self.reduction = reduction
    body = Body(values)
  }

  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return prediction.trace.invalid }
    let values = body.function(target, prediction)
    guard values.isValid else { return values }
    guard values.shape.rank == 0 || values.shape.dims.first == prediction.shape.dims.first else {
      return prediction.trace.fail(
        "the loss \(name) is \(values.shape) for predictions of shape \(prediction.shape)",
        operands: [target.type, prediction.type],
        hint: "it needs a number for each sample: .mean(axes: [-1]) is one")
    }
    return values.floatingPoint
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.name == b.name && a.targets == b.targets && a.reduction == b.reduction && a.body === b.body
  }

  public init(from decoder: any Decoder) throws {
    throw ConfigurationError(
      "a custom loss cannot be read from a file, which has no code", hint: "compile with it anew")
  }

  public func encode(to encoder: any Encoder) throws { throw IsCode(name: name) }

  /// Why a loss is in no file.
  private struct IsCode: Error, CustomStringConvertible {
    let name: String
    var description: String {
      "the loss \(name) is a function of Swift, which no file can hold; save the weights alone, or "
        + "compile with a loss that has a name"
    }
  }
}
