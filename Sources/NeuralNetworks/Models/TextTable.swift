/// A table of letters with lines around its cells, as Keras's summary draws it.
struct TextTable {
  /// Where the text of a column stands.
  enum Alignment {
    case left, right, center
  }

  private let widths: [Int]  // of the text, without the space on both sides
  private let alignment: [Alignment]
  private let header: [String]
  private var rows: [[String]] = []

  /// Creates a table whose columns end at `positions`, as shares of `lineLength`.
  ///
  /// The columns with their spaces and lines are more than that, so each is made narrower by an
  /// equal share, rounded as the table library that Keras prints with does it.
  init(
    _ header: [String], _ alignment: [Alignment], lineLength: Int, _ positions: [Double]
  ) {
    self.header = header
    self.alignment = alignment
    let ends = positions.map { Int($0 * Double(lineLength)) }
    var widths = zip(ends, [0] + ends).map { $0 - $1 + 2 }
    var excess = widths.reduce(0, +) - (lineLength - widths.count - 1)
    for column in widths.indices {
      let share = (Double(excess) / Double(widths.count - column)).rounded(.toNearestOrEven)
      let cut = min(widths[column], max(0, Int(share)))
      widths[column] -= cut
      excess -= cut
    }
    self.widths = widths.map { max($0 - 2, 1) }
  }

  /// Adds a row of cells.
  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The table, line by line.
  var lines: [String] {
    func rule(_ left: String, _ line: String, _ middle: String, _ right: String) -> String {
      left + widths.map { String(repeating: line, count: $0 + 2) }.joined(separator: middle)
        + right
    }
    var lines = [rule("┏", "━", "┳", "┓")]
    lines += rendered(header, border: "┃")
    lines.append(rule("┡", "━", "╇", "┩"))
    for (index, row) in rows.enumerated() {
      lines += rendered(row, border: "│")
      if index < rows.count - 1 { lines.append(rule("├", "─", "┼", "┤")) }
    }
    return lines + [rule("└", "─", "┴", "┘")]
  }

  private func rendered(_ cells: [String], border: String) -> [String] {
    let wrapped = zip(cells, widths).map(TextTable.wrap)
    return (0..<(wrapped.map(\.count).max() ?? 0)).map { line in
      let texts = zip(wrapped, zip(widths, alignment)).map { cell, column in
        let text = line < cell.count ? cell[line] : ""
        let space = column.0 - text.count
        let before =
          switch column.1 {
          case .left: 0
          case .right: space
          case .center: space / 2
          }
        return String(repeating: " ", count: before) + text
          + String(repeating: " ", count: space - before)
      }
      return "\(border) " + texts.joined(separator: " \(border) ") + " \(border)"
    }
  }

  /// `text` in lines of at most `width` letters, broken between words; a longer word is cut.
  static func wrap(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = [""]
    for word in words(text) {
      let letters = word.reversed().drop { $0 == " " }.count
      if lines[lines.count - 1].count + letters > width, lines != [""] { lines.append("") }
      lines[lines.count - 1] += word
    }
    return lines.map { line in
      let trimmed = String(line.reversed().drop { $0 == " " }.reversed())
      return trimmed.count > width ? trimmed.prefix(width - 1) + "…" : trimmed
    }
  }

  /// The words of `text`, each with the spaces after it, the first also with those before it.
  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var hasLetters = false
    for letter in text {
      let startsWord = letter != " " && words.last?.last == " " && hasLetters
      if words.isEmpty || startsWord {
        words.append(String(letter))
        hasLetters = letter != " "
      } else {
        words[words.count - 1].append(letter)
        hasLetters = hasLetters || letter != " "
      }
    }
    return words
  }
}
