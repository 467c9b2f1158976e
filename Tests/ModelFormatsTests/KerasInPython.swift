import Foundation
import ModelFormats
import Strata
import Testing

/// A model to be read by Keras, with what it computes here.
struct Written {
  let name: String
  let model: Model
  var inputs: [Tensor]
  var targets: [Tensor] = []
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
      try one(UpSampling2D(2), [3, 3, 2]),
      try one(ZeroPadding2D([[1, 2], [0, 1]]), [3, 3, 2]),
      Written(
        name: "Dot", model: dot, inputs: [numbers([2, 4, 3]), numbers([2, 5, 3], from: 9)]),
    ]
  }
}
