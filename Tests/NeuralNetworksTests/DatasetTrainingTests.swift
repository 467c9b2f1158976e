import Dispatch
import NeuralNetworks
import Synchronization
import TensorGraph
import Testing

/// `count` points of a plane, and on which side of a line they lie.
private func points(_ count: Int) throws -> TrainingData {
  var generator = SeededGenerator(seed: 7)
  let numbers = (0..<2 * count).map { _ in Float(generator.uniform() * 2 - 1) }
  let labels = (0..<count).map { Int32(numbers[2 * $0] > numbers[2 * $0 + 1] ? 1 : 0) }
  return try TrainingData(x: Tensor([count, 2], numbers), y: Tensor([count], labels))
}

private func classifier() throws -> Model {
  let model = try Model(input: [2], seed: 1, engine: ReferenceEngine()) {
    Dense(4, activation: .relu)
    Dense(2, activation: .softmax)
  }
  try model.compile(
    optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy,
    metrics: [.accuracy])
  return model
}

private struct Broken: Error, Equatable { let sample: Int }

@Suite struct DatasetTrainingTests {
  @Test("training is that on arrays, number for number")
  func asArrays() throws {
    let data = try points(50), (a, b) = try (classifier(), classifier())
    let expected = try a.fit(
      data, batchSize: 8, epochs: 3, validationData: points(20), verbose: .silent)
    let history = try b.fit(
      Dataset(data).shuffle().batch(8), epochs: 3,
      validationData: Dataset(points(20)).batch(8), verbose: .silent)
    #expect(history.epochs.map(\.logs) == expected.epochs.map(\.logs))
    #expect(history.epochs.map(\.sampleCount) == [50, 50, 50])
    #expect(try b.evaluate(Dataset(data).batch(7)) == a.evaluate(data, batchSize: 7))
    let x = data.inputs[0]
    #expect(try b.predict(Dataset(x: x).batch(7)) == a.predict(x, batchSize: 7))
    #expect(try b.predict(Dataset(x: x).batch(7), steps: 2).shape == [14, 2])
    #expect(try b.predict(Dataset(data).repeat().batch(7), steps: 9).shape == [63, 2])
  }

  @Test("weights of classes and of samples count as with arrays")
  func weights() throws {
    let plain = try points(30)
    let data = try TrainingData(
      x: plain.inputs[0], y: plain.targets[0],
      sampleWeights: Tensor([30], (0..<30).map { Float($0 % 3) }))
    let (a, b) = try (classifier(), classifier())
    let weights = [a.structure.outputNames[0]: [0: 0.5, 1: 3]]
    let expected = try a.fit(
      data, batchSize: 8, epochs: 2, shuffle: false, classWeights: weights, verbose: .silent)
    let history = try b.fit(
      Dataset(data).batch(8), epochs: 2, classWeights: weights, verbose: .silent)
    #expect(history["loss"] == expected["loss"])
  }

  @Test("steps of an epoch may be fewer or more than the batches of the dataset")
  func steps() throws {
    let data = try points(20)
    for steps in [1, 3, 5, 7, 12] {
      let (a, b) = try (classifier(), classifier())
      let expected = try a.fit(
        data, batchSize: 4, epochs: 3, stepsPerEpoch: steps, verbose: .silent)
      let history = try b.fit(
        Dataset(data).shuffle().batch(4), epochs: 3, stepsPerEpoch: steps, verbose: .silent)
      #expect(history["loss"] == expected["loss"])
      // The same without an end.
      let endless = try classifier().fit(
        Dataset(data).shuffle().batch(4).repeat(), epochs: 3,
        validationData: Dataset(data).batch(4).repeat(), stepsPerEpoch: steps, validationSteps: 2,
        verbose: .silent)
      #expect(endless["loss"] == expected["loss"])
      #expect(endless["val_loss"].count == 3)
    }
  }

