import Foundation
import ModelFormats
import Strata
import Testing

@Suite("The callback for TensorBoard")
struct TensorBoardCallbackTests {
  /// What Keras 3.15's callback writes of the same network and settings, beside its own graph.
  static let tags = (
    training: [
      "batch_accuracy", "batch_loss", "batch_steps_per_second", "epoch_accuracy",
      "epoch_learning_rate", "epoch_loss", "epoch_steps_per_second",
    ]
      + [
        "hidden/kernel", "hidden/bias", "batch_normalization/gamma", "batch_normalization/beta",
        "batch_normalization/moving_mean", "batch_normalization/moving_variance", "dense/kernel",
        "dense/bias",
      ].flatMap { ["sequential/\($0)/histogram", "sequential/\($0)/image"] },
    validation: [
      "epoch_accuracy", "epoch_loss", "evaluation_accuracy_vs_iterations",
      "evaluation_loss_vs_iterations",
    ]
  )

  @Test("writes the tags that Keras writes, with the numbers of the history")
  func tags() throws {
    try withTemporaryFolder { folder in
      let history = try Self.train(folder)
      let training = try Self.entries(folder + "/train")
      let validation = try Self.entries(folder + "/validation")
      #expect(Set(training.map(\.tag)) == Set(Self.tags.training + [""]))
      #expect(Set(validation.map(\.tag)) == Set(Self.tags.validation))
      func numbers(_ tag: String, _ entries: [EventFile.Entry]) -> [Double] {
        entries.filter { $0.tag == tag }.compactMap {
          if case .scalar(let number) = $0.content { number } else { nil }
        }
      }
      #expect(numbers("epoch_loss", training) == history["loss"].map { Double(Float($0)) })
      #expect(numbers("epoch_loss", validation) == history["val_loss"].map { Double(Float($0)) })
      #expect(
        numbers("epoch_learning_rate", training) == [Double(Float(0.01)), Double(Float(0.01))])
      func steps(_ tag: String, _ entries: [EventFile.Entry]) -> [Int] {
        entries.filter { $0.tag == tag }.map(\.step)
      }
      #expect(steps("epoch_accuracy", training) == [0, 1])
      // Four steps an epoch, of which every second is written.
      #expect(steps("batch_loss", training) == [2, 4, 6, 8])
      #expect(steps("evaluation_loss_vs_iterations", validation) == [4, 8])
      #expect(steps("sequential/hidden/kernel/image", training) == [0, 1])
      #expect(numbers("batch_steps_per_second", training).allSatisfy { $0 > 0 })
      #expect(numbers("batch_loss", training)[1] == numbers("epoch_loss", training)[0])
    }
  }

  @Test("writes little when little is asked for, and nothing that was not measured")
  func little() throws {
    try withTemporaryFolder { folder in
      let callback = TensorBoard(logDirectory: folder, writeGraph: false)
      #expect(!callback.wantsSteps)
      try Self.model().fit(
        Self.x, Self.y, batchSize: 5, callbacks: [callback], verbose: .silent)
      let entries = try Self.entries(folder + "/train")
      #expect(
        Set(entries.map(\.tag)) == ["epoch_loss", "epoch_accuracy", "epoch_learning_rate"])
      #expect(!Files.exists(folder + "/validation"))
    }
  }

  @Test("says which settings make no sense")
  func mistakes() throws {
    try withTemporaryFolder { folder in
      func text(_ callback: TensorBoard) -> String {
        message {
          try Self.model().fit(Self.x, Self.y, callbacks: [callback], verbose: .silent)
        }
      }
      #expect(
        text(TensorBoard(logDirectory: folder, updateFrequency: .batches(0))) == """
          error: TensorBoard can be updated every 1 or more steps
            got   0
            help  updateFrequency: .epoch updates after each epoch alone
          """)
      #expect(
        text(TensorBoard(logDirectory: folder, histogramFrequency: -1)) == """
          error: TensorBoard cannot write distributions every -1 epochs
            got   histogramFrequency: -1
            help  0 writes none
          """)
    }
  }

  @Test("draws shared layers, branches and nested models as they are connected")
  func graphs() throws {
    let a = Input([5], name: "left"), b = Input([5], name: "right")
    let shared = Dense(4, name: "shared")
    let inner = Sequential(name: "head") {
      Dense(6, name: "first")
      Dense(2, name: "second")
    }
    let model = try Model(
      inputs: [a, b], outputs: [inner(Concatenate()(shared(a), shared(b)))], name: "graph")
    try withTemporaryFolder { folder in
      let writer = try EventWriter(directory: folder)
      try writer.graph(model)
      try writer.close()
      guard case .graph(let nodes)? = try Self.entries(folder).first?.content else {
        Issue.record("no graph")
        return
      }
      #expect(
        nodes.map { "\($0.name) \($0.operation) \($0.inputs.joined(separator: " "))" } == [
          "left InputLayer ", "right InputLayer ", "shared Dense left",
          "shared_call_2 Dense right", "concatenate Concatenate shared shared_call_2",
          "head/first Dense concatenate", "head/second Dense head/first",
        ])
    }
  }

  static let x = KerasInPython.numbers([20, 4])
  static let y = Tensor([20], (0..<20).map { Int32($0 % 3) })

  static func model() throws -> Model {
    let model = try Model(input: [4], seed: 1) {
      Dense(5, activation: .relu, name: "hidden")
      BatchNormalization()
      Dense(3, activation: .softmax)
    }
    try model.compile(
      optimizer: .adam(learningRate: 0.01), loss: .sparseCategoricalCrossentropy,
      metrics: ["accuracy"])
    return model
  }

  static func train(_ folder: String) throws -> History {
    try model().fit(
      x, y, batchSize: 4, epochs: 2, validationSplit: 0.2,
      callbacks: [
        TensorBoard(
          logDirectory: folder, histogramFrequency: 1, writeImages: true,
          writeStepsPerSecond: true, updateFrequency: .batches(2))
      ], verbose: .silent)
  }

  /// The entries of the only file in `folder`.
  static func entries(_ folder: String) throws -> [EventFile.Entry] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.count == 1)
    return try EventFile.read(path: "\(folder)/\(try #require(names.first))")
  }
}

