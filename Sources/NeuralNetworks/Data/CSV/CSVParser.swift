import TensorGraph

/// Reads the bytes of a table, front to back.
///
/// Columns are taken for numbers as long as their cells are. When a cell is not, the rest of the
/// bytes is only looked at to learn which columns are numbers, and then everything is read again.
struct CSVParser {
  typealias Table = (names: [String], columns: [CSVTable.Column], rowCount: Int)

  private let bytes: UnsafeBufferPointer<UInt8>
  private let separator: UInt8
  private var position = 0
  private var line = 1

  private let unescaped = TextBuffer()

  static func read(
    _ bytes: UnsafeBufferPointer<UInt8>, separator: UInt8?, hasHeader: Bool?
  ) throws(FormatError) -> Table {
    var parser = CSVParser(bytes: bytes, separator: separator ?? findSeparator(bytes))
    parser.skipMark()
    parser.skipEmptyLines()
    let start = (parser.position, parser.line)
    guard parser.position < bytes.count else {
      throw FormatError("the table is empty", got: "\(bytes.count) bytes")
    }
    let first = try parser.firstRow()
    var names = first
    if hasHeader ?? !first.contains(where: { Double($0) != nil }) {
      for index in names.indices where names[index].isEmpty { names[index] = "column \(index + 1)" }
    } else {
      names = first.indices.map { "column \($0 + 1)" }
      (parser.position, parser.line) = start
    }
    let body = (parser.position, parser.line)
    var builders = names.map { _ in ColumnBuilder() }
    if try !parser.rows(into: &builders, names) {
      for index in builders.indices { builders[index].clear() }
      (parser.position, parser.line) = body
      _ = try parser.rows(into: &builders, names)
    }
    let rowCount = builders[0].count
    guard rowCount > 0 else {
      throw FormatError("the table has a header and no rows", at: .line(start.1))
    }
    return (names, builders.map { $0.column() }, rowCount)
  }

  /// Reads all rows. Returns whether every column was of the kind that its builder expected.
  private mutating func rows(
    into builders: inout [ColumnBuilder], _ names: [String]
  ) throws(FormatError) -> Bool {
    var isAsExpected = true
    skipEmptyLines()
    while position < bytes.count {
      let rowLine = line
      var column = 0
      while true {
        guard column < builders.count else { throw raggedRow(rowLine, from: column, names) }
        if builders[column].isNumeric, let number = fastNumber() {
          if isAsExpected { builders[column].numbers.append(number) }
        } else {
          let cellLine = line
          let text = try cell()
          if isMissing(text) {
            throw FormatError(
              "a value is missing in column \(names[column])",
              got: text.isEmpty ? "an empty cell" : String(decoding: text, as: UTF8.self),
              at: .line(cellLine, column: column + 1), hint: "fill it in, or leave the row out")
          }
          if builders[column].isNumeric {
            if let number = slowNumber(text) {
              if isAsExpected { builders[column].numbers.append(number) }
            } else {
              builders[column].isNumeric = false
              isAsExpected = false
            }
          } else if isAsExpected, !builders[column].append(text) {
            throw FormatError(
              "column \(names[column]) has more than \(CSVTable.categoryLimit) different strings",
              at: .line(cellLine, column: column + 1),
              hint: "text needs other preparation; leave the column out")
          }
        }
        column += 1
        guard position < bytes.count, bytes[position] == separator else { break }
        position += 1
      }
      guard column == builders.count else { throw raggedRow(rowLine, from: column, names) }
      endLine()
      skipEmptyLines()
    }
    return isAsExpected
  }

  private mutating func raggedRow(
    _ row: Int, from column: Int, _ names: [String]
  ) -> FormatError {
    // Cells beyond the last column are counted for the message.
    var count = column
    if column == names.count, position <= bytes.count, position > 0,
      bytes[position - 1] == separator
    {
      repeat {
        guard (try? cell()) != nil else { break }
        count += 1
        guard position < bytes.count, bytes[position] == separator else { break }
        position += 1
      } while true
    }
    return FormatError(
      "a row has \(count) cells, the table has \(names.count) columns", at: .line(row),
      hint: "quote cells that hold the separator \(separatorName)")
  }

  private var separatorName: String {
    separator == UInt8(ascii: "\t") ? "tab" : String(UnicodeScalar(separator))
  }

  // MARK: Cells

