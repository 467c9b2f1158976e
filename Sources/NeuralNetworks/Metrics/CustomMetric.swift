import TensorGraph

/// A metric written as a function of symbols: the mean of its values over all samples.
///
///     let closeness = CustomMetric("within_one") { target, prediction in
///       (abs(prediction - target) .< 1).cast(to: .float32).mean(axes: [-1])
///     }
///     try model.compile(optimizer: .adam(), loss: .meanSquaredError, metrics: [.value(closeness)])
///
/// A metric that is no mean is a type of its own: see `Metric`. Files hold data and not code: a
/// model that was compiled with it is saved before `compile`, or compiled anew without it.
public struct CustomMetric: MeanMetric {
  /// A number for each sample, `[batch, …]`, of targets and predictions of the shapes that `targets`
  /// allows.
  public typealias Function = @Sendable (_ target: Symbol, _ prediction: Symbol) -> Symbol

  /// What logs call it.
  public let name: String
  public let targets: TargetForm
  private let body: Body

  /// A reference, so that metrics can be compared: functions cannot.
  private final class Body: Sendable {
    let function: Function
    init(_ function: @escaping Function) { self.function = function }
  }

  /// Creates a metric that is the mean of `values`.
  ///
  /// - Parameters:
  ///   - name: What logs call it.
  ///   - targets: What targets have to be.
  ///   - values: A number for each sample, `[batch, …]`, or one for the batch.
  public init(
    _ name: String, targets: TargetForm = .numbers, _ values: @escaping Function
  ) {
    self.name = name
    self.targets = targets
    body = Body(values)
  }

  public var defaultName: String { name }
  public func values(_ target: Symbol, _ prediction: Symbol) -> Symbol {
    guard target.isValid, prediction.isValid else { return prediction.trace.invalid }
    let values = body.function(target, prediction)
    guard values.isValid else { return values }
    guard values.shape.rank == 0 || values.shape.dims.first == prediction.shape.dims.first else {
      return prediction.trace.fail(
        "the metric \(name) is \(values.shape) for predictions of shape \(prediction.shape)",
        operands: [target.type, prediction.type],
        hint: "it needs a number for each sample: .mean(axes: [-1]) is one")
    }
    return values.floatingPoint
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.name == b.name && a.targets == b.targets && a.body === b.body
  }

  public init(from decoder: any Decoder) throws {
    throw ConfigurationError(
      "a custom metric cannot be read from a file, which has no code", hint: "compile with it anew")
  }

  public func encode(to encoder: any Encoder) throws {
    throw ConfigurationError(
      "the metric \(name) is a function of Swift, and a file cannot hold code",
      hint: "save the model without its optimizer, and compile it with the metric after loading")
  }
}