/// Runs where `Scripts/golden/environment` has installed TensorBoard; `make test` does that first.
@Suite(
  "Event files in TensorBoard", .enabled(if: Files.exists(KerasInPython.interpreter)))
struct TensorBoardInPythonTests {
  @Test("hold the same values and graphs there")
  func values() throws {
    try withTemporaryFolder { folder in
      _ = try TensorBoardCallbackTests.train(folder)
      _ = try TensorBoardTests.example(in: folder + "/example")
      let results = try KerasInPython.results("check_event_files.py", folder)
      for (run, tags) in [
        ("train", TensorBoardCallbackTests.tags.training),
        ("validation", TensorBoardCallbackTests.tags.validation), ("example", nil),
      ] {
        let result = try #require(results[run])
        let values = result["values"]?.object ?? [:]
        if let tags { #expect(Set(values.keys) == Set(tags)) }
        let entries = try TensorBoardCallbackTests.entries("\(folder)/\(run)")
        for tag in Set(entries.map(\.tag)) where !tag.isEmpty {
          let ours = entries.filter { $0.tag == tag }
          let theirs = try #require(values[tag], "\(tag)")
          #expect(theirs["steps"]?.array?.compactMap(\.number) == ours.map { Double($0.step) })
          let read = theirs["values"]?.array ?? []
          #expect(read.count == ours.count)
          for (entry, value) in zip(ours, read) { try compare(entry, value) }
        }
        let nodes = entries.compactMap {
          if case .graph(let nodes) = $0.content { nodes } else { nil }
        }
        let graph = (result["graph"]?.array ?? []).map { $0.array ?? [] }
        #expect(
          graph.map { $0.compactMap(\.string) }
            == nodes.joined().map { [$0.name, $0.operation] })
        #expect(
          graph.map { $0.last?.array?.compactMap(\.string) } == nodes.joined().map(\.inputs))
        #expect(graph.isEmpty == (run == "validation"))
      }
    }
  }

  private func compare(_ entry: EventFile.Entry, _ value: JSONValue) throws {
    switch entry.content {
    case .scalar(let number):
      let theirs = try #require(value.number ?? (number.isFinite ? nil : number), "\(entry.tag)")
      #expect(theirs == number || theirs.isNaN && number.isNaN, "\(entry.tag)")
    case .histogram(let histogram):
      #expect(
        value.array?.map { $0.array?.compactMap(\.number) ?? [] }
          == histogram.buckets.map { [$0.lower, $0.upper, $0.count] }, "\(entry.tag)")
    case .text(let texts): #expect([value.string] == texts, "\(entry.tag)")
    case .images(let pictures):
      for (picture, read) in zip(pictures, value.array ?? []) {
        let image = try ImageFile.image(picture), parts = read.array ?? []
        #expect(parts[0].number == Double(image.shape[1]), "\(entry.tag)")
        #expect(parts[1].number == Double(image.shape[0]), "\(entry.tag)")
        #expect(parts[2].string == ["L", "LA", "RGB", "RGBA"][image.shape[2] - 1])
        #expect(parts[3].array?.compactMap(\.number) == image.numbers, "\(entry.tag)")
      }
      #expect(pictures.count == value.array?.count, "\(entry.tag)")
    case .graph, .other: Issue.record("\(entry.tag) is not a value")
    }
  }
}

extension KerasInPython {
  /// What a script in Scripts/golden writes to `results.json` in `folder`.
  static func results(_ script: String, _ folder: String) throws -> JSONValue {
    let process = Process(), errors = folder + "/errors.txt"
    try Files.write(Data(), to: errors)
    process.executableURL = URL(filePath: interpreter)
    process.arguments = [root.appending(path: "Scripts/golden/\(script)").path, folder]
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    let text = String(decoding: try Files.contents(of: errors), as: UTF8.self)
    #expect(process.terminationStatus == 0, "\(text)")
    return try JSONValue(parsing: Files.contents(of: folder + "/results.json"))
  }
}
