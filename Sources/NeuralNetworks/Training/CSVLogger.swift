import Foundation
import TensorGraph

/// Writes a line with the loss and the metrics of each epoch to a file.
public final class CSVLogger: Callback {
  /// The file.
  public let path: String
  /// What stands between columns.
  public let separator: String
  /// Whether lines are added to a file that is there.
  public let append: Bool
  private var columns: [String] = []
  private var file: FileHandle?

  /// Creates the callback.
  public init(_ path: String, separator: String = ",", append: Bool = false) {
    self.path = path
    self.separator = separator
    self.append = append
  }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) throws {
    switch event {
    case .began: try open()
    case .epochEnded(let report):
      if columns.isEmpty {
        columns = Array(report.logs.keys)
        if try file?.offset() == 0 { try write(["epoch"] + columns) }
      }
      try write(["\(report.epoch)"] + columns.map { report.logs[$0].map { "\($0)" } ?? "" })
    case .ended:
      try file?.close()
      file = nil
    case .epochBegan, .stepped: break
    }
  }

  private func open() throws {
    columns = []
    let isThere = FileManager.default.fileExists(atPath: path)
    if !(append && isThere) {
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw FormatError(
          "the log cannot be written", file: path, hint: "is there such a folder?")
      }
    }
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file?.seekToEnd()
  }

  private func write(_ fields: [String]) throws {
    try file?.write(contentsOf: Data((fields.joined(separator: separator) + "\n").utf8))
  }
}
