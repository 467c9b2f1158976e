import Synchronization
import TensorGraph

/// A snapshot of a model that predicts, for any number of threads at once.
///
///     let predictor = model.predictor()
///     let y = try predictor.predict(x)
///
/// It shares the weights the model had when it was taken, and never changes: training the model
/// further does not touch it, and a stateful layer begins each call with the states it had then.
///
/// Calls do not wait for each other. One alone has all cores; several at a time divide them, so that
/// together they do as much as the machine can.
public final class Predictor: Sendable {
  /// What the model is called.
  public let name: String
  private let network: any Layer
  private let inputs: [InputLayer]
  private let structure: NetworkStructure
  private let dtypePolicy: DTypePolicy
  private let engine: any Engine
  private let weights: [Tensor]
  private let pool = Mutex(Pool())

  /// Executables that nobody uses at the moment, the last used at the end.
  private struct Pool {
    var idle: [(use: Use, executable: Lease)] = []
    /// How many calls there are at the moment.
    var callers = 0
    static let limit = 32
  }

  /// What an executable is for: inputs of these types, and so many callers at a time.
  private struct Use: Equatable {
    var types: [TensorType]
    var callers: Int
  }

  /// An executable on its way into or out of the pool.
  ///
  /// Unchecked because it is used by one thread at a time: it is taken out of the pool under its
  /// lock, run, and only then put back.
  private struct Lease: @unchecked Sendable {
    let executable: any Executable
  }

  init(_ model: Model) {
    name = model.name
    network = model.network
    inputs = model.inputs
    structure = model.structure
    dtypePolicy = model.dtypePolicy
    engine = model.engine
    weights = Array(model.variables.prefix(model.declarations.count))
  }

  /// What the model gives for `x`, one tensor for each of its inputs, of any number of samples.
  ///
  /// - Throws: when `x` does not fit, or the model has several outputs.
  public func predict(_ x: Tensor..., batchSize: Int = 32) throws -> Tensor {
    try only(predict(x, batchSize: batchSize), name)
  }

  /// All outputs of the model for `x`, one tensor for each of its inputs.
  ///
  /// - Throws: when `x` does not fit.
  public func predict(_ x: [Tensor], batchSize: Int = 32) throws -> [Tensor] {
    try inBatches(x, of: batchSize, structure, inputs, name) { batch in
      let (lease, use) = try take(batch.map(\.type))
      defer { give(lease, use) }
      var variables = weights  // shares their memory: nothing here is updated
      return lease.executable.run(batch, variables: &variables)
    }
  }

  private func take(_ types: [TensorType]) throws -> (Lease, Use) {
    let (use, idle) = pool.withLock { pool -> (Use, Lease?) in
      pool.callers += 1
      // 1, 2, 4, 8…: few kinds of executables serve any number.
      var callers = 1
      while callers < pool.callers { callers *= 2 }
      let use = Use(types: types, callers: callers)
      guard let index = pool.idle.lastIndex(where: { $0.use == use }) else { return (use, nil) }
      return (use, pool.idle.remove(at: index).executable)
    }
    if let idle { return (idle, use) }
    do {
      let traced = TracedNetwork(
        network, name: name, inputs: inputs, types: types, declarations: structure.declarations,
        policy: dtypePolicy)
      let executable = try engine.shared(by: use.callers)
        .compile(traced.trace.graph(returning: traced.outputs))
      return (Lease(executable: executable), use)
    } catch {
      pool.withLock { $0.callers -= 1 }
      throw error
    }
  }

  private func give(_ lease: Lease, _ use: Use) {
    pool.withLock { pool in
      pool.callers -= 1
      if pool.idle.count >= Pool.limit { pool.idle.removeFirst() }
      pool.idle.append((use, lease))
    }
  }
}

extension Model {
  /// A snapshot of the model that predicts, for any number of threads at once.
  public func predictor() -> Predictor { Predictor(self) }
}