  @Test("an epoch goes on at any batch as if it had not been left", arguments: [0, 2])
  func restart(_ epoch: Int) throws {
    let list = try SampleOrigin.list.dataset(23)
    let generator = try SampleOrigin.generator.dataset(23)
    let datasets: [Dataset] = try [
      list.shuffle().batch(4), list.batch(4).shuffle().prefetch(2),
      generator.shuffle(bufferSize: 6).batch(4),
      generator.filter { $0.inputs[0].number != 5 }
        .batch(4),
      list.repeat(2).batch(5), generator.repeat(2).batch(5),
      generator.shuffle(bufferSize: 50).cache().shuffle(bufferSize: 5).batch(4),
      Dataset.interleave([list, generator]).batch(4),
      list.concatenate(generator).concatenate(list).batch(6),
      Dataset.zip([generator.shuffle(bufferSize: 5), list.shuffle()]).batch(4),
      generator.skip(3).shard(of: 2, index: 1).batch(3),
      generator.bucketByLength(boundaries: [2], batchSizes: [4, 4]),
      generator.mapRandomly { sample, random in
        Sample(Tensor([1], [Float.random(in: 0..<1, using: &random)]))
      }.batch(4).map { $0 },
    ]
    for (number, dataset) in datasets.enumerated() {
      let source = try DatasetSource(dataset, seed: 3, epoch: epoch)
      var whole: [[Tensor]] = []
      while let batch = try source.next() { whole.append(batch.tensors) }
      #expect(whole.count >= 3)
      let expected = try dataset.elements(epoch: epoch, seed: 3).map { $0.inputs + $0.targets }
      #expect(whole == expected, "dataset \(number)")
      for batch in 0...whole.count {
        try source.restart(epoch: epoch, batch: batch)
        var rest: [[Tensor]] = []
        while let batch = try source.next() { rest.append(batch.tensors) }
        #expect(rest == Array(whole.dropFirst(batch)), "dataset \(number) from \(batch)")
      }
      // Another epoch follows.
      let next = try dataset.elements(epoch: epoch + 1, seed: 3)
      #expect(try source.next()?.tensors == next[0].inputs + next[0].targets)
    }
  }

