import ArgumentParser
import CPUEngine
import NeuralNetworks
import TensorGraph

/// Measures how fast models learn and predict.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures training steps and predictions.",
    discussion: """
      Prints microseconds for a training step and for the prediction of a batch, the least of \
      several measurements, GFLOP/s of the training step, and its share of what a large product \
      of matrices reaches on this machine. Convolutions count as many operations as their \
      definition has: some are computed with fewer. A model without a loss only predicts.
      """)

  @Argument(help: "Built-in networks or model files; all built-in ones if not given.")
  var models: [String] = []
  @Option(help: "The number of samples of a batch; if not given, what suits the network.")
  var batchSize: Int?
  @OptionGroup var engineOptions: EngineOptions
  @Flag(help: "Prints how long each instruction of a step takes.")
  var profile = false
  @Flag(help: "Measures how long files are loaded instead, and how long their bytes are read.")
  var loading = false
  @Option(help: "Counts the predictions of so many callers at a time instead.")
  var callers: Int?
  @Flag(help: "Also prints how long tracing and compiling takes, and the first run after it.")
  var compiling = false
  @Flag(help: "Prints an array of objects.")
  var json = false

  func validate() throws {
    if let batchSize, batchSize < 1 {
      throw ValidationError("--batch-size is at least 1, not \(batchSize)")
    }
    if compiling, profile || loading || callers != nil {
      throw ValidationError("--compiling excludes --profile, --loading and --callers")
    }
    if profile, json { throw ValidationError("--profile and --json exclude each other") }
    if let callers {
      if callers < 1 { throw ValidationError("--callers is at least 1, not \(callers)") }
      if profile { throw ValidationError("--profile and --callers exclude each other") }
    }
    if loading {
      if callers != nil { throw ValidationError("--callers and --loading exclude each other") }
      if profile { throw ValidationError("--profile and --loading exclude each other") }
      if models.isEmpty { throw ValidationError("--loading needs files") }
    }
  }

  func run() throws {
    if loading { return try measureLoading() }
    let names = models.isEmpty ? BuiltInModel.all.map(\.name) : models
    let sources = try names.map { ($0, try ModelSource($0)) }
    let engine = engineOptions.engine
    var peak = try PeakProduct(engine: engine)
    if !json, !profile {
      Console.write(
        callers == nil ? BenchResult.header(withStart: compiling) : CallersResult.header)
    }
    var results: [JSON] = []
    for (name, source) in sources {
      let model = try source.model(
        engine: engine, checksTestVector: engineOptions.checksTestVector)
      var batch = 32, dtype: DType?
      if case .builtIn(let builtIn) = source {
        (batch, dtype) = (builtIn.batchSize, builtIn.sample.dtype)
      }
      let data = try model.meaninglessData(samples: batchSize ?? batch, dtype: dtype)
      if let callers {
        let result = try CallersResult(model, data, called: name, callers: callers)
        if json { results.append(result.json) } else { Console.write(result.text) }
      } else if profile {
        try printProfile(of: model, data)
      } else {
        let result = try measure(model, data, called: name, &peak)
        if json { results.append(result.json) } else { Console.write(result.text) }
      }
    }
    if json { Console.write("\(JSON.array(results))") }
  }

  /// Measures steps, predictions and the peak in turn, so that each meets the machine in the same
  /// moods.
  private func measure(
    _ model: Model, _ data: TrainingData, called name: String, _ peak: inout PeakProduct
  ) throws -> BenchResult {
    let trains = model.compileSettings != nil
    let (measured, compileSeconds) = try Stopwatch.once {
      try trains ? model.preparedTrainingStep(data) : model.preparedPrediction(data)
    }
    func run() { _ = measured.executable.run(measured.inputs, variables: &model.variables) }
    func predict() throws { _ = try model.predict(data.inputs, batchSize: data.sampleCount) }
    let (_, firstSeconds) = Stopwatch.once(run)
    var training = Stopwatch(), predicting = Stopwatch()
    let clock = ContinuousClock(), start = clock.now
    var rounds = 0
    while rounds < 3 || (rounds < 30 && clock.now - start < .seconds(3)) {
      if trains {
        training.time(run)
        try predict()  // what is prepared once for weights that stay is not a prediction's time
      }
      try predicting.time(predict)
      peak.measure()
      rounds += 1
    }
    let rate = Double(measured.flops) / (trains ? training : predicting).best
    return BenchResult(
      name: name, batchSize: data.sampleCount, trainSeconds: trains ? training.best : nil,
      predictSeconds: predicting.best, flopsPerSecond: rate, peakShare: rate / peak.best,
      start: compiling ? (compileSeconds, firstSeconds) : nil)
  }

  private func measureLoading() throws {
    if !json { Console.write(LoadingResult.header) }
    var results: [JSON] = []
    for path in models {
      let result = try LoadingResult(path, engine: engineOptions.engine)
      if json { results.append(result.json) } else { Console.write(result.text) }
    }
    if json { Console.write("\(JSON.array(results))") }
  }

  private func printProfile(of model: Model, _ data: TrainingData) throws {
    let step =
      try model.compileSettings == nil
      ? model.preparedPrediction(data) : model.preparedTrainingStep(data)
    guard let executable = step.executable as? CPUExecutable else { return }
    for _ in 0..<3 { _ = executable.run(step.inputs, variables: &model.variables) }
    let rows = executable.profile(step.inputs, variables: &model.variables)
    let total = rows.reduce(0) { $0 + $1.microseconds }
    Console.write("\(model.name), batch \(data.sampleCount): \(Console.short(total)) µs")
    Console.write(Self.profileRow(["µs", "share", "GFLOP/s", "GB/s"], "", ""))
    // What is the same in every run was done before: it takes no time.
    for row in rows where row.microseconds > 0 {
      let speed = row.flops > 0 ? Console.short(row.flops / row.microseconds / 1e3) : "-"
      Console.write(
        Self.profileRow(
          [
            Console.short(row.microseconds),
            "\(Int((100 * row.microseconds / total).rounded())) %", speed,
            Console.short(Double(row.byteCount) / row.microseconds / 1e3),
          ], row.name, row.path))
    }
  }

  private static func profileRow(_ cells: [String], _ name: String, _ path: String) -> String {
    zip(cells, [10, 7, 10, 10]).map { cell, width in
      String(repeating: " ", count: max(width - cell.count, 1)) + cell
    }.joined() + "  \(name)  \(path)"
  }
}
