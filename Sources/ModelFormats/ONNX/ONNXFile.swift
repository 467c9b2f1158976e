import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Models in ONNX's files, both ways.
public enum ONNXFile {
  /// The model in `data`, the bytes of an ONNX file: it predicts, and can be trained further.
  ///
  /// Every node is a layer, every float tensor of the file that is computed with is a weight. Axes
  /// that the file leaves open are open in the model; the first axis of an input is the batch.
  ///
  /// - Parameters:
  ///   - data: The bytes.
  ///   - file: The name of the file, for messages.
  ///   - engine: What runs the graphs.
  /// - Returns: the model, with the weights of the file.
  /// - Throws: when the file is damaged, has operators that Strata does not have, or a structure
  ///   that depends on the numbers of its inputs.
  public static func model(
    _ data: Data, file: String? = nil, engine: any Engine
  ) throws(FormatError) -> Model {
    let onnx = try ONNXModel(data, file: file)
    do {
      let inputs = try onnx.graph.inputs.map { port throws(FormatError) in try port.layer() }
      return try Model(
        network: ONNXNetwork(onnx, engine: engine), inputs: inputs, name: onnx.name, seed: 0,
        engine: engine, drawsWeights: false)
    } catch {
      throw FormatError(error).naming(file)
    }
  }
}

extension ONNXGraph.Port {
  /// Where the data of this input enters a model.
  func layer() throws(FormatError) -> InputLayer {
    guard let dtype = type?.dtype else {
      throw FormatError("the input \(name) is no tensor of an element type that Strata has")
    }
    guard let shape, let batch = shape.first else {
      throw FormatError(
        "the input \(name) has no batch",
        got: shape == nil ? "a shape that the file leaves open" : "a single number",
        hint: "run the file as it is, with strata predict")
    }
    return InputLayer(Array(shape.dropFirst()), dtype: dtype, batchSize: batch, name: name)
  }
}