  @Test("errors of closures come to the one who trains, with the sample", .timeLimit(.minutes(1)))
  func errors() throws {
    for isIndexed in [true, false] {
      let data =
        isIndexed
        ? try Dataset(points(40))
        : Dataset { _ in try Dataset(points(40)).elements() }
      let counter = Counter()
      let broken = data.map { sample in
        counter.increment()
        if sample == (try Dataset(points(40)).elements()[17]) { throw Broken(sample: 17) }
        return sample
      }
      for dataset in try [broken.batch(4), broken.shuffle(bufferSize: 9).batch(4).prefetch(1)] {
        #expect(throws: Broken(sample: 17)) {
          try classifier().fit(dataset, epochs: 2, verbose: .silent)
        }
        #expect(throws: Broken(sample: 17)) { try classifier().evaluate(dataset) }
        #expect(throws: Broken(sample: 17)) { try classifier().predict(dataset) }
      }
      let named = data.map { _ in throw FormatError("no picture") }
      #expect(throws: FormatError("no picture", at: .part("sample 0 of epoch 0"))) {
        try classifier().fit(named.batch(4), verbose: .silent)
      }
    }
    #expect(throws: Broken(sample: 3)) {
      try classifier().fit(
        Dataset(samples: { _ in
          var index = 0
          return {
            index += 1
            if index > 3 { throw Broken(sample: 3) }
            return Sample(Tensor([2], [Float(0), 1]), Tensor(Int32(0)))
          }
        }).batch(1), verbose: .silent)
    }
  }

  @Test("what is not used up is let go", .timeLimit(.minutes(1)))
  func dropping() throws {
    /// Says when it is gone.
    final class Token: Sendable {
      let gone: DispatchSemaphore
      init(_ gone: DispatchSemaphore) { self.gone = gone }
      deinit { gone.signal() }
    }
    let gone = DispatchSemaphore(value: 0)
    do {
      let dataset = Dataset { _ in
        let token = Token(gone)
        return (0...).lazy.map { index in
          withExtendedLifetime(token) { SampleOrigin.sample(index) }
        }
      }
      for limit in [1, 3] {
        let source = try DatasetSource(
          dataset.prefetch(limit).batch(2).prefetch(limit), seed: 0)
        for _ in 0..<limit { #expect(try source.next() != nil) }
      }
      _ = try DatasetSource(dataset.batch(2), seed: 0).next()
    }
    for _ in 0..<3 { #expect(gone.wait(timeout: .now() + 20) == .success) }
  }

  @Test("no more is prepared than there is room for")
  func bounded() throws {
    let made = Counter()
    let dataset = try Dataset { _ in
      (0...).lazy.map { index in
        made.increment()
        return SampleOrigin.sample(index)
      }
    }.batch(2).prefetch(3)
    let source = try DatasetSource(dataset, seed: 0)
    _ = try source.next()
    for _ in 0..<20 where made.value < 8 { usleepForTests() }
    usleepForTests()
    #expect(made.value <= 8)
  }

  @Test("an early stop ends the training, whatever is being prepared", .timeLimit(.minutes(1)))
  func earlyStop() throws {
    final class Stopper: Callback {
      var wantsSteps: Bool { true }
      func receive(_ event: TrainingEvent, _ control: TrainingControl) {
        if case .stepped(_, step: 2) = event { control.stop(because: "enough") }
      }
    }
    let data = try points(20)
    let dataset = try Dataset(data).repeat().map { $0 }.batch(4).prefetch(8)
    let history = try classifier().fit(
      dataset, epochs: 5, stepsPerEpoch: 100, callbacks: [Stopper()], verbose: .silent)
    #expect(history.ending == .stopped)
  }

  /// What `body` throws.
  private func message(_ body: () throws -> Any) -> String {
    do {
      _ = try body()
      return "nothing"
    } catch { return "\(error)" }
  }

  @Test("datasets that cannot be trained with")
  func mistakes() throws {
    let data = try Dataset(points(12)), model = try classifier()
    let says = """
      error: the dataset has samples, and a model takes batches
        help  end it with batch, such as dataset.batch(32)
      """
    #expect(message { try model.fit(data, verbose: .silent) } == says)
    #expect(message { try model.evaluate(data) } == says)
    #expect(message { try model.predict(data) } == says)
    let endless = try data.repeat().batch(4)
    #expect(
      message { try model.fit(endless, verbose: .silent) }
        == "error: the dataset has no end\n  help  give stepsPerEpoch")
    #expect(
      message { try model.fit(data.batch(4), validationData: endless, verbose: .silent) }
        == "error: the dataset has no end\n  help  give validationSteps")
    #expect(
      message { try model.predict(endless) }
        == "error: the dataset has no end\n  help  give steps")
    #expect(
      message { try model.evaluate(endless, steps: 0) } == "error: steps is at least 1, not 0")
    for empty in try [
      data.take(0).batch(4), data.filter { _ in false }.batch(4),
      data.batch(13, dropRemainder: true),
    ] {
      #expect(
        message { try model.fit(empty, verbose: .silent) } == """
          error: the dataset has no batch
            in    epoch 0
            help  it is empty, a filter left nothing, or dropRemainder dropped all
          """)
    }
    #expect(
      message { try model.fit(data.take(0).batch(4), stepsPerEpoch: 3, verbose: .silent) }
        .hasPrefix("error: the dataset has no batch"))
    let labels = data.map { sample in
      var sample = sample
      if sample.inputs[0] == (try data.elements()[6].inputs[0]) {
        sample.targets = [Tensor(Int32(7))]
      }
      return sample
    }
    #expect(
      message { try model.fit(labels.batch(4), verbose: .silent) } == """
        error: y has the label 7, but there are 2 classes
          got   int32[4]
          in    batch 1, row 2
          help  labels count from 0 to 1; for more classes give the last layer more units
        """)
    #expect(
      message { try model.fit(data.batch(4), validationData: labels.batch(4), verbose: .silent) }
        .hasPrefix("error: validation y has the label 7"))
    let spoiled = data.map { Sample(Tensor([2], [Float.nan, 0]), $0.targets[0]) }
    #expect(
      message { try model.evaluate(spoiled.batch(4)) } == """
        error: x has a NaN
          got   float32[4, 2]
          in    batch 0, row 0, column 0
          help  clean the data: one such number spoils every weight
        """)
    let wide = data.map { Sample(Tensor([3], [Float(1), 2, 3]), $0.targets[0]) }
    #expect(message { try model.fit(wide.batch(4), verbose: .silent) }.hasPrefix("error: "))
    let untargeted = data.map { Sample($0.inputs[0]) }
    #expect(message { try model.fit(untargeted.batch(4), verbose: .silent) }.hasPrefix("error: "))
  }

  @Test("several inputs and outputs, and weights of steps")
  func several() throws {
    let a = Input([3], name: "a"), b = Input([4, 2], name: "b")
    let p = Dense(1, name: "p")(a), q = Dense(5, name: "q")(b)
    let model = try Model(inputs: [a, b], outputs: [p, q], seed: 2, engine: ReferenceEngine())
    try model.compile(losses: ["p": "mse", "q": .sparseCategoricalCrossentropy(fromLogits: true)])
    let again = try Model(inputs: [a, b], outputs: [p, q], seed: 2, engine: ReferenceEngine())
    try again.compile(losses: ["p": "mse", "q": .sparseCategoricalCrossentropy(fromLogits: true)])
    var random = SeededGenerator(seed: 1)
    func floats(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in Float(random.uniform()) })
    }
    // Named, and in another order than the model's.
    let data = try TrainingData(
      inputs: [floats([10, 4, 2]), floats([10, 3])],
      targets: [Tensor([10, 4], (0..<40).map { Int32($0 % 5) }), floats([10, 1])],
      inputNames: ["b", "a"], targetNames: ["q", "p"])
    let expected = try model.fit(
      data, batchSize: 4, epochs: 2, shuffle: false, verbose: .silent)
    let history = try again.fit(Dataset(data).batch(4), epochs: 2, verbose: .silent)
    #expect(history.epochs.map(\.logs) == expected.epochs.map(\.logs))
    let weighted = try TrainingData(
      inputs: [data.inputs[1], data.inputs[0]], targets: [data.targets[1], data.targets[0]],
      sampleWeights: [floats([10]), floats([10, 4])])
    #expect(
      try again.evaluate(Dataset(weighted).batch(4)) == model.evaluate(weighted, batchSize: 4))
    #expect(
      try again.predictAll(Dataset(weighted).batch(4)).map(\.shape) == [[10, 1], [10, 4, 5]])
    #expect(
      message { try again.predict(Dataset(weighted).batch(4)) }.contains(
        "predictAll returns all of them"))
  }

  @Test("an LSTM learns from buckets of masked sequences")
  func buckets() throws {
    // Whether the mean of a sequence of one to nine numbers is positive.
    let dataset = try Dataset(count: 120) { index in
      var random = SeededGenerator(seed: 5, stream: UInt64(index))
      let sign = index % 2 == 0 ? 1.0 : -1.0
      let length = 1 + random.below(9)
      let steps = (0..<length).map { _ in Float(sign * (0.2 + random.uniform())) }
      return Sample(Tensor([length, 1], steps), Tensor([1], [Float(index % 2)]))
    }.shuffle().bucketByLength(boundaries: [4, 7], batchSizes: [16, 12, 8])
    let model = try Model(input: [nil, 1], seed: 3, engine: ReferenceEngine()) {
      Masking()
      LSTM(4)
      Dense(1, activation: .sigmoid)
    }
    try model.compile(
      optimizer: .adam(learningRate: 0.05), loss: .binaryCrossentropy, metrics: [.accuracy])
    let history = try model.fit(dataset, epochs: 4, verbose: .silent)
    #expect(history["accuracy"].last ?? 0 > 0.95)
    #expect(history.epochs.allSatisfy { $0.sampleCount == 120 })
  }

  @Test("layers prepare samples and batches, with random numbers of their own")
  func layers() throws {
    let x = Tensor([6, 2], (0..<12).map(Float.init))
    let data = try Dataset(x: x)
    let engine = ReferenceEngine()
    let scaled = try data.map(Rescaling(0.5, offset: 1), engine: engine).batch(4).elements()
    #expect(scaled.flatMap { $0.inputs[0].numbers } == x.numbers.map { $0 / 2 + 1 })
    #expect(
      try data.batch(4).map(Rescaling(0.5, offset: 1), engine: engine).elements() == scaled)
    let noisy = try data.batch(3).map(GaussianNoise(1), engine: engine)
    let once = try noisy.elements(seed: 1)
    #expect(try noisy.elements(seed: 1) == once)
    #expect(try noisy.elements(seed: 2) != once && noisy.elements(epoch: 1, seed: 1) != once)
    #expect(
      once[0].inputs[0].numbers.map { $0 - $0.rounded() }
        != once[1].inputs[0].numbers.map { $0 - $0.rounded() })
    #expect(
      try data.batch(3).map(GaussianNoise(1), isTraining: false, engine: engine).elements()
        == data.batch(3).elements())
    let mapped = try Dataset(
      TrainingData(inputs: [x]).mapped(by: Rescaling(2), engine: engine)
    ).batch(6).elements()
    #expect(mapped[0].inputs[0].numbers == x.numbers.map { 2 * $0 })
  }
}

private func usleepForTests() {
  _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 0.05)
}
