import NeuralNetworks
import TensorGraph

/// The graph of an ONNX file as a network: its nodes are layers, its float tensors weights.
///
/// Sizes that the file leaves open are those of the data. Batch normalization and dropout do in
/// training what they are for.
///
/// - Input, output: those of the file, in its order of axes
package final class ONNXNetwork: MultiInputLayer, OutputNamingLayer {
  package let model: ONNXModel
  private let engine: any Engine

  package var name: String? { model.name }
  package var outputNames: [String] { model.outputNames }
  package var castsInputs: Bool { false }
  package var masking: MaskHandling { .explicit }
  package var takesList: Bool { model.graph.inputs.count > 1 }

  /// The network of `model`; `engine` computes what is known in advance.
  package init(_ model: ONNXModel, engine: any Engine) {
    self.model = model
    self.engine = engine
  }

  package func call(_ x: [Symbol], _ context: LayerContext) -> [Symbol] {
    guard let trace = x.first?.trace else { return [] }
    do {
      let values = zip(model.graph.inputs, x).map { port, symbol in
        ONNXValue.tensor(ONNXTensor(symbol, type: port.type))
      }
      let evaluation = ONNXEvaluation(model.functions, isEager: false, engine: engine)
      return try evaluation.outputs(of: model.graph, values, in: nil, trace).map { value in
        guard case .tensor(let tensor) = value else {
          throw ONNXError.mistake("an output is a sequence, which no model can give")
        }
        switch tensor.content {
        case .traced(let symbol, isChannelsLast: true): return symbol.channelsFirst
        case .traced(let symbol, isChannelsLast: false): return symbol
        case .known(let known), .weight(_, let known): return trace.constant(known)
        }
      }
    } catch {
      guard trace.errors.isEmpty else { return model.graph.outputs.map { _ in trace.invalid } }
      let report = FormatError(onnx: error, model.name)
      let failed = trace.fail(report.message, hint: report.hint)
      return model.graph.outputs.map { _ in failed }
    }
  }
}
