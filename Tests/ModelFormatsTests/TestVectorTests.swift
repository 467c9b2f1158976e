import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Test vectors")
struct TestVectorTests {
  /// The weights of `archive`, a `.keras` file, changed by `body`.
  private func changed(
    _ archive: Data, _ body: (HDF5File, HDF5Writer, String) throws -> Void
  ) throws -> Data {
    let zip = try ZipReader(archive)
    let file = try HDF5File(image: zip.bytes(of: "model.weights.h5")), writer = try HDF5Writer()
    for path in try file.datasets() { try body(file, writer, path) }
    // The names of the layers.
    for path in Set(try file.datasets().map { ($0 as NSString).deletingLastPathComponent }) {
      if let name = try file.string("name", of: path) {
        try writer.setAttribute("name", name, of: path)
      }
    }
    return try rebuilt(archive, replacing: ["model.weights.h5": writer.image()])
  }

  @Test("are two samples and what the model gives for them", arguments: ConvertedModel.all)
  func drawn(_ entry: ConvertedModel) throws {
    let model = try entry.make()
    let vector = try #require(TestVector(of: model))
    #expect(vector.inputs.allSatisfy { $0.shape[0] == 2 })
    #expect(vector.inputs.map(\.dtype) == model.inputs.map(\.dtype))
    #expect(try model.predict(vector.inputs) == vector.outputs)
    #expect(vector == TestVector(of: model))  // drawn from a fixed seed
    try vector.check(model)
  }

  @Test("are in .keras and ONNX files, and are checked", arguments: [ModelFormat.keras, .onnx])
  func stored(_ format: ModelFormat) throws {
    let model = try ConvertedModel.images()
    let data = try ModelFile.data(of: model, as: format)
    _ = try ModelFile.model(data, file: "m", engine: CPUEngine(threads: 1))
    let other: Data
    if format == .keras {
      other = try changed(data) { file, writer, path in
        var tensor = try file.tensor(path)
        if path.hasSuffix("outputs/0") {
          tensor.withUnsafeMutableBytes {
            $0.storeBytes(of: Float(9), toByteOffset: 4, as: Float.self)
          }
        }
        try writer.add(path, tensor)
      }
    } else {
      // The vector of another model: of two properties with a name the last one counts.
      let another = try Model(input: [8, 8, 3], seed: 9) {
        Flatten()
        Dense(2)
      }
      let bytes = try ModelFile.data(of: another, as: .onnx)
      let start = try #require(bytes.lastRange(of: Data("strata.test_vector".utf8))?.lowerBound)
      let plain = try ONNXFile.data(of: another)
      #expect(start > plain.count)
      other = data + bytes.dropFirst(plain.count)
    }
    let text = message { try ModelFile.model(other, file: "m", engine: CPUEngine()) }
    #expect(
      text.hasPrefix("error: this machine computes something else than the one that wrote"),
      "\(text)")
    #expect(text.contains("in    m") && text.contains("checksTestVector: false"))
    if format == .keras { #expect(text.contains("instead of 9.0, number 1 of dense")) }
    _ = try ModelFile.model(other, checksTestVector: false, engine: CPUEngine())
    try withTemporaryFolder { folder in
      try Files.write(other, to: folder + "/m")
      #expect(throws: FormatError.self) { try Model.load(from: folder + "/m") }
      _ = try Model.load(from: folder + "/m", checksTestVector: false)
    }
  }

  @Test("let small differences pass, and no others")
  func tolerance() throws {
    let model = try Model(input: [3], seed: 1) { Dense(2) }
    let weights = model.weights
    for (factor, isLet) in [(1.0001, true), (0.9999, true), (1.01, false), (.nan, false)] {
      let vector = try #require(TestVector(of: model))
      for (path, weight) in weights {
        try model.setWeights([
          path: Tensor(weight.type, numbers: weight.numbers.map { $0 * factor })
        ])
      }
      if isLet {
        try vector.check(model)
      } else {
        #expect(throws: FormatError.self) { try vector.check(model) }
      }
      try model.setWeights(weights)
    }
  }

  @Test("are not made where a model cannot be run so")
  func none() throws {
    let text = try Model(input: [], dtype: .string, seed: 1) {
      TextVectorization(outputSequenceLength: 3, vocabulary: ["a", "b"])
      Embedding(4, 2)
      GlobalAveragePooling1D()
    }
    #expect(TestVector(of: text) == nil)
    let input = Input([3, 2], batchSize: 2)
    let states = try Model(inputs: input, outputs: LSTM(2, stateful: true)(input), seed: 1)
    #expect(TestVector(of: states) == nil)
    let large = try Model(input: [1_000_000], seed: 1) { ActivationLayer(.relu) }
    #expect(TestVector(of: large) == nil)
    let infinite = try Model(input: [2], seed: 1) { Rescaling(.infinity) }
    #expect(TestVector(of: infinite) == nil)
    for model in [text, large] {
      let data = try KerasFile.data(of: model)
      let weights = try HDF5File(image: ZipReader(data).bytes(of: "model.weights.h5"))
      #expect(try !weights.datasets().contains { $0.hasPrefix("/test_vector") })
      _ = try ModelFile.model(data, engine: CPUEngine())
    }
  }

