import ArgumentParser
import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph

/// Teaches a network.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Trains a network and writes it to a .keras file.",
    discussion: """
      A built-in network adapts to the data: its input to the shape of a sample, its last layer to \
      the targets. Whole-number targets are class labels, all others numbers to be predicted; \
      --loss decides instead. Bytes are pictures, and divided by 255; those of --images come in \
      an order that follows from --seed.

      Ctrl-C ends the training after the step it is in; what was learned is saved, and the exit \
      status is 130. With --checkpoint, the same command with --resume goes on from there, as if \
      it had never been.
      """)

  @Argument(help: "A model file, a Keras configuration, or a built-in network: \(builtInNames).")
  var model: String

  @OptionGroup var dataOptions: DataOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the model goes; <model>-trained.keras if not given.", valueName: "file"))
  var output: String?

  @Option(help: "How many times every sample is seen.")
  var epochs = 1
  @OptionGroup var batch: BatchOptions
  @Option(help: "The name of the optimizer; the model's own, or adam.")
  var optimizer: String?
  @Option(help: "How far a step goes.")
  var learningRate: Double?
  @OptionGroup var compileOptions: CompileOptions

  @Option(help: "The share of samples, the last ones, to measure on after each epoch.")
  var validationSplit: Double?
  @Option(help: ArgumentHelp("Inputs to measure on after each epoch.", valueName: "file"))
  var validationX: [String] = []
  @Option(help: ArgumentHelp("Targets to measure on after each epoch.", valueName: "file"))
  var validationY: [String] = []

  @Option(
    help: ArgumentHelp(
      "How much samples of a class count, such as 0:1,1:5.", valueName: "class:weight,..."))
  var classWeight: ClassWeights?
  @Option(help: "What products are computed in: float32, or mixed_bfloat16, which is faster.")
  var precision: DTypePolicy?

  @Flag(inversion: .prefixedNo, help: "Whether each epoch visits the samples in another order.")
  var shuffle = true
  @Option(help: "What first weights and all random numbers follow from.")
  var seed: UInt64 = 0
  @OptionGroup var engineOptions: EngineOptions
  @OptionGroup var checkpoints: CheckpointOptions

  @Option(
    help: ArgumentHelp(
      "Ends when a metric has not got better for so many epochs (1).",
      valueName: "metric[:patience]"))
  var earlyStopping: String?
  @Option(help: ArgumentHelp("Writes a line for each epoch to a table.", valueName: "file"))
  var csvLog: String?
  @Option(
    help: ArgumentHelp("Writes what TensorBoard shows to a folder.", valueName: "folder"))
  var tensorboard: String?
  @Flag(help: "Fails when the loss is no number any more, instead of going on.")
  var terminateOnNan = false
  @Flag(
    help: ArgumentHelp(
      "Prints how each layer trains, on standard error.",
      discussion: "Advice comes without it too, when something is wrong."))
  var doctor = false
  @Flag(help: "Prints an object for each epoch on standard output.")
  var json = false

  func validate() throws {
    guard epochs >= 1 else { throw ValidationError("--epochs is at least 1, not \(epochs)") }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate is a number above 0, not \(learningRate)")
    }
    if let validationSplit, !(validationSplit > 0 && validationSplit < 1) {
      throw ValidationError("--validation-split lies between 0 and 1, not \(validationSplit)")
    }
    guard validationX.isEmpty == validationY.isEmpty else {
      throw ValidationError("--validation-x and --validation-y go together")
    }
    guard validationX.isEmpty || validationSplit == nil else {
      throw ValidationError("--validation-split and --validation-x exclude each other")
    }
    _ = try monitor()
  }

  func run() throws {
    let source = try ModelSource(model)
    let output = try OutputFile(self.output ?? defaultOutput(source))
    _ = try ModelFormat(savingTo: output.path)
    if let csvLog { _ = try OutputFile(csvLog) }
    var dataset: String?
    if case .builtIn(let builtIn) = source { dataset = builtIn.dataset }
    // What pictures are to be like, a model that is there says.
    let given =
      dataOptions.images == nil
      ? nil : try source.givenModel(engineOptions, seed: seed)
    let samples = try dataOptions.load(
      .training, orNamed: dataset,
      pictures: PictureFormat(of: given, loss: compileOptions.loss, seed: seed))

    let model = try compiledModel(source, given, samples)
    try ModelFile.checkNames(of: model, savingTo: output.path)
    let data = try model.completed(samples)
    var validation: TrainingData?
    if !validationX.isEmpty {
      validation = try model.completed(DataOptions.arrays(validationX, validationY))
    }
    let resumed = try checkpoints.resumed()
    let backup = try checkpoints.backup()
    // Who has not asked for the report is not to wait for it: the first epoch is enough for advice.
    let examiner = doctor ? Doctor() : Doctor(freeLooks: 4)
    let history = try Interruption.handled {
      try model.fit(
        data, batchSize: batch.size, epochs: epochs, validationSplit: validationSplit ?? 0,
        validationData: validation, shuffle: shuffle,
        classWeights: classWeight.map { try $0.values(for: model) } ?? [:],
        callbacks: [examiner] + callbacks(resumed, backup))
    }
    if doctor { Console.say("\(examiner.report)") }
    try save(model, to: output.path, backup)
    guard history.ending == .interrupted else {
      Console.say("saved \(output.path)")
      return
    }
    if let file = backup?.lastFile { Console.say("kept \(file): --resume goes on from it") }
    Console.say("interrupted after \(model.iterations) steps; saved \(output.path)")
    throw ExitCode(128 + (Interruption.signal ?? SIGINT))
  }

  /// Writes the trained model; what was learned should outlive a full disk.
  private func save(
    _ model: Model, to path: String, _ backup: BackupAndRestore?
  ) throws(FormatError) {
    do throws(FormatError) {
      try model.save(to: path)
    } catch {
      throw OutputRescue(error, path).report(model, checkpoint: backup?.lastFile)
    }
  }

  /// The model, `given` or from `source`, ready to learn `samples`.
  private func compiledModel(
    _ source: ModelSource, _ given: Model?, _ samples: TrainingData
  ) throws -> Model {
    var model: Model
    if let given {
      model = given
    } else if case .builtIn(let builtIn) = source {
      model = try builtIn.model(
        for: samples, loss: compileOptions.loss, seed: seed, engine: engineOptions.engine)
    } else {
      model = try source.model(
        engine: engineOptions.engine, seed: seed,
        checksTestVector: engineOptions.checksTestVector)
    }
    if let precision { model = try model.converted(to: precision) }
    try compileOptions.apply(to: model, optimizer: optimizer)
    if let learningRate { model.learningRate = learningRate }
    return model
  }

  private func callbacks(
    _ resumed: ResumeFrom?, _ backup: BackupAndRestore?
  ) throws -> [any Callback] {
    var callbacks: [any Callback] = []
    if json { callbacks.append(EpochPrinter()) }
    if let (name, patience) = try monitor() {
      callbacks.append(MonitorCheck(name))
      callbacks.append(EarlyStopping(monitor: name, patience: patience))
    }
    if let csvLog { callbacks.append(CSVLogger(csvLog)) }
    if let tensorboard { callbacks.append(TensorBoard(logDirectory: tensorboard)) }
    if terminateOnNan { callbacks.append(TerminateOnNaN(raiseError: true)) }
    if let resumed { callbacks.append(resumed) }
    if let backup { callbacks.append(backup) }
    return callbacks
  }

  /// What `--early-stopping` watches, and for how many epochs.
  private func monitor() throws -> (name: String, patience: Int)? {
    guard let parts = earlyStopping?.split(separator: ":", maxSplits: 1) else { return nil }
    let patience = parts.count == 2 ? Int(parts[1]) : 1
    guard let name = parts.first, let patience, patience >= 1 else {
      throw ValidationError("--early-stopping is a metric, or one with a number: val_loss:3")
    }
    return (String(name), patience)
  }

  private func defaultOutput(_ source: ModelSource) -> String {
    let name = model.split(separator: "/").last.map(String.init) ?? model
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    // The operators of an ONNX file are no layers of Keras.
    var ending = ".keras"
    if case .file(_, format: .onnx, _) = source { ending = ".onnx" }
    return (stem.isEmpty ? name : stem) + "-trained" + ending
  }
}

/// The names of the built-in networks.
let builtInNames = BuiltInModel.all.map(\.name).joined(separator: ", ")
