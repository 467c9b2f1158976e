import Foundation
import NeuralNetworks

/// The page that documents all layers, made of the comments of their sources and of the
/// configurations of their examples.
public struct LayerPage: Sendable {
  private let source: SourceDocumentation
  /// The layers whose comment was not found.
  public private(set) var missing: [String] = []
  /// The page, as Markdown.
  public private(set) var text = ""

  /// The families in the order of the page, which are the folders, and what they are called there.
  private static let families = [
    "Core", "Convolutional", "Pooling", "Recurrent", "Attention", "Normalization",
    "Regularization", "Activations", "Reshaping", "Merging", "Preprocessing",
  ]
  /// What any layer can be given, which is said once.
  private static let common: Set<String> = ["name", "trainable", "dtype", "data_format"]

  /// Creates the page of `layers`, whose sources are below `folder`.
  ///
  /// - Throws: when a file cannot be read, or a configuration cannot be written.
  public init(_ layers: [any NamedLayer.Type], sources folder: URL) throws {
    source = try SourceDocumentation(folder: folder)
    var sections: [String: [(name: String, text: String)]] = [:]
    for layer in layers {
      let name = Self.swiftName(layer)
      let alias = source.declarations.first { $0.value.target == name }
      let base = String(name.prefix { $0 != "<" })
      guard let type = source.declarations[base], !type.comment.isEmpty else {
        missing.append(layer.className)
        continue
      }
      let text = try section(layer, alias?.key ?? base, alias?.value.comment ?? [], type)
      let family = Self.families.contains(type.folder) ? type.folder : "Preprocessing"
      sections[family, default: []].append((layer.className, text))
    }
    text = Self.introduction(count: layers.count)
    for family in Self.families {
      guard let entries = sections[family]?.sorted(by: { $0.name < $1.name }) else { continue }
      let links = entries.map { "[\($0.name)](#\($0.name.lowercased()))" }
      text += "\n## \(family)\n\n\(links.joined(separator: " · "))\n"
      for entry in entries { text += "\n" + entry.text }
    }
  }

  private static func introduction(count: Int) -> String {
    """
    # Layers

    The \(count) layers that files can name, by family. This page is made of the comments in the
    sources: `Scripts/document-layers` writes it anew.

    Every layer also has `name`, `trainable` and `dtype`, and layers over images have
    `data_format`; regularizers and constraints are named after a weight, such as
    `kernel_regularizer`. They are given as options: `Dense(10, options: [.trainable(false)])`.

    """
  }

  private static func swiftName(_ layer: any NamedLayer.Type) -> String {
    String(describing: layer)
  }

  /// The part of the page about one layer.
  private func section(
    _ layer: any NamedLayer.Type, _ name: String, _ alias: [String],
    _ type: SourceDocumentation.Declaration
  ) throws -> String {
    let (text, facts) = Self.separated(type.comment)
    var lines = ["### \(layer.className)", ""]
    if name != layer.className { lines += ["In Swift `\(name)`.", ""] }
    if !alias.isEmpty { lines += Self.trimmed(alias) + [""] }
    lines += Self.trimmed(text)
    if let shapes = Self.shapes(facts) { lines += ["", "> " + shapes] }
    let rest = Self.trimmed(facts)
    if !rest.isEmpty { lines += [""] + rest }
    let table = try hyperparameters(layer, type)
    if !table.isEmpty {
      lines += ["", "| Hyperparameter | Default | Meaning |", "|---|---|---|"] + table
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A comment as its text and its list of facts.
  private static func separated(_ comment: [String]) -> (text: [String], facts: [String]) {
    let start = comment.firstIndex { $0.hasPrefix("- ") } ?? comment.endIndex
    return (Array(comment[..<start]), Array(comment[start...]))
  }

  private static func trimmed(_ lines: [String]) -> [String] {
    var lines = lines[...]
    while lines.first?.isEmpty == true { lines.removeFirst() }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return Array(lines)
  }

  /// The shapes as a picture: `[batch, time] → [batch, features]`.
  private static func shapes(_ facts: [String]) -> String? {
    var entries: [String] = []
    for line in facts {
      if line.hasPrefix("- ") {
        entries.append(String(line.dropFirst(2)))
      } else if let last = entries.indices.last {
        entries[last] += " " + line.trimmingCharacters(in: .whitespaces)
      }
    }
    func shape(_ heads: [String]) -> String? {
      let entry = entries.first { entry in heads.contains { entry.hasPrefix($0) } }
      return entry?.firstMatch(of: /`(\[[^`]*\])`/).map { String($0.1) }
    }
    let both = ["Input, output:", "Inputs, outputs:", "Inputs and output:"]
    if let x = shape(both) { return "`\(x)` → `\(x)`" }
    guard let x = shape(["Input:", "Inputs:"]), let y = shape(["Output:", "Outputs:"]) else {
      return nil
    }
    return "`\(x)` → `\(y)`"
  }

  /// The rows of the table of hyperparameters.
  private func hyperparameters(
    _ layer: any NamedLayer.Type, _ type: SourceDocumentation.Declaration
  ) throws -> [String] {
    let config = try LayerRegistry.config(of: layer.example).object ?? [:]
    // What several layers share stands in the types of their parts.
    let parts = type.properties.compactMap { property in
      source.declarations[String(property.type.prefix { $0.isLetter || $0.isNumber })]
    }
    let own = ([type] + parts)
    let shared = own.flatMap(\.protocols).compactMap { source.declarations[$0] }
    let known = (own + shared).flatMap(\.properties)
    let required = Set(type.required.map(\.snakeCased))
    let order = known.map(\.name.snakeCased)
    func place(_ key: String) -> Int { order.firstIndex(of: key) ?? order.count }
    let keys = config.keys.filter { !Self.common.contains($0) }
      .sorted { (place($0), $0) < (place($1), $1) }
    return keys.map { key in
      let comment = known.first { $0.name.snakeCased == key && !$0.comment.isEmpty }?.comment ?? ""
      let value = required.contains(key) ? "" : "`\(Self.short(config[key] ?? .null))`"
      return "| `\(key)` | \(value) | \(comment.replacing("|", with: "\\|")) |"
    }
  }

  /// A value of a configuration in a few letters.
  private static func short(_ value: JSONValue) -> String {
    switch value {
    case .null: "none"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
    case .string(let value): value
    case .array(let elements): "[" + elements.map(short).joined(separator: ", ") + "]"
    case .object(let members): members["class_name"].map(short) ?? "{…}"
    }
  }
}
