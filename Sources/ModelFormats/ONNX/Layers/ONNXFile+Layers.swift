import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension ONNXFile {
  /// The model in `data`, the bytes of an ONNX file, as layers that Keras has: it can be written to
  /// Keras's files.
  ///
  /// Inputs and outputs keep the file's order of axes; in between images are channels last. The
  /// batch is open. What computes the same in another way counts as the same: convolutions with
  /// uneven borders become a border and a convolution.
  ///
  /// - Parameters:
  ///   - data: The bytes.
  ///   - file: The name of the file, for messages.
  ///   - engine: What runs the graphs.
  /// - Returns: the model, with the weights of the file.
  /// - Throws: when the file is damaged, or has nodes that no layer of Keras computes: one error for
  ///   all of them.
  public static func layers(
    _ data: Data, file: String? = nil, engine: any Engine
  ) throws(FormatError) -> Model {
    let onnx = try ONNXModel(data, file: file)
    do {
      return try ONNXLayerNetwork(onnx, engine: engine).model()
    } catch {
      throw FormatError(onnx: error, onnx.name).naming(file)
    }
  }
}
