import Glibc
import NeuralNetworks
import TensorGraph

/// Writes a line with the loss and the metrics of each epoch to a table.
///
/// A training that goes on from a checkpoint goes on in its table, too: lines that came after the
/// checkpoint are cut off, since they come again.
public final class CSVLogger: Callback {
  /// The file.
  public let path: String
  /// What stands between columns.
  public let separator: String
  /// Whether lines are added to a file that is there.
  public let append: Bool

  private var file: Int32?
  private var columns: [String] = []
  private var hasValidation = false
  /// Where the file ended at the checkpoint.
  private var resumedSize: Int?
  private var size = 0

  /// Creates the callback.
  public init(_ path: String, separator: String = ",", append: Bool = false) {
    self.path = path
    self.separator = separator
    self.append = append
  }

  deinit { close() }

  /// The size of the file.
  public var state: CallbackState {
    get { ["size": Tensor(Int64(size))] }
    set {
      guard let value = newValue["size"], value.count == 1, value.number >= 0 else { return }
      size = Int(value.number)  // a checkpoint may come before the file is opened
      resumedSize = size
    }
  }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began(let plan):
      close()
      (columns, resumedSize, size) = ([], nil, 0)
      hasValidation = plan.validationSampleCount != 0
    // Not before it is known whether training goes on from a checkpoint.
    case .epochBegan: try open()
    case .epochEnded(let report):
      try open()
      if columns.isEmpty { try begin(report.logs.keys.elements) }
      try write(["\(report.epoch)"] + columns.map { report.logs[$0].map { "\($0)" } ?? "NA" })
    case .ended:
      if resumedSize != nil { try open() }
      close()
    case .stepped, .interrupted: break
    }
  }

  /// Settles the columns, those of the validation too, and writes their names to an empty file.
  private func begin(_ names: [String]) throws(FormatError) {
    columns = names.sorted()
    if hasValidation, !columns.contains(where: { $0.hasPrefix("val_") }) {
      columns += columns.map { "val_" + $0 }
    }
    if size == 0 { try write(["epoch"] + columns) }
  }

  private func open() throws(FormatError) {
    guard file == nil else { return }
    let isKept = append || resumedSize != nil
    let opened = Glibc.open(
      path, O_WRONLY | O_CREAT | O_CLOEXEC | (isKept ? 0 : O_TRUNC), 0o666)
    guard opened >= 0 else { throw failure(errno) }
    file = opened
    if let resumedSize, lseek(opened, 0, SEEK_END) > resumedSize,
      ftruncate(opened, resumedSize) != 0
    {
      throw failure(errno)
    }
    size = Int(lseek(opened, 0, SEEK_END))
    resumedSize = nil
  }

  private func close() {
    if let file { Glibc.close(file) }
    file = nil
  }

  private func write(_ fields: [String]) throws(FormatError) {
    guard let file else { return }
    let line = fields.map(quoted).joined(separator: separator) + "\n"
    let written = line.withCString { Glibc.write(file, $0, line.utf8.count) }
    guard written == line.utf8.count else { throw failure(written < 0 ? errno : ENOSPC) }
    size += written
  }

  private func quoted(_ field: String) -> String {
    guard field.contains(separator) || field.contains("\"") || field.contains("\n") else {
      return field
    }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }

  private func failure(_ code: Int32) -> FormatError {
    FormatError(
      "the log cannot be written", got: String(cString: strerror(code)), file: path,
      hint: code == ENOENT ? "make its folder first" : nil)
  }
}
