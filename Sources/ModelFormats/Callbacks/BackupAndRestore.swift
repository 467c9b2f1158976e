import NeuralNetworks
import TensorGraph

/// Keeps checkpoints in a folder, and makes a training that was cut off go on from the newest:
/// bit for bit as if it had never been.
///
///     try model.fit(x, y, epochs: 50, callbacks: [BackupAndRestore("backup")])
///
/// The same lines run again go on where the process ended, whatever ended it; Ctrl-C and SIGTERM
/// keep one more checkpoint first. A checkpoint that is damaged gives way to the one before it.
public final class BackupAndRestore: Callback {
  /// The folder.
  public let directory: String
  /// How often it saves; if by steps, then after each epoch, too.
  public let saveFrequency: SaveFrequency
  /// How many checkpoints are kept.
  public let keeping: Int
  /// Whether they are taken away when training is over.
  public let deleteCheckpoint: Bool
  /// Whether training goes on from a checkpoint that is there.
  public let restores: Bool
  /// The file that was written last.
  public private(set) var lastFile: String?

  private let folder: CheckpointFolder
  private var steps = 0

  /// Creates the callback.
  public init(
    _ directory: String, saveFrequency: SaveFrequency = .epoch, keeping: Int = 3,
    deleteCheckpoint: Bool = true, restores: Bool = true
  ) {
    self.directory = directory
    self.saveFrequency = saveFrequency
    self.keeping = keeping
    self.deleteCheckpoint = deleteCheckpoint
    self.restores = restores
    folder = CheckpointFolder(directory)
  }

  public var wantsSteps: Bool { saveFrequency.steps != nil }

  /// The number of steps since it saved by their number.
  public var state: CallbackState {
    get { wantsSteps ? ["steps": Tensor(Int64(steps))] : [:] }
    set { if let value = newValue["steps"], value.count == 1 { steps = Int(value.number) } }
  }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began: try begin(control)
    case .stepped:
      steps += 1
      guard let limit = saveFrequency.steps, steps >= limit else { return }
      steps = 0
      save(control)
    case .epochEnded, .interrupted: save(control)
    case .ended(let history):
      if deleteCheckpoint, history.ending != .interrupted { try folder.remove() }
    case .epochBegan: break
    }
  }

  private func begin(_ control: TrainingControl) throws(FormatError) {
    try saveFrequency.check("BackupAndRestore")
    guard !directory.isEmpty else {
      throw FormatError("BackupAndRestore needs the name of a folder", got: "an empty name")
    }
    guard keeping >= 1 else {
      throw FormatError("BackupAndRestore keeps 1 or more checkpoints", got: "\(keeping)")
    }
    (steps, lastFile) = (0, nil)
    try folder.make()
    try folder.clean()
    if restores, let newest = try folder.newest(warn: control.say) {
      control.resume(from: newest.checkpoint)
    }
  }

  /// Asks for a checkpoint and writes it.
  ///
  /// Once there is one, a training is worth more than the next: what keeps it from being written,
  /// such as a full disk, is said, and training goes on.
  private func save(_ control: TrainingControl) {
    control.checkpoint { [self] checkpoint in
      do throws(FormatError) {
        lastFile = try folder.write(checkpoint, keeping: keeping)
      } catch {
        guard lastFile != nil else { throw error }
        control.say("warning: no checkpoint: \(error.message): \(error.got ?? "")")
      }
    }
  }
}
