import Foundation
import NeuralNetworks
import TensorGraph

/// The path of a file with places for numbers, as Python writes them: `{epoch:02d}-{val_loss:.2f}`.
struct PathTemplate: Sendable, Hashable {
  private enum Part: Sendable, Hashable {
    case text(String)
    case number(name: String, format: NumberFormat)
  }

  /// How a number is written: a sign, zeros before it, its width, digits after the point.
  struct NumberFormat: Sendable, Hashable {
    var hasSign = false
    var hasZeros = false
    var width = 0
    var precision: Int?
    /// `d`, `f`, `e`, `g`, or nothing.
    var kind: Character?
  }

  private var parts: [Part] = []

  /// The names of the numbers.
  var names: [String] {
    parts.compactMap { if case .number(let name, _) = $0 { name } else { nil } }
  }

  /// Reads `text`.
  ///
  /// Throws when a brace has no partner, or it is not known how a number is to be written.
  init(_ text: String) throws(FormatError) {
    var rest = text[...], plain = ""
    while let letter = rest.popFirst() {
      if letter == "{" || letter == "}", rest.first == letter {
        plain.append(rest.removeFirst())
      } else if letter == "{" {
        guard let end = rest.firstIndex(of: "}") else { throw Self.mistake(text) }
        if !plain.isEmpty { parts.append(.text(plain)) }
        plain = ""
        let field = rest[..<end].split(separator: ":", maxSplits: 1)
        guard let name = field.first, !name.isEmpty,
          let format = NumberFormat(field.count == 2 ? field[1] : "")
        else { throw Self.mistake(text) }
        parts.append(.number(name: String(name), format: format))
        rest = rest[rest.index(after: end)...]
      } else if letter == "}" {
        throw Self.mistake(text)
      } else {
        plain.append(letter)
      }
    }
    if !plain.isEmpty { parts.append(.text(plain)) }
  }

  private static func mistake(_ text: String) -> FormatError {
    FormatError(
      "the path of a file cannot be filled in", got: text,
      hint: "write {epoch:02d} or {val_loss:.2f}, and {{ for a brace")
  }

  /// The path with `numbers` in their places; whole numbers are those of `counts`.
  func path(_ counts: [String: Int], _ numbers: Logs) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .number(let name, let format):
        counts[name].map { format.text($0) } ?? numbers[name].map { format.text($0) } ?? "nan"
      }
    }.joined()
  }
}

extension PathTemplate.NumberFormat {
  /// Reads what stands after a colon, such as `02d`; nothing when it is none of the known forms.
  init?(_ text: Substring) {
    var rest = text
    if rest.first == "+" {
      hasSign = true
      rest.removeFirst()
    }
    if rest.first == "0" {
      hasZeros = true
      rest.removeFirst()
    }
    func number() -> Int? {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      rest = rest.dropFirst(digits.count)
      return digits.isEmpty ? nil : Int(digits).flatMap { $0 <= 100 ? $0 : nil }
    }
    if let first = rest.first, ("0"..."9").contains(first) {
      guard let width = number() else { return nil }
      self.width = width
    }
    if rest.first == "." {
      rest.removeFirst()
      guard let precision = number() else { return nil }
      self.precision = precision
    }
    if let kind = rest.popFirst() {
      guard "dfFeEgG".contains(kind), kind != "d" || precision == nil else { return nil }
      self.kind = kind
    }
    guard rest.isEmpty else { return nil }
  }

  func text(_ number: Int) -> String {
    guard kind == nil || kind == "d", precision == nil else { return text(Double(number)) }
    return String(format: "%\(flags)ld", number)
  }

  func text(_ number: Double) -> String {
    guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }
    if kind == nil, precision == nil {
      let plain = "\(number)"
      return String(repeating: hasZeros ? "0" : " ", count: max(width - plain.count, 0)) + plain
    }
    let form = kind == nil || kind == "d" ? "g" : kind.map { String($0) } ?? "g"
    return String(format: "%\(flags).\(precision ?? 6)\(form)", number)
  }

  private var flags: String {
    (hasSign ? "+" : "") + (hasZeros ? "0" : "") + (width > 0 ? "\(width)" : "")
  }
}
