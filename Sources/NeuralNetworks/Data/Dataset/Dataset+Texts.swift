import FoundationEssentials
import Glibc
import TensorGraph

extension Dataset {
  /// Creates the lines of text files, one file after another: a string without axes each.
  ///
  ///     let dataset = try Dataset(linesOf: ["poems.txt"])
  ///       .filter { !$0.inputs[0].strings[0].isEmpty }
  ///       .batch(32)
  ///
  /// The files are read line by line while the dataset is gone through.
  public init(linesOf paths: [String]) {
    self.init(samples: { _ in
      var (upcoming, reader): (Int, LineReader?) = (0, nil)
      return {
        while true {
          if let line = try reader?.next() { return Sample(Tensor([], utf8: [line])) }
          guard upcoming < paths.count else { return nil }
          reader = try LineReader(paths[upcoming])
          upcoming += 1
        }
      }
    })
  }

  /// Creates the rows of a table of numbers in a CSV file, read while the dataset is gone through.
  ///
  ///     let dataset = try Dataset(csv: "houses.csv", target: "price").shuffle(bufferSize: 1000)
  ///
  /// The first line has the names of the columns. All columns but the target become the features
  /// `float32[features]`, in order. A table that fits into memory may have columns of strings, too:
  /// `Dataset(CSVTable(bytes).trainingData(target: "price"))`.
  ///
  /// - Parameters:
  ///   - path: Where the file is. A row is a line: cells hold no line ends.
  ///   - target: The column to be predicted; nothing, and there are no targets.
  ///   - classNames: What stands in the target column for the classes 0, 1 and so on, which become
  ///     labels `int32[]`; empty, and the target is a number, `float32[1]`.
  ///   - separator: The character between cells; found out if nothing is said.
  /// - Throws: when the file cannot be read, or there is no such column.
  public init(
    csv path: String, target: String? = nil, classNames: [String] = [],
    separator: Character? = nil
  ) throws(FormatError) {
    let names = try CSVRows(path, separator).names
    var column: Int?
    if let target {
      guard let found = names.firstIndex(of: target) else {
        throw FormatError(
          "there is no column \(target)", got: names.prefix(20).joined(separator: ", "),
          file: path, hint: spellingHint(target, in: names))
      }
      column = found
    }
    guard names.count > (column == nil ? 0 : 1) else {
      throw FormatError("the table has no column besides the target", file: path)
    }
    let place = column
    self.init(samples: { _ in
      let rows = try CSVRows(path, separator)
      return { try rows.next(target: place, classNames) }
    })
    self.classNames = classNames
  }

  /// Creates the texts in a folder that has one folder of `.txt` files for each class, as Keras's
  /// `text_dataset_from_directory`.
  ///
  ///     let texts = try Dataset(textFolder: "reviews")
  ///     let (training, validation) = try texts.split(validationFraction: 0.2, seed: 1)
  ///     try model.fit(training.shuffle().batch(32), validationData: validation.batch(32))
  ///
  /// Inputs are strings without axes, read when they are needed; classes are numbered in the order
  /// of the names of their folders, and come one after another until they are shuffled.
  ///
  /// - Parameters:
  ///   - directory: The folder.
  ///   - classNames: Which folders to take, in which order; all, sorted, if nothing is said.
  ///   - labelMode: How classes become targets; nothing, and there are none.
  ///   - maxLength: How many bytes of a text are used at most.
  /// - Throws: when there is no such folder, no class or no text in it, or a number makes no sense.
  public init(
    textFolder directory: String, classNames: [String]? = nil, labelMode: LabelMode? = .int,
    maxLength: Int? = nil
  ) throws(FormatError) {
    if let maxLength, maxLength < 1 {
      throw FormatError("maxLength is at least 1", got: "\(maxLength)")
    }
    let folders = try ClassFolders(
      directory, classNames: classNames, of: "texts", endings: ".txt"
    ) { $0.lowercased().hasSuffix(".txt") }
    let classCount = folders.classNames.count
    if labelMode == .binary, classCount != 2 {
      throw FormatError(
        "binary labels are for 2 classes", got: folders.classNames.joined(separator: ", "),
        file: directory, hint: "use labelMode: .int or .categorical")
    }
    try self.init(count: folders.files.count) { index in
      let (path, label) = folders.files[index]
      var text = try readText(path)
      if let maxLength { text = Array(text.prefix(maxLength)) }
      return Sample(Tensor([], utf8: [text]), labelMode?.target(label, of: classCount))
    }
    self.classNames = folders.classNames
  }
}

