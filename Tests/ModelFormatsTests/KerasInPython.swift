import Foundation
import ModelFormats
import Strata
import Testing

/// A model to be read by Keras, with what it computes here.
struct Written {
  var name: String
  let model: Model
  var inputs: [Tensor]
  var targets: [Tensor] = []
  /// The layers that are not trained.
  var frozen: [String] = []
  /// How far outputs may be apart.
  var tolerance = 1e-5
}

/// Keras, run once for all files.
enum KerasInPython {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let interpreter = root.appending(path: ".build-python/golden/bin/python").path

  /// What Keras makes of the files in `folder` that `cases` lists.
  static func run(_ cases: [JSONValue], in folder: String) throws -> [JSONValue] {
    try Files.write(JSONValue.array(cases).serialized(), to: folder + "/cases.json")
    let process = Process(), errors = folder + "/errors.txt"
    try Files.write(Data(), to: errors)
    process.executableURL = URL(filePath: interpreter)
    process.arguments = [root.appending(path: "Scripts/golden/check_keras_files.py").path, folder]
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    let text = String(decoding: try Files.contents(of: errors), as: UTF8.self)
    #expect(process.terminationStatus == 0, "\(text)")
    return try JSONValue(parsing: Files.contents(of: folder + "/results.json")).array ?? []
  }

  /// Numbers between -1 and 1 that do not repeat soon.
  static func numbers(_ shape: Shape, from start: Int = 0) -> Tensor {
    Tensor(shape, (0..<shape.count).map { Float((($0 + start) * 7919) % 1009) / 504.5 - 1 })
  }

  /// Models of the layers that Keras's own files do not have.
  static func layers() throws -> [Written] {
    func one(_ layer: any NamedLayer, _ input: [Int]) throws -> Written {
      let model = try Model(input: input, seed: 1) { layer }
      return Written(
        name: layer.className, model: model, inputs: [numbers(Shape([2] + input))])
    }
    let pair = [Input([4, 3]), Input([5, 3])]
    let dot = try Model(inputs: pair, outputs: [Dot(axes: 2).apply(to: pair)[0]])
    return [
      try one(Identity(), [3]),
      try one(PReLU(alphaInitializer: .constant(0.3)), [3, 2]),
      try one(Conv3D(2, kernelSize: 2, activation: .elu), [3, 4, 3, 2]),
      try one(MaxPooling3D(), [4, 4, 4, 2]),
      try one(AveragePooling3D(), [4, 4, 4, 2]),
      try one(GlobalMaxPooling3D(), [2, 3, 2, 2]),
      try one(GlobalAveragePooling3D(keepdims: true), [2, 3, 2, 2]),
      try one(UpSampling1D(3), [3, 2]),
      try one(UpSampling2D(2), [3, 3, 2]),
      try one(UpSampling2D([2, 3], interpolation: .lanczos3), [3, 3, 2]),
      try one(UpSampling3D([1, 2, 1]), [2, 3, 3, 2]),
      try one(ZeroPadding1D([1, 2]), [3, 2]),
      try one(ZeroPadding2D([[1, 2], [0, 1]]), [3, 3, 2]),
      try one(ZeroPadding3D(1), [2, 1, 3, 2]),
      try one(Cropping1D([1, 0]), [3, 2]),
      try one(Cropping2D([[1, 0], [0, 1]]), [3, 3, 2]),
      try one(Cropping3D(), [3, 4, 3, 2]),
      try one(AdaptiveMaxPooling1D(2), [5, 2]),
      try one(AdaptiveMaxPooling2D([2, 3]), [5, 4, 2]),
      try one(AdaptiveMaxPooling3D(2), [3, 4, 3, 2]),
      try one(AdaptiveAveragePooling1D(2), [5, 2]),
      try one(AdaptiveAveragePooling2D([2, 3]), [5, 4, 2]),
      try one(AdaptiveAveragePooling3D(2), [3, 4, 3, 2]),
      try one(Conv1DTranspose(3, kernelSize: 3, strides: 2, outputPadding: 1), [4, 2]),
      try one(
        Conv2DTranspose(
          3, kernelSize: 3, strides: 2, padding: .same, activation: .relu,
          options: [.dataFormat(.channelsFirst)]), [2, 4, 3]),
      try one(Conv3DTranspose(2, kernelSize: 2, dilationRate: 2), [2, 3, 2, 2]),
      try one(DepthwiseConv1D(3, depthMultiplier: 2), [5, 2]),
      try one(
        DepthwiseConv2D(
          3, strides: 2, padding: .same,
          options: [.depthwiseRegularizer(.l2(0.1)), .depthwiseConstraint(.nonNeg)]), [5, 4, 3]),
      try one(SeparableConv1D(4, kernelSize: 3, padding: .same), [5, 2]),
      try one(SeparableConv2D(4, kernelSize: 3, depthMultiplier: 2), [5, 4, 3]),
      Written(
        name: "Dot", model: dot, inputs: [numbers([2, 4, 3]), numbers([2, 5, 3], from: 9)]),
    ] + (try attentionLayers())
  }
}
