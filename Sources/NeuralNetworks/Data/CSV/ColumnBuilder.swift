/// A column of a table while it is read: numbers until a cell is none.
struct ColumnBuilder {
  var isNumeric = true
  var numbers: [Float] = []
  private var labels: [Int32] = []
  private var categories = CategoryTable()

  var count: Int { isNumeric ? numbers.count : labels.count }

  mutating func clear() {
    numbers = []
    labels = []
  }

  /// Adds the category `text`. Returns false when there are too many.
  mutating func append(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let label = categories.number(of: text, limit: CSVTable.categoryLimit) else {
      return false
    }
    labels.append(label)
    return true
  }

  func column() -> CSVTable.Column {
    if isNumeric { return .numbers(numbers) }
    // Different bytes may be the same text: what is no UTF-8, and letters put together from parts.
    let names = Array(Set(categories.names)).sorted()
    let rank = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    let rankOfLabel = categories.names.map { rank[$0] ?? 0 }
    return .categories(labels.map { rankOfLabel[Int($0)] }, names: names)
  }
}