  /// A number in the usual notation that ends where the cell does; else nothing is read.
  private mutating func fastNumber() -> Float? {
    var index = position
    guard let number = CSVNumber.scan(bytes, &index) else { return nil }
    guard index == bytes.count || isEnd(bytes[index]) else { return nil }
    position = index
    return number
  }

  private func slowNumber(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
    var index = 0
    if let number = CSVNumber.scan(text, &index), index == text.count { return number }
    return CSVNumber.parse(text)
  }

  private func isEnd(_ byte: UInt8) -> Bool {
    byte == separator || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
  }

  /// The text of the next cell, good until another cell is read.
  private mutating func cell() throws(FormatError) -> UnsafeBufferPointer<UInt8> {
    var start = position
    while start < bytes.count, bytes[start] == UInt8(ascii: " ") { start += 1 }
    if start < bytes.count, bytes[start] == UInt8(ascii: "\"") {
      return try quotedCell(from: start + 1)
    }
    while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
    var end = position
    while end > start, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    return UnsafeBufferPointer(rebasing: bytes[start..<max(start, end)])
  }

  private mutating func quotedCell(
    from start: Int
  ) throws(FormatError) -> UnsafeBufferPointer<UInt8> {
    let opening = line
    var hasQuotes = false
    position = start
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\n") { line += 1 }
      if byte == UInt8(ascii: "\"") {
        guard position + 1 < bytes.count, bytes[position + 1] == byte else { break }
        hasQuotes = true
        position += 1
      }
      position += 1
    }
    guard position < bytes.count else {
      throw FormatError("a quote is not closed", at: .line(opening))
    }
    let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
    position += 1
    while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
    guard position == bytes.count || isEnd(bytes[position]) else {
      throw FormatError(
        "text follows a closing quote", at: .line(line),
        hint: "inside of quotes, write a quote twice")
    }
    return hasQuotes ? unescaped.halvingQuotes(of: text) : text
  }

  private func isMissing(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count <= 4, let first = text.first else { return text.isEmpty }
    guard "nN?".utf8.contains(first) else { return false }
    return ["na", "n/a", "nan", "null", "?"]
      .contains(String(decoding: text, as: UTF8.self).lowercased())
  }

  // MARK: Lines

  private mutating func firstRow() throws(FormatError) -> [String] {
    var names: [String] = []
    while true {
      guard names.count < CSVTable.columnLimit else {
        throw FormatError(
          "the table has more than \(CSVTable.columnLimit) columns", at: .line(line),
          hint: "the file may not be a table")
      }
      names.append(String(decoding: try cell(), as: UTF8.self))
      guard position < bytes.count, bytes[position] == separator else { break }
      position += 1
    }
    endLine()
    return names
  }

  private mutating func endLine() {
    guard position < bytes.count else { return }
    if bytes[position] == UInt8(ascii: "\r") {
      position += 1
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\n") else {
        line += 1
        return
      }
    }
    line += 1
    position += 1
  }

  private mutating func skipEmptyLines() {
    while position < bytes.count,
      bytes[position] == UInt8(ascii: "\n") || bytes[position] == UInt8(ascii: "\r")
    {
      endLine()
    }
  }

  /// Skips the mark that some programs begin UTF-8 files with.
  private mutating func skipMark() {
    if bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf { position = 3 }
  }

  /// The separator that the first line has most of, outside of quotes.
  private static func findSeparator(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt8 {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    var counts = [0, 0, 0]
    var isQuoted = false
    for byte in bytes {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        if counts.contains(where: { $0 > 0 }) { break }
      }
      if let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
    }
    let most = counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) } ?? 0
    return candidates[most]
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, separator: UInt8) {
    self.bytes = bytes
    self.separator = separator
  }
}

/// Memory for the text of a cell in which quotes are doubled.
private final class TextBuffer {
  private var memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 0)

  deinit { memory.deallocate() }

  func halvingQuotes(of text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    if memory.count < text.count {
      memory.deallocate()
      memory = .allocate(capacity: text.count * 2)
    }
    var count = 0
    var isSecond = false
    for byte in text {
      isSecond = byte == UInt8(ascii: "\"") && !isSecond
      // The first of two quotes is left out, the second is the one that is meant.
      if isSecond { continue }
      memory[count] = byte
      count += 1
    }
    return UnsafeBufferPointer(rebasing: memory[..<count])
  }
}
