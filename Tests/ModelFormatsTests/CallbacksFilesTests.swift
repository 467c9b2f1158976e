import CPUEngine
import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

/// A folder for the files of a test.
private final class Folder {
  let path = FileManager.default.temporaryDirectory.path + "/strata-\(UUID().uuidString)"
  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { path + "/" + name }
  func text(_ name: String) -> String? { try? String(contentsOfFile: path(name), encoding: .utf8) }
  /// The names of all files.
  func names(_ name: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(name)).sorted()
  }
}

private func trained(
  _ callbacks: [any Callback], epochs: Int = 3, validation: Bool = true
) throws -> (Model, History) {
  let model = try Model(input: [2], seed: 1, engine: CPUEngine(threads: 1)) {
    Dense(4, activation: .tanh)
    Dropout(0.2)
    Dense(2, activation: .softmax)
  }
  try model.compile(
    optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy,
    metrics: [.accuracy])
  let x = Tensor([12, 2], (0..<24).map { Float($0 * 5 % 7) / 7 })
  let y = Tensor([12], (0..<12).map { Int32($0 % 3 % 2) })
  let history = try model.fit(
    x, y, batchSize: 4, epochs: epochs, validationSplit: validation ? 0.25 : 0,
    callbacks: callbacks, verbose: .silent)
  return (model, history)
}

/// Ends a training by an error after so many steps.
private final class Failure: Callback {
  struct Error: Swift.Error {}
  private var left: Int
  let wantsSteps = true
  init(after steps: Int) { left = steps }
  func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    guard case .stepped = event else { return }
    left -= 1
    if left == 0 { throw Error() }
  }
}

