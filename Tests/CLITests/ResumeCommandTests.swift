import Foundation
import Glibc
import NeuralNetworks
import Strata
import TensorGraph
import Testing

/// A training by the command, small enough to be run hundreds of times.
private struct Training: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let samples: Shape
  let model: @Sendable () throws -> Model
  var options: [String] = []

  /// Writes the model and the data to `box`.
  func prepare(_ box: Sandbox) throws {
    let model = try model()
    try model.save(to: box.folder.appending(path: "m.keras").path())
    var generator = SeededGenerator(seed: 7)
    let count = samples[0]
    let x = (0..<samples.count).map { _ in Float(generator.uniform() * 2 - 1) }
    try box.write(Tensor(samples, x), "x.npy")
    try box.write(Tensor([count], (0..<count).map { Int32($0 * 7 % 3 % 2) }), "y.npy")
  }

  /// The command that trains it.
  func arguments(_ output: String, _ more: [String]) -> [String] {
    [
      "train", "m.keras", "--x", "x.npy", "--y", "y.npy", "--epochs", "4", "--batch-size", "16",
      "--threads", "1", "--validation-split", "0.25", "-o", output,
    ] + options + more
  }

  static let all = [
    Training(
      testDescription: "dropout, batch normalization, Adam, a schedule", samples: [300, 4],
      model: {
        try compiled(
          Model(input: [4], seed: 3) {
            Dense(16, activation: .relu)
            BatchNormalization()
            Dropout(0.3)
            Dense(2, activation: .softmax)
          },
          .adam(
            learningRate: .exponentialDecay(
              initialLearningRate: 0.02, decaySteps: 5, decayRate: 0.9)))
      }),
    Training(
      testDescription: "early stopping and running averages", samples: [256, 4],
      model: {
        try compiled(
          Model(input: [4], seed: 4) {
            Dense(16, activation: .tanh)
            Dense(2, activation: .softmax)
          }, .adam(learningRate: 0.05, options: [.exponentialMovingAverage(momentum: 0.9)]))
      }, options: ["--early-stopping", "val_loss:2", "--csv-log", "log.csv"]),
    Training(
      testDescription: "a stateful LSTM", samples: [256, 3, 2],
      model: {
        let x = Input([3, 2], batchSize: 16)
        return try compiled(
          Model(
            inputs: x, outputs: Dense(2, activation: .softmax)(LSTM(4, stateful: true)(x)), seed: 6
          ), .adam(learningRate: 0.02))
      }),
  ]

  private static func compiled(_ model: Model, _ optimizer: OptimizerChoice) throws -> Model {
    try model.compile(
      optimizer: optimizer, loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    return model
  }
}

/// All that a file of a model has: the values of weights, optimizer and random numbers.
private func values(_ box: Sandbox, _ name: String) throws -> [Tensor] {
  let model = try Model.load(from: box.folder.appending(path: name).path())
  return model.variables
}

@Suite(.serialized) struct ResumeCommandTests {
  @Test(
    "a training that is killed again and again ends with the same bytes", arguments: Training.all)
  fileprivate func killed(_ training: Training) throws {
    let box = try Sandbox()
    try training.prepare(box)
    let whole = try box.strata(training.arguments("whole.keras", []))
    #expect(whole.status == 0, "\(whole.messages)")
    let expected = try values(box, "whole.keras"), log = box.bytes("log.csv")

    // How long a training takes, so that kills meet all of it.
    let start = ContinuousClock.now
    let kept = ["--checkpoint-every", "1"]
    _ = try box.strata(training.arguments("x.keras", ["--checkpoint", "timing"] + kept))
    let time = (ContinuousClock.now - start) / .seconds(1)
    var generator = SeededGenerator(seed: 11)
    var kills = 0, trainings = 0, resumed = 0
    while kills < 34 {
      trainings += 1
      let folder = "kept\(trainings)"
      for attempt in 0..<200 {
        let isThere = box.bytes("\(folder)/started") != nil || hasCheckpoint(box, folder)
        let options = isThere ? ["--resume", folder] : ["--checkpoint", folder]
        let isKilled = attempt < 12 && kills < 34
        let delay = generator.uniform() * time * 1.1
        let run = try box.run(
          Sandbox.command, training.arguments("out.keras", options + kept)
        ) { process in
          guard isKilled else { return }
          usleep(UInt32(delay * 1e6))
          kill(process.processIdentifier, SIGKILL)
        }
        if isThere { resumed += 1 }
        if run.status == 0 { break }
        #expect(run.status == SIGKILL, "\(run.messages)")
        kills += 1
      }
      #expect(try values(box, "out.keras") == expected, "training \(trainings)")
      #expect(box.bytes("log.csv") == log)
      try FileManager.default.removeItem(at: box.folder.appending(path: "out.keras"))
    }
    #expect(resumed > 10)
  }

  /// Whether `folder` has a checkpoint.
  private func hasCheckpoint(_ box: Sandbox, _ folder: String) -> Bool {
    let path = box.folder.appending(path: folder).path()
    return (try? CheckpointFolder(path).files().isEmpty) == false
  }

