import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Models written and read again")
struct KerasRoundTripTests {
  @Test("are the same to the last bit", arguments: KerasCase.all("keras_files"))
  func sameBits(_ golden: KerasCase) throws {
    let model = try Model.load(from: golden.file("file"))
    let date = Date(timeIntervalSince1970: 0)
    let data = try KerasFile.data(of: model, date: date)
    let again = try KerasFile.model(data, engine: model.engine)
    #expect(Array(again.weights.keys) == Array(model.weights.keys))
    #expect(everything(in: again) == everything(in: model))
    #expect(try KerasFile.data(of: again, date: date) == data)
    let arrays = try golden.arrays()
    let inputs = try golden.names("inputs").map { try #require(arrays[$0]) }
    #expect(try again.predict(inputs) == model.predict(inputs))
  }

  @Test("have groups named as Keras names them", arguments: KerasCase.all("keras_files"))
  func sameGroups(_ golden: KerasCase) throws {
    let model = try Model.load(from: golden.file("file"))
    func weights(_ archive: Data) throws -> HDF5File {
      try HDF5File(image: ZipReader(archive).bytes(of: "model.weights.h5"))
    }
    let theirs = try weights(Data(contentsOf: URL(filePath: golden.file("file"))))
    let ours = try weights(KerasFile.data(of: model))
    let own = ["/random_key/", "/test_vector/"]
    #expect(
      try ours.datasets().filter { path in !own.contains { path.hasPrefix($0) } }
        == theirs.datasets())
    for group in try WeightLayout(model).groups.map(\.variables)
      + (model.optimizer != nil ? ["optimizer/vars"] : [])
    {
      // A name that Keras made for a layer within another may have a number.
      #expect(try ours.string("name", of: group) == theirs.string("name", of: group), "\(group)")
    }
  }

  @Test("train on as if nothing had been between", arguments: [true, false])
  func resumed(shuffle: Bool) throws {
    let model = try Model(input: [6], seed: 9) {
      Dense(8, activation: .relu)
      Dropout(0.5)
      BatchNormalization()
      Dense(3, activation: .softmax)
    }
    try model.compile(
      optimizer: .adam(learningRate: 0.01, amsgrad: true), loss: .sparseCategoricalCrossentropy,
      metrics: [.accuracy])
    try model.freeze("dense/bias")
    let x = Tensor([24, 6], (0..<144).map { Float(($0 * 37) % 19) / 19 })
    let y = Tensor([24], (0..<24).map { Int32($0 % 3) })
    try model.fit(x, y, batchSize: 8, epochs: 2, shuffle: shuffle, verbose: .silent)
    model.learningRate = 0.005

    let again = try KerasFile.model(KerasFile.data(of: model), engine: model.engine)
    #expect(again.seed == 9 && again.iterations == 6 && again.learningRate == model.learningRate)
    #expect(!again.isTrainable("dense/bias") && again.isTrainable("dense/kernel"))
    #expect(everything(in: again) == everything(in: model))
    for model in [model, again] {
      try model.fit(
        x, y, batchSize: 8, epochs: 4, shuffle: shuffle, initialEpoch: 2, verbose: .silent)
    }
    #expect(again.iterations == 12)
    #expect(everything(in: again) == everything(in: model))
  }

  @Test("keep frozen layers frozen, and shared ones shared")
  func frozenAndShared() throws {
    let a = Input([4], name: "a"), b = Input([4], name: "b")
    let shared = Dense(3, activation: .tanh, name: "shared")
    let inner = Sequential(name: "inner") {
      Dense(5)
      BatchNormalization()
    }
    let model = try Model(
      inputs: [a, b], outputs: [Dense(2, name: "out")(Add()(shared(a), shared(inner4(inner, b))))])
    try model.freeze("inner")
    let again = try KerasFile.model(KerasFile.data(of: model), engine: model.engine)
    #expect(again.weights == model.weights)
    for path in model.weights.keys { #expect(again.isTrainable(path) == model.isTrainable(path)) }
    #expect(!again.isTrainable("inner/dense/kernel"))
    #expect(again.summary() == model.summary())
  }

  /// `inner` and a layer that makes 4 features of it.
  private func inner4(_ inner: Sequential, _ x: SymbolicTensor) -> SymbolicTensor {
    Dense(4, name: "four")(inner(x))
  }

  @Test("keep weights apart in branches that operations on masks make unequal")
  func branches() throws {
    let x = Input([5, 3], name: "x")
    let masked = LSTM(2, name: "read_a")(Masking(name: "skip")(Dense(3, name: "a")(x)))
    let plain = LSTM(2, name: "read_b")(Identity(name: "pass")(Dense(3, name: "b")(x)))
    let model = try Model(inputs: x, outputs: Add()(plain, masked), seed: 4)
    let again = try KerasFile.model(KerasFile.data(of: model), engine: model.engine)
    #expect(again.weights == model.weights)
  }

  @Test("keep the states and the order of layers of one's own")
  func own() throws {
    let model = try Model(input: [4]) {
      Block(3)
      Dense(1)
    }
    let data = try KerasFile.data(of: model)
    let file = try HDF5File(image: ZipReader(data).bytes(of: "model.weights.h5"))
    #expect(
      try file.datasets(in: "layers/block") == [
        "layers/block/inner/vars/0", "layers/block/inner/vars/1", "layers/block/vars/0",
        "layers/block/vars/1",
      ])
    #expect(try file.tensor("layers/block/vars/1").number == 7)  // states come last
    let again = try KerasFile.model(
      data, registry: LayerRegistry(adding: [Block.self]), engine: model.engine)
    #expect(again.weights == model.weights)
    #expect(message { try KerasFile.model(data, engine: model.engine) }.contains("Block (block)"))
  }
}

/// A layer with a layer in it, and a state that it declares before its weight.
private final class Block: NamedLayer {
  let units: Int
  let name: String?
  let inner: Dense
  static let example = Block(1)
  static let className = "Block"

  init(_ units: Int, name: String? = nil) {
    self.units = units
    self.name = name
    inner = Dense(units)
  }

  private enum CodingKeys: String, CodingKey { case units, name }
  convenience init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(Int.self, forKey: .units),
      name: try container.decodeIfPresent(String.self, forKey: .name))
  }
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(units, forKey: .units)
    try container.encodeIfPresent(name, forKey: .name)
  }

  func call(_ x: Symbol, _ context: LayerContext) -> Symbol {
    let seen = context.state("seen", [], .constant(7))
    return inner(x) * context.weight("scale", [], .ones) + seen
  }
}