@Suite(.serialized) struct CallbacksFilesTests {
  @Test("a checkpoint comes back from its file as it was, in every bit")
  func checkpointFile() throws {
    var checkpoint: Checkpoint?
    let keeper = LambdaCallback(onEpochEnd: { _, control in
      control.checkpoint { checkpoint = $0 }
    })
    let stopping = EarlyStopping(patience: 9, restoreBestWeights: true)
    _ = try trained([keeper, stopping])
    var original = try #require(checkpoint)
    original.epochs[0].logs["odd"] = .nan
    original.epochs[0].logs["odder"] = -.infinity
    let data = try CheckpointFile.data(original)
    let read = try CheckpointFile.checkpoint(data)
    #expect(
      Dictionary(uniqueKeysWithValues: read.variables.map { $0 })
        == Dictionary(uniqueKeysWithValues: original.variables.map { $0 }))
    #expect(read.identity == original.identity && read.progress == original.progress)
    #expect(read.callbacks == original.callbacks && !read.callbacks.isEmpty)
    #expect(read.epochs[0].logs["odd"]?.isNaN == true)
    #expect(read.epochs[0].logs["odder"] == -.infinity)
    #expect(read.epochs.last == original.epochs.last)
    // Any bit that changes is noticed, and so is any byte that is missing.
    for place in stride(from: 0, to: data.count, by: 7) {
      var damaged = data
      damaged[place] ^= 1 << UInt8(place % 8)
      #expect(throws: FormatError.self, "byte \(place)") { try CheckpointFile.checkpoint(damaged) }
    }
    for count in stride(from: 0, to: data.count, by: 13) {
      #expect(throws: FormatError.self) { try CheckpointFile.checkpoint(Data(data.prefix(count))) }
    }
    let plain = try SafetensorsFile.data(["a": Tensor(Float(1))])
    #expect(message { try CheckpointFile.checkpoint(plain) }.contains("this is not a checkpoint"))
  }

  @Test("a folder keeps the last few, and gives way from a damaged one to the one before")
  func folder() throws {
    let box = try Folder(), folder = CheckpointFolder(box.path("a/b"))
    #expect(try folder.files().isEmpty)
    #expect(try folder.newest { _ in } == nil)
    var checkpoints: [Checkpoint] = []
    let keeper = LambdaCallback(onEpochEnd: { _, control in
      control.checkpoint { checkpoints.append($0) }
    })
    _ = try trained([keeper], epochs: 5)
    for checkpoint in checkpoints { try folder.write(checkpoint, keeping: 3) }
    #expect(
      try box.names("a/b") == (3...5).map { "checkpoint-\($0).safetensors" })
    #expect(try folder.newest { _ in }?.checkpoint.progress.epoch == 5)
    try Data("half a file".utf8).write(to: URL(filePath: box.path("a/b/checkpoint-5.safetensors")))
    try Data().write(to: URL(filePath: box.path("a/b/checkpoint-6.safetensors.17.partial")))
    try Data().write(to: URL(filePath: box.path("a/b/notes.txt")))
    var warnings: [String] = []
    let found = try folder.newest { warnings.append($0) }
    #expect(found?.checkpoint.progress.epoch == 4)
    #expect(
      warnings == [
        "warning: \(box.path("a/b/checkpoint-5.safetensors")) cannot be used: "
          + "this is not a safetensors file, or it is cut off"
      ])
    try folder.clean()
    #expect(try box.names("a/b").count == 4)
    for name in try folder.files() { try Data().write(to: URL(filePath: name)) }
    #expect(throws: FormatError.self) { try folder.newest { _ in } }
    try folder.remove()
    #expect(try box.names("a/b") == ["notes.txt"])
  }

  @Test("a backup makes a training go on where an error ended it", arguments: [1, 2, 3, 5, 8])
  func backup(_ steps: Int) throws {
    let box = try Folder()
    let (whole, history) = try trained([])
    func backup() -> BackupAndRestore {
      BackupAndRestore(box.path("backup"), saveFrequency: .steps(1))
    }
    #expect(throws: Failure.Error.self) { try trained([backup(), Failure(after: steps)]) }
    // The error came before the checkpoint of its step.
    #expect(try box.names().isEmpty == false)
    let (resumed, again) = try trained([backup()])
    #expect(resumed.variables == whole.variables)
    #expect(again.epochs.map(\.logs) == history.epochs.map(\.logs))
    #expect(try box.names().isEmpty)  // taken away at the end
  }

  @Test("backups after epochs, kept at the end if asked")
  func backupOfEpochs() throws {
    let box = try Folder()
    let callback = BackupAndRestore(box.path("backup"), keeping: 2, deleteCheckpoint: false)
    let (model, _) = try trained([callback])
    #expect(try box.names("backup").count == 2)
    #expect(callback.lastFile == box.path("backup/checkpoint-3.safetensors"))
    let (longer, history) = try trained([callback], epochs: 5)
    #expect(history.epochs.count == 5)
    #expect(longer.variables == (try trained([], epochs: 5).0.variables))
    #expect(longer.variables != model.variables)
    for (callback, text) in [
      (BackupAndRestore(""), "BackupAndRestore needs the name of a folder"),
      (
        BackupAndRestore(box.path, saveFrequency: .steps(0)),
        "BackupAndRestore saves every 1 or more steps"
      ),
      (BackupAndRestore(box.path, keeping: 0), "BackupAndRestore keeps 1 or more checkpoints"),
    ] {
      #expect(message { try trained([callback]) }.hasPrefix("error: " + text))
    }
  }

  @Test("models are saved under names that say epoch and metrics")
  func modelCheckpoint() throws {
    let box = try Folder()
    let callback = ModelCheckpoint(box.path("a/{epoch:02d}-{val_loss:.2f}.keras"))
    let (model, history) = try trained([callback])
    let names = (0..<3).map {
      String(format: "%02d-%.2f.keras", $0 + 1, history["val_loss"][$0])
    }
    #expect(try box.names("a") == names)
    let last = try KerasFile.model(
      Data(contentsOf: URL(filePath: box.path("a/" + names[2]))), engine: CPUEngine(threads: 1))
    #expect(last.weightValues == model.weightValues)
    // By steps, with the number of the batch; weights alone.
    let weights = ModelCheckpoint(
      box.path("b/{epoch}-{batch}.weights.h5"), saveWeightsOnly: true, saveFrequency: .steps(2))
    let (other, _) = try trained([weights])
    #expect(
      try box.names("b") == [
        "1-2.weights.h5", "2-1.weights.h5", "2-3.weights.h5", "3-2.weights.h5",
      ])
    try other.setWeights(["dense/bias": Tensor([4], [Float](repeating: 9, count: 4))])
    try other.loadWeights(from: box.path("b/3-2.weights.h5"))
    #expect(other.iterations == 8)
    #expect(other.weights["dense/bias"]?.numbers.contains(9) == false)
  }

  @Test("only the best models are saved")
  func best() throws {
    let box = try Folder()
    let plan = TrainingPlan(
      model: "m", initialEpoch: 0, epochs: 9, stepsPerEpoch: 1, sampleCount: 1, batchSize: 1,
      validationSampleCount: 1)
    func saved(
      _ callback: ModelCheckpoint, _ values: [Double]
    ) throws -> (names: [String], text: [String]) {
      var said: [String] = []
      let (model, _) = try trained([], epochs: 1)
      let control = TrainingControl(model) { said.append($0) }
      try callback.receive(.began(plan), control)
      for (epoch, value) in values.enumerated() {
        let report = EpochReport(
          epoch: epoch, logs: ["val_accuracy": value, "val_loss": value], seconds: 1,
          sampleCount: 1)
        try callback.receive(.epochEnded(report), control)
      }
      defer { try? FileManager.default.removeItem(atPath: box.path("c")) }
      return (try box.names("c"), said)
    }
    let path = box.path("c/{epoch}.keras"), values = [0.5, 0.25, 0.75, 0.75, 0.125]
    #expect(
      try saved(ModelCheckpoint(path, saveBestOnly: true), values).names
        == ["1.keras", "2.keras", "5.keras"])
    #expect(
      try saved(ModelCheckpoint(path, monitor: "val_accuracy", saveBestOnly: true), values).names
        == ["1.keras", "3.keras"])
    #expect(
      try saved(
        ModelCheckpoint(path, saveBestOnly: true, initialValueThreshold: 0.3), values
      ).names == ["2.keras", "5.keras"])
    #expect(
      try saved(ModelCheckpoint(path, verbose: true, saveBestOnly: true), [0.5, 1]).text == [
        "Epoch 1: val_loss improved from nothing to 0.5",
        "Epoch 1: saved \(box.path("c/1.keras"))",
        "Epoch 2: val_loss did not improve from 0.5",
      ])
  }

  @Test(
    "mistakes in what is saved come before training",
    arguments: [
      Mistake(
        ModelCheckpoint("a.h5"), "ModelCheckpoint saves models to a file whose name ends in .keras"),
      Mistake(
        ModelCheckpoint("a.keras", saveWeightsOnly: true),
        "ModelCheckpoint saves weights to a file whose name ends in .weights.h5"
      ),
      Mistake(
        ModelCheckpoint("{val_los}.keras"),
        "the path of ModelCheckpoint has a place for val_los, which this training does not have"
      ),
      Mistake(ModelCheckpoint("{epoch.keras"), "the path of a file cannot be filled in"),
      Mistake(ModelCheckpoint("{epoch:5x}.keras"), "the path of a file cannot be filled in"),
      Mistake(
        ModelCheckpoint("a.keras", saveBestOnly: true, saveFrequency: .steps(2)),
        "ModelCheckpoint watches val_loss, which is there after epochs alone"
      ),
      Mistake(
        ModelCheckpoint("a.keras", monitor: "los", saveBestOnly: true),
        "ModelCheckpoint watches los,"),
      Mistake(
        ModelCheckpoint("a.keras", saveFrequency: .steps(0)),
        "ModelCheckpoint saves every 1 or more"),
    ])
  fileprivate func mistakes(_ mistake: Mistake) {
    let text = message { try trained([mistake.callback]) }
    #expect(text.hasPrefix("error: " + mistake.text), "\(text)")
  }

  /// Unchecked because each callback is used by one test alone.
  fileprivate struct Mistake: @unchecked Sendable {
    let callback: ModelCheckpoint, text: String
    init(_ callback: ModelCheckpoint, _ text: String) {
      (self.callback, self.text) = (callback, text)
    }
  }

  @Test("a table has a line for each epoch, and is cut to its checkpoint")
  func table() throws {
    let box = try Folder(), path = box.path("log.csv")
    _ = try trained([CSVLogger(path)])
    let whole = try #require(box.text("log.csv"))
    let lines = whole.split(separator: "\n")
    #expect(lines.count == 4 && lines[0] == "epoch,accuracy,loss,val_accuracy,val_loss")
    #expect(lines[3].hasPrefix("2,"))
    // Added to, without a second head.
    _ = try trained([CSVLogger(path, append: true)], epochs: 1)
    #expect(box.text("log.csv") == whole + lines[1] + "\n")
    // A training that goes on repeats no line.
    let backup = BackupAndRestore(box.path("b"), deleteCheckpoint: false)
    let failing = LambdaCallback(onEpochEnd: { report, _ in
      if report.epoch == 1 { throw Failure.Error() }
    })
    #expect(throws: Failure.Error.self) { try trained([CSVLogger(path), backup, failing]) }
    #expect(box.text("log.csv")?.split(separator: "\n").count == 3)
    _ = try trained([CSVLogger(path), backup])
    #expect(box.text("log.csv") == whole)
    _ = try trained([CSVLogger(path, separator: "\t")], epochs: 1, validation: false)
    #expect(box.text("log.csv")?.hasPrefix("epoch\taccuracy\tloss\n0\t") == true)
    #expect(
      message { try trained([CSVLogger(box.path("no/log.csv"))]) } == """
        error: the log cannot be written
          got   No such file or directory
          in    \(box.path("no/log.csv"))
          help  make its folder first
        """)
  }
}
