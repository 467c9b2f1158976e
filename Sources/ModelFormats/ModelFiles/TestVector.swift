import NeuralNetworks
import TensorGraph

/// A small input of a model and what the model gave for it: kept in a file, it tells whether the
/// machine that reads the file computes the same.
public struct TestVector: Sendable, Hashable {
  /// A tensor for each input of the model, of one or two samples.
  public let inputs: [Tensor]
  /// A tensor for each output.
  public let outputs: [Tensor]

  init(inputs: [Tensor], outputs: [Tensor]) {
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Draws inputs for `model` from a fixed seed, and computes the outputs.
  ///
  /// Floats are drawn from 0 to 1, integers and truth values are 0 or 1, since they may be numbers
  /// of tokens. Open sizes are small. There is none for models that read texts, that keep states
  /// from batch to batch, that give no finite numbers, or that cost more than `Limits`.
  public init?(of model: Model) { self.init(of: model, flops: Limits.flops) }

  /// The vector of `model` if it costs at most `flops` floating-point operations.
  init?(of model: Model, flops: Int) {
    let weights = model.declarations.reduce(0) { $0 + $1.type.byteCount }
    for samples in weights > Limits.weights ? [1] : [2, 1] {
      for open in [8, 16, 60, 256] {
        let types = model.inputs.map { $0.type(batch: samples, open: open) }
        guard types.allSatisfy({ $0.dtype != .string }), Limits.admit(types) else { break }
        guard let graph = try? model.predictionGraph(types) else { continue }
        guard graph.updates.allSatisfy({ $0 == nil }) else { return nil }
        guard Limits.admit(graph, flops) else { break }
        var random = SeededGenerator(seed: 0x7e57)
        let inputs = types.map { Self.drawn($0, &random) }
        guard let outputs = try? Self.outputs(of: model, graph, inputs),
          outputs.allSatisfy({ $0.dtype != .string }),
          Limits.admit((inputs + outputs).map(\.type)),
          outputs.allSatisfy({ output in output.numbers.allSatisfy { $0.isFinite } })
        else { break }
        self.init(inputs: inputs, outputs: outputs)
        return
      }
    }
    return nil
  }

  private static func drawn(_ type: TensorType, _ random: inout SeededGenerator) -> Tensor {
    Tensor(
      type,
      numbers: (0..<type.shape.count).map { _ in
        type.dtype.isFloatingPoint ? random.uniform() : Double(random.below(2))
      })
  }

  private static func outputs(
    of model: Model, _ graph: Graph, _ inputs: [Tensor]
  ) throws -> [Tensor] {
    var variables = model.variables  // shares their memory: nothing is updated
    return try model.engine.compile(graph).run(inputs, variables: &variables)
  }

  /// Computes the outputs again, and throws if they are others.
  ///
  /// Sums in another order, on other machines or with other numbers of threads, differ by much less
  /// than is let pass: a thousandth of the largest number of an output, or a twentieth where 16-bit
  /// floats are computed with. A vector that costs more than `Limits` is not computed.
  ///
  /// - Throws: when the vector does not fit `model`, or another output is computed.
  public func check(_ model: Model, file: String? = nil) throws(FormatError) {
    guard let deviation = try deviation(of: model, file), deviation.isTooLarge else { return }
    throw FormatError(
      "this machine computes something else than the one that wrote the file",
      got: deviation.description, file: file, hint: Self.hint)
  }

  /// How far what a model gives is from a vector, where it is farthest.
  struct Deviation: CustomStringConvertible {
    let output: String
    let index: Int
    let number: Double
    let expected: Double
    /// The difference in units of the largest number of the output.
    let share: Double
    /// The largest share that is let pass.
    let tolerance: Double

    // NaN is too large.
    var isTooLarge: Bool { !(share <= tolerance) }
    var description: String {
      "\(Float(number)) instead of \(Float(expected)), number \(index) of \(output)"
    }
  }

  /// How far what `model` gives is from the outputs; nothing when that is not computed, for the
  /// limits.
  func deviation(
    of model: Model, _ file: String? = nil, flops: Int = Limits.flops
  ) throws(FormatError) -> Deviation? {
    let types = inputs.map(\.type)
    let graph: Graph, computed: [Tensor]
    do {
      try model.check(types)
      graph = try model.predictionGraph(types)
      guard Limits.admit(types), graph.updates.allSatisfy({ $0 == nil }), Limits.admit(graph, flops)
      else {
        return nil
      }
      computed = try Self.outputs(of: model, graph, inputs)
    } catch {
      throw Self.misfit(FormatError(error).message, file)
    }
    guard computed.map(\.type) == outputs.map(\.type) else {
      throw Self.misfit("outputs of \(outputs.map(\.type)), not \(computed.map(\.type))", file)
    }
    let isNarrow = graph.nodes.contains { node in
      node.types.contains { $0.dtype == .float16 || $0.dtype == .bfloat16 }
    }
    var farthest: Deviation?
    for (name, (expected, got)) in zip(model.outputNames, zip(outputs, computed)) {
      let expected = expected.numbers
      // The least scale keeps sums that cancel each other from being compared with each other.
      let scale = expected.reduce(1e-3) { max($0, $1.magnitude) }
      for (index, (number, right)) in zip(got.numbers, expected).enumerated() {
        let share = (number - right).magnitude / scale
        guard !(share <= farthest?.share ?? -1) else { continue }
        farthest = Deviation(
          output: name, index: index, number: number, expected: right, share: share,
          tolerance: isNarrow ? 0.05 : 1e-3)
        if share.isNaN { return farthest }
      }
    }
    return farthest
  }

  private static func misfit(_ got: String, _ file: String?) -> FormatError {
    FormatError(
      "the test vector of the file does not fit its model", got: got, file: file, hint: hint)
  }

  private static let hint =
    "report it with the file; to use the model all the same: checksTestVector: false"

  /// What a vector may cost: so much that nobody waits for it.
  enum Limits {
    /// The bytes of inputs and outputs together.
    static let byteCount = 1 << 20
    /// Floating-point operations: some twenty milliseconds.
    static let flops = 2_000_000_000
    /// The bytes of weights up to which there are two samples: for products with more than one,
    /// engines put weights in another order first, which takes longer than the product.
    static let weights = 1 << 24
    /// The bytes of all that is computed on the way.
    static let memory = 1 << 29

    static func admit(_ types: [TensorType]) -> Bool {
      types.reduce(0.0) { sum, type in
        sum + type.shape.dims.reduce(Double(type.dtype.byteCount)) { $0 * Double($1) }
      } <= Double(byteCount)
    }

    static func admit(_ graph: Graph, _ flops: Int) -> Bool {
      let cost = GraphCost(graph)
      return !cost.hasOpenEnd && cost.flops <= flops && cost.byteCount <= memory
    }
  }
}
