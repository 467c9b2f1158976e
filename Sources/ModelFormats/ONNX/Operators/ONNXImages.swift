import FoundationEssentials
import NeuralNetworks
import TensorGraph

extension ONNXOperator {
  /// Images.
  static let images: [String: ONNXOperator] = [
    "Resize": ONNXOperator { try $0.resized() },
    "Upsample": ONNXOperator { try $0.resized() },
    "GridSample": ONNXOperator { try $0.sampledByGrid() },
    "AffineGrid": ONNXOperator { try $0.affineGrid() },
    "ImageDecoder": ONNXOperator { try $0.decodedImage() },
  ]
}

extension ONNXCall {
  /// The picture in the bytes of a PNG or JPEG file: `[height, width, channels]`.
  fileprivate func decodedImage() throws -> [ONNXValue] {
    let format = string("pixel_format", "RGB")
    guard ["RGB", "BGR", "Grayscale"].contains(format) else {
      throw ONNXError.mistake("pixel_format is \(format)")
    }
    let bytes = try known(0)
    guard bytes.dtype == .uint8 else { throw ONNXError.mistake("pictures are bytes, uint8") }
    let image: Tensor
    do {
      image = try ImageFile.image(
        Data(bytes.scalars(as: UInt8.self)), colorMode: format == "Grayscale" ? .grayscale : .rgb)
    } catch {
      throw ONNXError.mistake(error.message, hint: error.hint)
    }
    guard format == "BGR" else { return [.tensor(ONNXTensor(image))] }
    return try result(trace.constant(image).reversed(axis: 2), .uint8)
  }
}