/// How classes become targets, by Keras's names.
public enum LabelMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// Their numbers: `int32[samples]`.
  case int
  /// 1 for the class, 0 for all others: `float32[samples, classes]`.
  case categorical
  /// 0 and 1 for two classes: `float32[samples, 1]`.
  case binary

  /// The target of one sample of the class `label`, of `count` classes.
  public func target(_ label: Int, of count: Int) -> Tensor {
    switch self {
    case .int: Tensor(Int32(truncatingIfNeeded: label))
    case .categorical: Tensor([count], (0..<count).map { $0 == label ? 1 : 0 } as [Float])
    case .binary: Tensor([1], [Float(label)])
    }
  }
}

/// The bytes of a file.
private func readText(_ path: String) throws(FormatError) -> [UInt8] {
  try RegularFile.check(path, atMost: 1 << 30)
  do {
    return [UInt8](try Data(contentsOf: URL(filePath: path)))
  } catch {
    throw FormatError(
      "a text cannot be read", got: errno == 0 ? nil : String(cString: strerror(errno)),
      file: path)
  }
}

/// The rows of a table of numbers, one after another.
private final class CSVRows {
  let names: [String]
  private let path: String
  private let reader: LineReader
  private let separator: Character

  init(_ path: String, _ separator: Character?) throws(FormatError) {
    self.path = path
    reader = try LineReader(path)
    let head = try reader.next() ?? []
    // The reader of tables wants a row behind the head; it is not looked at.
    let table = try CSVTable(
      head + [10] + head, file: path, separator: separator, hasHeader: true)
    names = table.names
    // The one that gives as many columns as the reader found.
    var found = separator
    for mark in [",", ";", "\t"] as [Character] where found == nil {
      let other = try CSVTable(head + [10] + head, file: path, separator: mark, hasHeader: true)
      if other.names == table.names { found = mark }
    }
    self.separator = found ?? ","
  }

  func next(target: Int?, _ classNames: [String]) throws -> Sample? {
    var line: [UInt8]?
    repeat { line = try reader.next() } while line?.isEmpty == true
    guard let line else { return nil }
    do throws(FormatError) {
      return try sample(line, target, classNames)
    } catch var error {
      error.file = path
      if case .line(_, let column) = error.position {
        error.position = .line(reader.line, column: column)
      } else {
        error.position = error.position ?? .line(reader.line)
      }
      throw error
    }
  }

  private func sample(
    _ line: [UInt8], _ target: Int?, _ classNames: [String]
  ) throws(FormatError) -> Sample {
    let row = try CSVTable(line, separator: separator, hasHeader: false)
    guard row.columns.count == names.count else {
      throw FormatError(
        "a row has \(row.columns.count) cells, the table has \(names.count) columns",
        hint: "quote cells that hold the separator")
    }
    var features: [Float] = []
    var y: Tensor?
    for (index, column) in row.columns.enumerated() {
      switch column {
      case .numbers(let numbers) where index != target: features += numbers
      case .numbers(let numbers) where classNames.isEmpty: y = Tensor([1], numbers)
      case .numbers(let numbers):
        y = try label(String(describing: numbers[0]), classNames, index)
      case .categories(_, let cells):
        guard index == target, !classNames.isEmpty else {
          throw FormatError(
            "column \(names[index]) holds a string, not a number", got: cells.first,
            at: .line(1, column: index + 1),
            hint: "read the whole table with CSVTable, which makes features of strings")
        }
        y = try label(cells.first ?? "", classNames, index)
      }
    }
    return Sample(Tensor([features.count], features), y)
  }

  private func label(
    _ cell: String, _ classNames: [String], _ column: Int
  ) throws(FormatError) -> Tensor {
    // A number is the same class however it is written.
    guard
      let label = classNames.firstIndex(where: {
        $0 == cell || Float($0) != nil && Float($0) == Float(cell)
      })
    else {
      throw FormatError(
        "column \(names[column]) holds a class that is not named", got: cell,
        at: .line(1, column: column + 1),
        hint: "classNames are \(classNames.joined(separator: ", "))"
      )
    }
    return Tensor(Int32(truncatingIfNeeded: label))
  }
}
