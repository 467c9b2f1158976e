import TensorGraph

/// A small object of Keras's files, such as an initializer or a regularizer: a class and numbers.
///
/// It is read from its name alone too, which may be in capitals or not: `"L2"`, `"l2"`.
struct SerializedObject: Codable {
  /// Keras's name of the class.
  let className: String
  /// The hyperparameters by Keras's names.
  let config: [String: JSONValue]
  private let module: String?

  init(module: String, className: String, config: [String: JSONValue]) {
    self.module = module
    self.className = className
    self.config = config
  }

  init(from decoder: any Decoder) throws {
    let value = try JSONValue(from: decoder)
    guard let name = value.string ?? value["class_name"]?.string else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a class or its name"))
    }
    className = name
    config = value["config"]?.object ?? [:]
    module = nil
  }

  func encode(to encoder: any Encoder) throws {
    let object: JSONValue = [
      "module": module.map(JSONValue.string) ?? .null, "class_name": .string(className),
      "config": .object(config), "registered_name": nil,
    ]
    try object.encode(to: encoder)
  }

  /// `name` without what Keras's spellings differ in: `max_norm` is `MaxNorm`.
  static func plain(_ name: String) -> String { name.lowercased().filter { $0 != "_" } }

  /// Whether the class is `name`, in any of Keras's spellings.
  func isNamed(_ name: String) -> Bool { Self.plain(className) == Self.plain(name) }

  /// The number `key`, or `standard` if it is not set.
  func number(_ key: String, _ standard: Double) throws -> Double {
    switch config[key] {
    case nil, .null: return standard
    case .int(let value): return Double(value)
    case .number(let value): return value
    // Keras writes numbers that it holds as tensors as objects.
    case let value?:
      if let inner = value["config"]?["value"], case .number(let number) = inner { return number }
      throw mistake("\(key) of \(className) is not a number")
    }
  }

  /// Which of its cases `key` names, or `standard` if it is not set.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ standard: Choice
  ) throws -> Choice {
    guard let value = config[key], value != .null else { return standard }
    if let choice = value.string.flatMap(Choice.init(rawValue:)) { return choice }
    throw mistake(
      "there is no \(key) \(value.short) of \(className); "
        + spellingHint(value.short, in: Choice.allCases.map(\.rawValue)))
  }

  /// The whole numbers `key`, one or several, or `standard` if they are not set.
  func integers(_ key: String, _ standard: [Int]) throws -> [Int] {
    guard let value = config[key], value != .null else { return standard }
    let numbers = value.int.map { [$0] } ?? value.array?.compactMap(\.int)
    guard let numbers, numbers.count == value.array?.count ?? 1 else {
      throw mistake("\(key) of \(className) is no list of whole numbers")
    }
    return numbers
  }

  /// Throws if a hyperparameter is set that is none of `known`.
  func allow(only known: Set<String>) throws {
    for key in config.keys.sorted() where !known.contains(key) && config[key] != .null {
      throw mistake(
        "\(className) has no hyperparameter \(key); " + spellingHint(key, in: known.sorted()))
    }
  }

  /// The error that says `text`.
  func mistake(_ text: String) -> any Error {
    DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: text))
  }

  /// The error that `className` is none of `names`.
  func unknown(_ kind: String, in names: [String]) -> any Error {
    mistake("there is no \(kind) \(className); \(spellingHint(className, in: names))")
  }
}