  @Test("a training that was asked to stop goes on", arguments: [SIGTERM, SIGINT])
  func stopped(_ signal: Int32) throws {
    let box = try Sandbox(), training = Training.all[0]
    try training.prepare(box)
    let long = ["--epochs", "300"]
    let whole = try box.strata(training.arguments("whole.keras", long))
    #expect(whole.status == 0, "\(whole.messages)")
    let first = try box.run(
      Sandbox.command, training.arguments("part.keras", long + ["--checkpoint", "kept"])
    ) { process in
      for _ in 0..<1000 where !hasCheckpoint(box, "kept") { usleep(1000) }
      kill(process.processIdentifier, signal)
    }
    #expect(first.status == 128 + signal, "\(first.messages)")
    #expect(
      try #/kept kept/checkpoint-\d+\.safetensors: --resume goes on from it\n/#.firstMatch(
        in: first.messages) != nil, "\(first.messages)")
    let second = try box.strata(training.arguments("out.keras", long + ["--resume", "kept"]))
    #expect(second.status == 0, "\(second.messages)")
    #expect(
      try #/goes on from kept/checkpoint-\d+\.safetensors: epoch \d+, after \d+ steps of it\n/#
        .firstMatch(in: second.messages) != nil, "\(second.messages)")
    #expect(try values(box, "out.keras") == values(box, "whole.keras"))
    #expect(try values(box, "part.keras") != values(box, "whole.keras"))
  }

  @Test("what cannot be gone on with is said")
  func mistakes() throws {
    let box = try Sandbox(), training = Training.all[0]
    try training.prepare(box)
    func message(_ options: String...) throws -> String {
      try box.strata(training.arguments("out.keras", options)).messages
    }
    #expect(
      try message("--resume", "nowhere") == """
        error: there is no checkpoint in nowhere
          help  begin the training with --checkpoint nowhere

        """)
    #expect(try message("--checkpoint", "kept").contains("saved out.keras"))
    #expect(
      try message("--checkpoint", "kept") == """
        error: kept has the checkpoints of another training
          help  go on with it: --resume kept; or name another folder

        """)
    #expect(
      try message("--resume", "kept", "--batch-size", "8").contains(
        "error: the checkpoint is one of another training: 16 samples a step, not 8 samples a step"
      ))
    #expect(
      try message("--checkpoint-every", "3").hasPrefix(
        "error: --checkpoint-every goes with --checkpoint or --resume"))
    #expect(
      try message("--checkpoint-every", "0", "--checkpoint", "a").hasPrefix(
        "error: --checkpoint-every is at least 1 step, not 0"))
    // A training that is over can be made longer.
    let longer = try message("--resume", "kept", "--epochs", "6")
    #expect(longer.contains("epoch 5, after 0 steps of it\n"), "\(longer)")
    #expect(try message("--epochs", "6").contains("saved"))
    let whole = try values(box, "out.keras")
    #expect(try message("--resume", "kept", "--epochs", "6").contains("saved"))
    #expect(try values(box, "out.keras") == whole)
    // A damaged checkpoint gives way to the one before.
    let newest = try #require(
      try CheckpointFolder(box.folder.appending(path: "kept").path()).files().first)
    var bytes = try Data(contentsOf: URL(filePath: newest))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: newest))
    let damaged = try message("--resume", "kept", "--epochs", "6")
    #expect(damaged.contains("checkpoint-6.safetensors cannot be used: "), "\(damaged)")
    #expect(try values(box, "out.keras") == whole)
  }

  @Test("a model that cannot be written is kept elsewhere, or in its checkpoint")
  func fullDisk() throws {
    let box = try Sandbox(), training = Training.all[0]
    try training.prepare(box)
    func train(_ options: String...) throws -> Sandbox.Outcome {
      try FileManager.default.createDirectory(
        at: box.folder.appending(path: "out"), withIntermediateDirectories: true)
      try? FileManager.default.removeItem(at: box.folder.appending(path: "log"))
      return try box.run(
        Sandbox.command,
        training.arguments("out/m.keras", ["--epochs", "400", "--csv-log", "log"] + options)
      ) { process in
        // The folder is taken away while it trains.
        for _ in 0..<1000 where (box.bytes("log")?.count ?? 0) < 20 { usleep(1000) }
        rmdir(box.folder.appending(path: "out").path())
      }
    }
    let plain = try train()
    #expect(plain.status == 1)
    let rescue = try #require(
      try #/what was learned is in (\S+)\n/#.firstMatch(in: plain.messages), "\(plain.messages)")
    let path = String(rescue.1)
    defer { unlink(path) }
    #expect(try Model.load(from: path).iterations == 400 * 15)
    let kept = try train("--checkpoint", "kept")
    #expect(kept.status == 1)
    #expect(
      try #/what was learned is in kept/checkpoint-\d+\.safetensors: --resume writes it again\n/#
        .firstMatch(in: kept.messages) != nil, "\(kept.messages)")
    let again = try box.strata(
      training.arguments("m2.keras", ["--epochs", "400", "--csv-log", "log", "--resume", "kept"]))
    #expect(again.status == 0, "\(again.messages)")
    #expect(
      try values(box, "m2.keras") == Model.load(from: path).variables)
  }
}
