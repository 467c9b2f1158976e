import FoundationEssentials
import NeuralNetworks
import TensorGraph

/// Saves the model, or its weights alone, again and again, or whenever it is the best so far.
///
///     ModelCheckpoint("models/{epoch:02d}-{val_loss:.2f}.keras", saveBestOnly: true)
///
/// The path may have `{epoch}`, counted from 1, `{batch}` if it saves by steps, and the names of
/// the loss and the metrics, each with a form as Python has it after a colon.
public final class ModelCheckpoint: Callback {
  /// Which way is better.
  public typealias Mode = MonitorMode

  /// The path of the file, with places for numbers.
  public let filePath: String
  /// Whether only a model that is the best so far is saved.
  public let saveBestOnly: Bool
  /// Whether only the weights are saved, to a file whose name ends in `.weights.h5`.
  public let saveWeightsOnly: Bool
  /// How often it saves.
  public let saveFrequency: SaveFrequency
  /// What must be reached to save at all.
  public let initialValueThreshold: Double?
  /// Whether it says what it saves.
  public let verbose: Bool
  /// The file that was written last.
  public private(set) var lastFile: String?

  private var watched: Monitor
  private var template: PathTemplate?
  private var best: Double?
  private var epoch = 0
  private var steps = 0

  /// What is watched, such as `val_loss`.
  public var monitor: String { watched.name }
  /// Which way is better.
  public var mode: Mode { watched.mode }

  /// Creates the callback.
  public init(
    _ filePath: String, monitor: String = "val_loss", verbose: Bool = false,
    saveBestOnly: Bool = false, saveWeightsOnly: Bool = false, mode: Mode = .auto,
    saveFrequency: SaveFrequency = .epoch, initialValueThreshold: Double? = nil
  ) {
    self.filePath = filePath
    self.verbose = verbose
    self.saveBestOnly = saveBestOnly
    self.saveWeightsOnly = saveWeightsOnly
    self.saveFrequency = saveFrequency
    self.initialValueThreshold = initialValueThreshold
    watched = Monitor("ModelCheckpoint", monitor, mode)
  }

  public var wantsSteps: Bool { saveFrequency.steps != nil }

  /// The best value, and the number of steps since it saved.
  public var state: CallbackState {
    get {
      var state: CallbackState = [:]
      state[int: "steps"] = steps
      state[number: "best"] = best
      return state
    }
    set {
      steps = newValue[int: "steps"] ?? 0
      best = newValue[number: "best"]
    }
  }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began(let plan): try begin(plan, control)
    case .stepped(let epoch, let step):
      steps += 1
      guard let limit = saveFrequency.steps, steps >= limit else { return }
      steps = 0
      try save(["epoch": epoch + 1, "batch": step + 1], control.logs, control)
    case .epochEnded(let report):
      guard saveFrequency == .epoch else { return }
      try save(["epoch": report.epoch + 1], report.logs, control)
    case .epochBegan, .interrupted, .ended: break
    }
  }

  /// Finds all mistakes before anything is trained.
  private func begin(_ plan: TrainingPlan, _ control: TrainingControl) throws {
    (best, steps, lastFile) = (initialValueThreshold, 0, nil)
    try saveFrequency.check("ModelCheckpoint")
    let ending = saveWeightsOnly ? ".weights.h5" : ".keras"
    guard filePath.hasSuffix(ending) else {
      throw FormatError(
        "ModelCheckpoint saves \(saveWeightsOnly ? "weights" : "models") to a file whose name ends "
          + "in \(ending)", got: filePath)
    }
    let template = try PathTemplate(filePath)
    self.template = template
    let isByStep = wantsSteps
    var names = ["epoch"] + (isByStep ? ["batch"] : []) + control.logs.keys
    if plan.validationSampleCount != 0, !isByStep { names += control.logs.keys.map { "val_" + $0 } }
    for name in template.names where !names.contains(name) {
      throw FormatError(
        "the path of ModelCheckpoint has a place for \(name), which this training does not have",
        got: filePath, hint: spellingHint(name, in: names))
    }
    guard saveBestOnly else { return }
    if isByStep, monitor.hasPrefix("val_") {
      throw FormatError(
        "ModelCheckpoint watches \(monitor), which is there after epochs alone",
        got: "saveFrequency: \(saveFrequency)", hint: "saveFrequency: .epoch")
    }
    try watched.begin(plan, control)
  }

  private func save(_ counts: [String: Int], _ logs: Logs, _ control: TrainingControl) throws {
    guard let template else { return }
    let path = template.path(counts, logs), epoch = "Epoch \(counts["epoch"] ?? 0): "
    if saveBestOnly {
      // Without a value, in an epoch without validation, nothing is known to be better.
      guard let value = logs[monitor] else { return }
      let before = best.map { String(describing: $0) } ?? "nothing"
      guard watched.isBetter(value, than: best) else {
        if verbose { control.say(epoch + "\(monitor) did not improve from \(before)") }
        return
      }
      if verbose { control.say(epoch + "\(monitor) improved from \(before) to \(value)") }
      best = value
    }
    if let slash = path.lastIndex(of: "/") {
      let folder = String(path[..<slash])
      if !folder.isEmpty {
        try? FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
      }
    }
    let model = control.model
    try Files.write(
      saveWeightsOnly ? KerasFile.weightsData(of: model) : KerasFile.data(of: model), to: path)
    lastFile = path
    if verbose { control.say(epoch + "saved \(path)") }
  }
}