  @Test("are of one sample where two are too many")
  func oneSample() throws {
    let model = try Model(input: [160_000], seed: 1) { ActivationLayer(.relu) }
    // 2 samples and their outputs would be 2.4 MB, one is more than 1 MB, too.
    #expect(TestVector(of: model) == nil)
    let smaller = try Model(input: [100_000], seed: 1) { ActivationLayer(.relu) }
    #expect(TestVector(of: smaller)?.inputs[0].shape == [1, 100_000])
  }

  @Test("that do not fit, or are huge, are errors, not work")
  func hostile() throws {
    let model = try Model(input: [nil, 2], seed: 1) { Dense(2, name: "d") }
    let data = try KerasFile.data(of: model)
    func replaced(_ inputs: Tensor, _ outputs: Tensor) throws -> Data {
      try changed(data) { file, writer, path in
        let tensor = path.contains("inputs/0") ? inputs : path.contains("outputs/0") ? outputs : nil
        try writer.add(path, tensor ?? file.tensor(path))
      }
    }
    func zeros(_ dims: Int...) -> Tensor { Tensor(zeros: TensorType(.float32, Shape(dims))) }
    for (inputs, outputs, expected) in [
      (zeros(2, 3, 4), zeros(2, 3, 2), "does not fit its model"),
      (zeros(2, 3, 2), zeros(2, 3, 3), "does not fit its model"),
      (zeros(2, 3), zeros(2, 3, 2), "does not fit its model"),
      (zeros(0, 3, 2), zeros(0, 3, 2), "no error"),
      (zeros(1, 200_000, 2), zeros(1, 3, 2), "larger than 1048576 bytes"),
      (zeros(2, 1, 2), zeros(2, 1, 2), "no error"),
    ] {
      let text = message { try ModelFile.model(replaced(inputs, outputs), engine: CPUEngine()) }
      #expect(text.contains(expected), "\(text)")
    }
    // Attention over a long sequence would take 2 GB: it is not done.
    let x = Input([nil, 1])
    let costly = try Model(
      inputs: x, outputs: Attention().apply(to: [x, x])[0], seed: 1)
    let vector = try KerasFile.data(of: costly)
    let long = try changed(vector) { file, writer, path in
      let isVector = path.contains("test_vector")
      try writer.add(path, isVector ? zeros(1, 60_000, 1) : file.tensor(path))
    }
    _ = try ModelFile.model(long, engine: CPUEngine())
    let onnx = try ModelFile.data(of: model, as: .onnx)
    var broken = onnx
    broken[broken.count - 5] = UInt8(ascii: "*")
    #expect(message { try ModelFile.model(broken, engine: CPUEngine()) }.contains("base 64"))
  }

  @Test(
    "and all that Strata writes, others read", .enabled(if: Files.exists(KerasInPython.interpreter))
  )
  func inPython() throws {
    let model = try ConvertedModel.trained()
    let vector = try #require(TestVector(of: model))
    try withTemporaryFolder { folder in
      try model.save(to: folder + "/m.keras")
      try model.save(to: folder + "/m.onnx")
      try model.saveWeights(to: folder + "/w.safetensors")
      try model.saveWeights(to: folder + "/w.npz")
      try Files.write(NumPy.data(vector.inputs[0]), to: folder + "/x.npy")
      try Files.write(NumPy.data(vector.outputs[0]), to: folder + "/y.npy")
      let script = """
        import os, sys, warnings
        os.environ["KERAS_BACKEND"] = "jax"
        import numpy as np, keras, onnx, onnxruntime, safetensors, safetensors.numpy
        folder = sys.argv[1]
        x, y = np.load(folder + "/x.npy"), np.load(folder + "/y.npy")
        with warnings.catch_warnings():
          warnings.simplefilter("error")
          model = keras.saving.load_model(folder + "/m.keras")
        assert np.allclose(model.predict(x, verbose=0), y, atol=1e-5)
        onnx.checker.check_model(onnx.load(folder + "/m.onnx"))
        session = onnxruntime.InferenceSession(folder + "/m.onnx")
        assert np.allclose(session.run(None, {session.get_inputs()[0].name: x})[0], y, atol=1e-5)
        tensors = safetensors.numpy.load_file(folder + "/w.safetensors")
        arrays = np.load(folder + "/w.npz")
        assert set(tensors) == set(arrays.files)
        assert all((tensors[name] == arrays[name]).all() for name in tensors)
        assert (tensors["dense/kernel"] == model.layers[0].kernel).all()
        with safetensors.safe_open(folder + "/w.safetensors", "np") as file:
          assert file.metadata() == {"format": "strata", "name": "trained"}
        """
      try Files.write(Data(script.utf8), to: folder + "/check.py")
      let process = Process()
      process.executableURL = URL(filePath: KerasInPython.interpreter)
      process.arguments = [folder + "/check.py", folder]
      let errors = Pipe()
      process.standardError = errors
      try process.run()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(text)")
    }
  }
}
