/// A table read from comma-separated values (RFC 4180): columns of numbers and of categories.
///
/// - Cells are separated by commas, semicolons or tabs, whichever the first line has most of, and
///   may be quoted: then they can hold separators, line ends and, doubled, quotes.
/// - The first line is a header unless one of its cells is a number.
/// - A column whose cells are all numbers is read as `float32`, any other as categories.
/// - Empty lines are skipped; blanks around an unquoted cell do not belong to it.
/// - A missing value (empty, `NA`, `N/A`, `NaN`, `null`, `?`) is an error.
public struct CSVTable: Sendable, Hashable {
  /// One column.
  public enum Column: Sendable, Hashable {
    /// The numbers, top to bottom.
    case numbers([Float])
    /// For each row the place in `names` of what it holds; the names in sorted order.
    case categories([Int32], names: [String])
  }

  /// The headings; `column 1`, `column 2` and so on where there are none.
  public let names: [String]
  /// The columns, left to right.
  public let columns: [Column]
  /// The number of rows, without the header.
  public let rowCount: Int
  /// The file the table was read from, for messages.
  public let file: String?

  /// The most different strings that a column may hold.
  public static let categoryLimit = 10_000
  /// The most columns: no more could be features.
  public static let columnLimit = featureLimit

  /// Reads the table in `bytes`.
  ///
  /// - `separator`: the character between cells; found out when it is nothing.
  /// - `hasHeader`: whether the first line is a header; found out when it is nothing.
  ///
  /// Throws, with line and column, when a row has too many or too few cells, a value is missing, a
  /// quote is not closed, or there are no rows.
  public init(
    _ bytes: some Collection<UInt8>, file: String? = nil, separator: Character? = nil,
    hasHeader: Bool? = nil
  ) throws(FormatError) {
    guard let separator = separator.map({ $0.asciiValue }) ?? .some(nil) else {
      throw FormatError("a separator is one ASCII character", file: file)
    }
    do {
      let read = bytes.withContiguousStorageIfAvailable { buffer in
        Result { () throws(FormatError) in
          try CSVParser.read(buffer, separator: separator, hasHeader: hasHeader)
        }
      }
      let table: CSVParser.Table
      if let read {
        table = try read.get()
      } else {
        let copy = Array(bytes)
        table = try copy.withUnsafeBufferPointer { buffer throws(FormatError) in
          try CSVParser.read(buffer, separator: separator, hasHeader: hasHeader)
        }
      }
      (names, columns, rowCount) = (table.names, table.columns, table.rowCount)
      self.file = file
    } catch {
      throw error.naming(file)
    }
  }

  /// The place of the column that `name` names: by its heading, else by its number from 1.
  public func columnIndex(_ name: String) throws(FormatError) -> Int {
    if let index = names.firstIndex(of: name) { return index }
    if let number = Int(name), (1...names.count).contains(number) { return number - 1 }
    throw FormatError(
      "there is no column \(name)", got: names.prefix(20).joined(separator: ", "), file: file,
      hint: nearestColumn(name))
  }
}
