import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph

extension PredictCommand {
  /// What the ONNX file `data` gives: as a model, batch by batch, or, where the file is no model or
  /// the inputs are no samples, all at once, by whatever shapes its operators take.
  func answers(
    ofONNX data: Data, _ path: String, _ engine: any Engine
  ) throws -> (names: [String], outputs: [Tensor]) {
    let onnx = try ONNXModel(data, file: path)
    if let model = try? ONNXFile.model(data, file: path, engine: engine),
      let inputs = try? self.inputs(of: model),
      (try? model.check(inputs.map(\.type), ofBatch: false)) != nil
    {
      if engineOptions.checksTestVector {
        try TestVector(onnx: data, file: path)?.check(model, file: path)
      }
      // A file may be for one number of samples only.
      let fixed = model.inputs.compactMap(\.batchSize).first
      let samples = inputs.first?.shape.dims.first ?? 0
      if fixed.map({ samples % max($0, 1) == 0 }) ?? true {
        return (
          onnx.outputNames, try model.predict(inputs, batchSize: fixed ?? batch.size)
        )
      }
    }
    let arrays = try ArrayFiles(x, option: "--x")
    guard arrays.names.isEmpty || arrays.names.count == arrays.tensors.count,
      arrays.tensors.count <= onnx.inputNames.count
    else {
      throw FormatError(
        "the file has \(onnx.inputNames.count) inputs", got: "\(arrays.tensors.count) arrays",
        file: path, hint: "they are called \(onnx.inputNames.joined(separator: ", "))")
    }
    let names = arrays.names.isEmpty ? onnx.inputNames : arrays.names
    let inputs = Dictionary(zip(names, arrays.tensors), uniquingKeysWith: { first, _ in first })
    let outputs: [String: Tensor]
    do throws(FormatError) {
      outputs = Dictionary(
        uniqueKeysWithValues: try onnx.run(inputs, engine: engine).map { ($0, $1) })
    } catch {
      throw error.naming(path)
    }
    return (onnx.outputNames, onnx.outputNames.compactMap { outputs[$0] })
  }
}
