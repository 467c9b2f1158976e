import ArgumentParser
import ModelFormats
import NeuralNetworks

/// Whether a training is kept while it goes on, and goes on from what was kept.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keeps the last three checkpoints in a folder: after each epoch, and on Ctrl-C.",
      valueName: "folder"))
  var checkpoint: String?

  @Option(help: ArgumentHelp("Checkpoints after every so many steps, too.", valueName: "steps"))
  var checkpointEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Goes on from the newest checkpoint in a folder; all else is given as before.",
      valueName: "folder"))
  var resume: String?

  func validate() throws {
    if let checkpointEvery {
      guard checkpointEvery >= 1 else {
        throw ValidationError("--checkpoint-every is at least 1 step, not \(checkpointEvery)")
      }
      guard checkpoint != nil || resume != nil else {
        throw ValidationError("--checkpoint-every goes with --checkpoint or --resume")
      }
    }
    for (name, folder) in [("--checkpoint", checkpoint), ("--resume", resume)] where folder == "" {
      throw ValidationError("\(name) is the name of a folder")
    }
  }

  /// What writes checkpoints, if that is wanted: to the folder of `--resume` if there is no other.
  func backup() throws(FormatError) -> BackupAndRestore? {
    guard let folder = checkpoint ?? resume else { return nil }
    if folder != resume, try !CheckpointFolder(folder).files().isEmpty {
      throw FormatError(
        "\(folder) has the checkpoints of another training",
        hint: "go on with it: --resume \(folder); or name another folder")
    }
    return BackupAndRestore(
      folder, saveFrequency: checkpointEvery.map { .steps($0) } ?? .epoch,
      deleteCheckpoint: false, restores: false)
  }

  /// What makes the training go on from the newest checkpoint, if that is wanted.
  func resumed() throws(FormatError) -> ResumeFrom? {
    guard let resume else { return nil }
    guard let newest = try CheckpointFolder(resume).newest(warn: Console.say) else {
      throw FormatError(
        "there is no checkpoint in \(resume)",
        hint: "begin the training with --checkpoint \(resume)")
    }
    return ResumeFrom(newest.checkpoint, newest.path)
  }
}

/// Makes a training go on from a checkpoint.
final class ResumeFrom: Callback {
  private let checkpoint: Checkpoint
  private let path: String

  init(_ checkpoint: Checkpoint, _ path: String) {
    self.checkpoint = checkpoint
    self.path = path
  }

  func receive(_ event: TrainingEvent, _ control: TrainingControl) {
    guard case .began = event else { return }
    control.resume(from: checkpoint)
    let progress = checkpoint.progress
    Console.say(
      "goes on from \(path): epoch \(progress.epoch + 1), after \(progress.step) steps of it")
  }
}
