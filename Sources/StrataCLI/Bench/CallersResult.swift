import Dispatch
import NeuralNetworks
import Synchronization
import TensorGraph

/// How many predictions one caller gets, and several at a time.
struct CallersResult {
  private let name: String
  private let batchSize: Int
  private let callers: Int
  /// Predictions a second.
  private let alone: Double, together: Double

  /// Measures for a second each; what has to be compiled is compiled before.
  init(_ model: Model, _ data: TrainingData, called name: String, callers: Int) throws {
    (self.name, self.callers, batchSize) = (name, callers, data.sampleCount)
    let predictor = model.predictor(), inputs = data.inputs
    func rate(_ callers: Int) throws -> Double {
      _ = try Self.count(predictor, inputs, callers, .milliseconds(300))
      return Double(try Self.count(predictor, inputs, callers, .seconds(1)))
    }
    alone = try rate(1)
    together = try rate(callers)
  }

  /// How many predictions so many callers get in `duration`, each on a thread of its own.
  private static func count(
    _ predictor: Predictor, _ inputs: [Tensor], _ callers: Int, _ duration: Duration
  ) throws -> Int {
    let clock = ContinuousClock(), end = clock.now + duration
    let outcome = Mutex<Result<Int, any Error>>(.success(0)), group = DispatchGroup()
    for caller in 0..<callers {
      DispatchQueue(label: "caller \(caller)").async(group: group) {
        let own = Result<Int, any Error> {
          var count = 0
          while clock.now < end {
            _ = try predictor.predict(inputs, batchSize: inputs[0].shape[0])
            count += 1
          }
          return count
        }
        outcome.withLock { outcome in
          outcome = Result { try outcome.get() + own.get() }
        }
      }
    }
    group.wait()
    return try outcome.withLock { try $0.get() }
  }

  var json: JSON {
    .object([
      ("name", .string(name)), ("batch", .int(batchSize)), ("callers", .int(callers)),
      ("alone_per_s", .number(alone)), ("together_per_s", .number(together)),
    ])
  }

  static let header = row(["", "batch", "callers", "one, 1/s", "all, 1/s"])

  var text: String {
    Self.row([
      name, "\(batchSize)", "\(callers)", Console.short(alone), Console.short(together),
    ])
  }

  private static func row(_ cells: [String]) -> String {
    let name = cells[0] + String(repeating: " ", count: max(14 - cells[0].count, 1))
    return name
      + cells.dropFirst().map { String(repeating: " ", count: max(12 - $0.count, 1)) + $0 }.joined()
  }
}
