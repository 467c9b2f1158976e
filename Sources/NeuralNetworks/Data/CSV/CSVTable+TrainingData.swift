import TensorGraph

/// How the target column of a table is understood.
public enum TargetKind: Sendable, Hashable {
  /// Strings, and whole numbers of at most 100 different values, are classes; else numbers.
  case automatic
  /// Every different value is a class.
  case classes
  /// The target is a number to be predicted.
  case numbers
}

extension CSVTable {
  /// The most features that the columns may become.
  static let featureLimit = 100_000

  /// The table as samples: the column `target` against all others.
  ///
  /// Columns of numbers become a feature each, columns of categories one feature for each name in
  /// sorted order, 1 where the row holds it and else 0. A target of classes becomes labels
  /// `int32[samples]`: 0 for the smallest number or the first name in sorted order, and so on. A
  /// target of numbers becomes `float32[samples, 1]`.
  ///
  /// Throws when there is no such column, no other column, or numbers are asked of strings.
  public func trainingData(
    target: String, as kind: TargetKind = .automatic
  ) throws(FormatError) -> TrainingData {
    let index = try columnIndex(target)
    let (y, classNames) = try targets(index, as: kind)
    return try TrainingData(x: features(except: index), y: y, classNames: classNames)
  }

  /// The columns as features `float32[rows, features]`, all but the one at `excluded`.
  public func features(except excluded: Int? = nil) throws(FormatError) -> Tensor {
    let used = columns.indices.filter { $0 != excluded }.map { columns[$0] }
    let width = used.reduce(0) { $0 + $1.featureCount }
    let (count, overflows) = rowCount.multipliedReportingOverflow(by: width)
    guard width > 0 else {
      throw FormatError(
        "the table has no column besides the target", got: names.joined(separator: ", "),
        file: file)
    }
    guard width <= Self.featureLimit, !overflows, count <= 1 << 34 else {
      throw FormatError(
        "the columns of strings are too many features", got: "\(rowCount) rows, \(width) features",
        file: file, hint: "leave columns of free text out")
    }
    return Tensor(TensorType(.float32, [rowCount, width])) { bytes in
      let out = bytes.bindMemory(to: Float.self)
      let hasCategories = width != used.count
      if hasCategories { out.initialize(repeating: 0) }
      var offset = 0
      for column in used {
        switch column {
        case .numbers(let numbers):
          for row in numbers.indices { out[row &* width &+ offset] = numbers[row] }
        case .categories(let labels, _):
          for row in labels.indices { out[row &* width &+ offset &+ Int(labels[row])] = 1 }
        }
        offset += column.featureCount
      }
    }
  }

  /// What each feature is: the heading of its column, and the name of its category if any.
  public func featureNames(except excluded: Int? = nil) -> [String] {
    columns.indices.filter { $0 != excluded }.flatMap { index in
      switch columns[index] {
      case .numbers: [names[index]]
      case .categories(_, let categories): categories.map { "\(names[index])=\($0)" }
      }
    }
  }

  private func targets(
    _ index: Int, as kind: TargetKind
  ) throws(FormatError) -> (Tensor, classNames: [String]) {
    switch columns[index] {
    case .categories(let labels, let classNames):
      guard kind != .numbers else {
        throw FormatError(
          "the target column \(names[index]) holds strings, not numbers",
          got: classNames.prefix(5).joined(separator: ", "), file: file)
      }
      return (Tensor([rowCount], labels), classNames)
    case .numbers(let numbers):
      if kind != .numbers, let values = classes(of: numbers, atMost: kind == .classes ? nil : 100) {
        let label = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, Int32($0)) })
        let labels = numbers.map { label[$0] ?? 0 }
        return (Tensor([rowCount], labels), values.map { String(describing: $0).withoutFraction })
      }
      return (Tensor([rowCount, 1], numbers), [])
    }
  }

  /// The different numbers in order, or nothing when they are not classes.
  private func classes(of numbers: [Float], atMost limit: Int?) -> [Float]? {
    if limit != nil, !numbers.allSatisfy({ $0 == $0.rounded() && abs($0) <= 0x1p24 }) {
      return nil
    }
    var values: Set<Float> = []
    for number in numbers where values.insert(number).inserted {
      if let limit, values.count > limit { return nil }
    }
    return values.sorted()
  }

  func nearestColumn(_ name: String) -> String {
    if let near = nearest(name, in: names.prefix(10_000)) { return "did you mean \(near)?" }
    return "name a heading, or a number from 1 to \(names.count)"
  }
}

extension CSVTable.Column {
  /// The number of features that the column becomes.
  var featureCount: Int {
    switch self {
    case .numbers: 1
    case .categories(_, let names): names.count
    }
  }
}

extension String {
  /// The numeral without a fraction of zero.
  fileprivate var withoutFraction: String { hasSuffix(".0") ? String(dropLast(2)) : self }
}
