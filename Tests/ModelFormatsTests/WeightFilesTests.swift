import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Weights in files of tensors")
struct WeightFilesTests {
  private func network(seed: UInt64) throws -> Model {
    let x = Input([6, 4], name: "x")
    let attention = MultiHeadAttention(numHeads: 2, keyDim: 3, name: "mha")
    let y = LayerNormalization(name: "norm")(attention.apply(to: [x, x])[0])
    return try Model(inputs: x, outputs: Dense(5, name: "out")(y), seed: seed)
  }

  @Test("come back bit by bit", arguments: ["w.safetensors", "w.npz", "w.weights.h5", "w.h5"])
  func roundTrip(name: String) throws {
    let model = try network(seed: 1), other = try network(seed: 2)
    try withTemporaryFolder { folder in
      try model.saveWeights(to: "\(folder)/\(name)")
      #expect(other.weights != model.weights)
      try other.loadWeights(from: "\(folder)/\(name)")
      #expect(other.weights == model.weights)
      // The file is not needed any more.
      try Data().write(to: URL(filePath: "\(folder)/\(name)"))
      #expect(other.weights == model.weights)
    }
  }

  @Test("say whose they are")
  func metadata() throws {
    let model = try network(seed: 1)
    try withTemporaryFolder { folder in
      try model.saveWeights(to: folder + "/w.safetensors")
      let file = try SafetensorsFile(path: folder + "/w.safetensors")
      #expect(file.metadata == ["format": "strata", "name": model.name])
      #expect(Set(file.names) == Set(model.weights.keys))
      let text = message { try model.saveWeights(to: folder + "/w.pt") }
      #expect(
        text.hasPrefix(
          "error: a file of weights has a name that ends in .weights.h5, .safetensors or .npz"))
    }
  }

  @Test("that do not fit change nothing, and all that is wrong is said")
  func misfits() throws {
    let model = try Model(input: [2], seed: 1) {
      Dense(2)
      Dense(3)
    }
    let before = model.weights
    let tensors: [NumPy.NamedArray] = [
      ("dense/kernel", Tensor(zeros: TensorType(.float32, [2, 2]))),
      ("dense/bias", Tensor(zeros: TensorType(.float32, [4]))),
      ("dense_1/bias", Tensor(zeros: TensorType(.float32, [3]))),
      ("scale", Tensor(Float(1))),
    ]
    try withTemporaryFolder { folder in
      let path = folder + "/w.npz"
      try Files.write(NumPy.data(archive: tensors), to: path)
      #expect(
        message { try model.loadWeights(from: path) } == """
          error: the weights in the file do not fit sequential
            got   missing: dense_1/kernel; of other shapes: dense/bias is float32[4] instead of \
          float32[2]; not in the model: scale
            in    \(path)
            help  say where the layers are in the file: renaming: ["layer": "name in the file"]
          """)
      #expect(model.weights == before)
      try model.loadWeights(from: path, byName: true, skipMismatch: true)
      #expect(model.weights["dense/kernel"] == tensors[0].tensor)
      #expect(model.weights["dense/bias"] == before["dense/bias"])
      let json = folder + "/m.json"
      try Files.write(ModelFile.data(of: model, as: .configuration), to: json)
      #expect(message { try model.loadWeights(from: json) }.contains("this is no file of weights"))
    }
  }

  /// `tensor` as PyTorch keeps a kernel: outputs first.
  private func turned(_ tensor: Tensor) -> Tensor {
    tensor.transposed(
      [tensor.shape.rank - 1, tensor.shape.rank - 2]
        + Array(0..<tensor.shape.rank - 2))
  }

  @Test("of PyTorch are found by the names of layers, and turned")
  func pyTorch() throws {
    let model = try network(seed: 1), other = try network(seed: 2)
    var tensors: [(String, Tensor)] = []
    for name in ["query", "key", "value"] {
      let kernel = try #require(model.weights["mha/\(name)/kernel"])  // [4, 2, 3]
      tensors.append(("attn.self.\(name).weight", turned(kernel.reshaped([4, 6]))))
      let bias = try #require(model.weights["mha/\(name)/bias"])
      tensors.append(("attn.self.\(name).bias", bias.reshaped([6])))
    }
    let kernel = try #require(model.weights["mha/attention_output/kernel"])  // [2, 3, 4]
    tensors.append(("attn.out.weight", turned(kernel.reshaped([6, 4]))))
    tensors.append(("attn.out.bias", try #require(model.weights["mha/attention_output/bias"])))
    tensors.append(("ln.weight", try #require(model.weights["norm/gamma"])))
    tensors.append(("ln.bias", try #require(model.weights["norm/beta"])))
    tensors.append(("out.weight", turned(try #require(model.weights["out/kernel"]))))
    tensors.append(("out.bias", try #require(model.weights["out/bias"])))
    tensors.append(("position_ids", Tensor([1], [Int64(0)])))
    let renaming = ["mha": "attn.self", "mha/attention_output": "attn.out", "norm": "ln"]
    try withTemporaryFolder { folder in
      let path = folder + "/w.safetensors"
      try SafetensorsFile.write(.init(uniqueKeysWithValues: tensors), to: path)
      let text = message {
        try other.loadWeights(from: path, convention: .pyTorch, renaming: renaming)
      }
      #expect(text.contains("not in the model: position_ids"))
      #expect(text.contains("allowsUnused: true"))
      #expect(other.weights != model.weights)
      try other.loadWeights(
        from: path, convention: .pyTorch, renaming: renaming, allowsUnused: true)
      #expect(other.weights == model.weights)
      #expect(message { try other.loadWeights(from: path) }.contains("convention: .pyTorch"))
    }
  }

  @Test("of PyTorch's convolutions and normalizations are turned")
  func convolutions() throws {
    func network(_ seed: UInt64) throws -> Model {
      try Model(input: [5, 4, 3], seed: seed) {
        Conv2D(2, kernelSize: [3, 2])
        BatchNormalization()
        DepthwiseConv2D(2, depthMultiplier: 3)
      }
    }
    let model = try network(1), other = try network(2)
    let weights = model.weights
    func weight(_ path: String) throws -> Tensor { try #require(weights[path]) }
    let kernel = try weight("conv2d/kernel")  // [3, 2, 3, 2]
    let depthwise = try weight("depthwise_conv2d/kernel").reshaped([2, 2, 1, 6])
    var tensors: [NumPy.NamedArray] = []
    tensors.append(("conv2d.weight", kernel.transposed([3, 2, 0, 1])))
    tensors.append(("conv2d.bias", try weight("conv2d/bias")))
    tensors.append(("depthwise_conv2d.weight", depthwise.transposed([3, 2, 0, 1])))
    tensors.append(("depthwise_conv2d.bias", try weight("depthwise_conv2d/bias")))
    for (ours, theirs) in [
      ("gamma", "weight"), ("beta", "bias"), ("moving_mean", "running_mean"),
      ("moving_variance", "running_var"),
    ] {
      tensors.append(
        ("batch_normalization.\(theirs)", try weight("batch_normalization/\(ours)")))
    }
    try withTemporaryFolder { folder in
      let path = folder + "/w.npz"
      try Files.write(NumPy.data(archive: tensors), to: path)
      try other.loadWeights(from: path, convention: .pyTorch)
      #expect(other.weights == weights)
    }
  }

  @Test("are placed by a closure, all or none")
  func closure() throws {
    let model = try Model(input: [2], seed: 1) { Dense(2) }
    let before = model.weights
    let kernel = Tensor([2, 2], [Float(1), 2, 3, 4])
    try withTemporaryFolder { folder in
      let path = folder + "/w.npz"
      try Files.write(
        NumPy.data(archive: [("w", kernel), ("b", Tensor([2], [Float(5), 6])), ("n", kernel)]),
        to: path)
      #expect(
        message {
          try model.loadWeights(from: path) { name, tensor in
            name == "w" ? ("dense/kernel", tensor) : nil
          }
        }.contains("missing: dense/bias"))
      #expect(
        message { try model.loadWeights(from: path) { _, tensor in ("dense/kernel", tensor) } }
          .contains("two tensors are to be the weight dense/kernel"))
      #expect(model.weights == before)
      try model.loadWeights(from: path) { name, tensor in
        switch name {
        case "w": ("dense/kernel", tensor.transposed())
        case "b": ("dense/bias", tensor)
        default: nil
        }
      }
      #expect(model.weights["dense/kernel"]?.scalars(as: Float.self) == [1, 3, 2, 4])
      let keras = folder + "/m.keras"
      try model.save(to: keras)
      #expect(message { try model.loadWeights(from: keras) { _, _ in nil } }.contains("neither"))
    }
  }

  @Test("are viewed in place, and copied when they are written to")
  func zeroCopy() throws {
    let numbers = (0..<50_000).map { Float($0) }
    try withTemporaryFolder { folder in
      let path = folder + "/w.safetensors"
      // 1.2 MB, so that the file is mapped.
      let large = Tensor(zeros: TensorType(.float32, [250_000]))
      try SafetensorsFile.write(
        ["a": Tensor([50_000], numbers), "large": large, "odd": Tensor([1], [UInt8(1)])], to: path)
      func address(_ tensor: Tensor) -> UnsafeRawPointer? {
        tensor.withUnsafeBytes { $0.baseAddress }
      }
      var view: Tensor, second: Tensor
      do {
        let file = try SafetensorsFile(path: path)
        (view, second) = (try file.tensor("a"), try file.tensor("a"))
        #expect(address(view) == address(second))
        #expect(address(try file.tensor("odd")) != address(try file.tensor("odd")))
      }
      second = Tensor(Float(0))  // the view is the only one now, but not its owner
      let before = address(view)
      view.withUnsafeMutableBytes { $0.storeBytes(of: Float(-1), as: Float.self) }
      #expect(address(view) != before && view.scalars(as: Float.self)[0] == -1)
      #expect(try SafetensorsFile(path: path).tensor("a").scalars(as: Float.self) == numbers)
      #expect(second.number == 0)
    }
  }

  @Test("that lie at odd addresses are copied")
  func unaligned() throws {
    let tensor = Tensor([20_000], (0..<20_000).map { Float($0) })
    let data = try SafetensorsFile.data(["a": tensor])
    for shift in 0..<5 {
      let moved = (Data(count: shift) + data).dropFirst(shift)
      let read = try SafetensorsFile(moved).tensor("a")
      #expect(read == tensor)
      #expect(read.withUnsafeBytes { Int(bitPattern: $0.baseAddress) % 4 } == 0)
    }
  }

  @Test("train on views as on tensors of their own")
  func viewsInTraining() throws {
    func network() throws -> Model {
      let model = try Model(input: [200], seed: 1) {
        Dense(128, activation: .tanh)
        Dense(1)
      }
      try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError)
      return model
    }
    let model = try network(), other = try network()
    let x = KerasInPython.numbers([8, 200]), y = KerasInPython.numbers([8, 1])
    let file = try SafetensorsFile(SafetensorsFile.data(model.weights))
    try other.setWeights(file.tensors())
    for model in [model, other] { try model.fit(x, y, epochs: 3, verbose: .silent) }
    #expect(other.weights == model.weights)
    #expect(try file.tensor("dense/kernel") != model.weights["dense/kernel"])
  }

  @Test(
    "transposed like NumPy",
    arguments: [
      ([2, 3], [1, 0]), ([3], [0]), ([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [0, 2, 1]),
      ([2, 3, 4, 5], [3, 2, 0, 1]), ([70, 40], [1, 0]), ([2, 0, 3], [2, 1, 0]),
    ])
  func transposed(_ dims: [Int], _ permutation: [Int]) {
    let shape = Shape(dims)
    for dtype in [DType.float32, .uint8, .int64, .float16] {
      let tensor = Tensor(
        TensorType(dtype, shape), numbers: (0..<shape.count).map { Double($0 % 200) })
      let result = tensor.transposed(permutation)
      #expect(result.shape.dims == permutation.map { dims[$0] })
      let numbers = tensor.numbers, strides = shape.strides
      for (index, number) in result.numbers.enumerated() {
        var rest = index, place = 0
        for axis in permutation.reversed() {
          place += rest % dims[axis] * strides[axis]
          rest /= dims[axis]
        }
        #expect(number == numbers[place])
      }
    }
  }
}
