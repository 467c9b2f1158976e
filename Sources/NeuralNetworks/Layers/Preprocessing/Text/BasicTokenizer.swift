import Foundation
import TensorGraph

/// How BERT makes words of a text, before it looks for their pieces.
///
/// Control characters and those that stand for nothing are left out. A word ends at whitespace; a
/// punctuation mark is a word of its own, and so is an ideograph.
struct BasicTokenizer: Sendable {
  private let lowercase: Bool
  private let stripAccents: Bool
  private let split: Bool
  private let splitOnCJK: Bool
  private var ascii: [Form] = []

  /// What a character becomes.
  fileprivate struct Form {
    /// What is there instead of it; nothing where it is left out, or is a space.
    var utf8: [UInt8] = []
    /// Whether it is not of the words before and after it.
    var standsAlone = false
  }

  /// The forms of characters that were met, so that each is looked up once.
  struct Memory {
    fileprivate var forms: [Unicode.Scalar: Form] = [:]
    /// More than a text in any language has, so that no text takes much memory.
    fileprivate static let limit = 1 << 14
  }

  init(lowercase: Bool, stripAccents: Bool, split: Bool, splitOnCJK: Bool) {
    self.lowercase = lowercase
    self.stripAccents = stripAccents
    self.split = split
    self.splitOnCJK = splitOnCJK
    ascii = (0..<128).map { form(of: Unicode.Scalar(UInt8($0))) }
  }

  /// Appends the words of `text`.
  func words(of text: String, into words: inout TokenList, _ memory: inout Memory) {
    var word: [UInt8] = []
    func end() {
      guard !word.isEmpty else { return }
      word.withUnsafeBytes { words.append($0) }
      word.removeAll(keepingCapacity: true)
    }
    for scalar in text.unicodeScalars {
      let form = scalar.isASCII ? ascii[Int(scalar.value)] : form(of: scalar, &memory)
      if form.standsAlone { end() }
      word += form.utf8
      if form.standsAlone { end() }
    }
    end()
  }

  private func form(of scalar: Unicode.Scalar, _ memory: inout Memory) -> Form {
    if let known = memory.forms[scalar] { return known }
    if memory.forms.count >= Memory.limit { memory.forms.removeAll(keepingCapacity: true) }
    let form = form(of: scalar)
    memory.forms[scalar] = form
    return form
  }

  private func form(of scalar: Unicode.Scalar) -> Form {
    switch scalar {
    case "\t", "\n", "\r": return space
    case "\u{fffd}": return Form()
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .privateUse: return Form()
    default: if scalar.properties.isWhitespace { return space }
    }
    var scalars = [scalar]
    if stripAccents {
      // One character at a time: that marks in a row come in another order is nothing to words.
      scalars = String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars
        .filter { $0.properties.generalCategory != .nonspacingMark }
    }
    if lowercase {
      scalars = scalars.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }
    }
    let standsAlone =
      split && (splitOnCJK && scalar.isIdeograph || scalars.contains(where: \.isPunctuation))
    return Form(utf8: scalars.flatMap { Array(String($0).utf8) }, standsAlone: standsAlone)
  }

  private var space: Form { split ? Form(standsAlone: true) : Form(utf8: [32]) }
}

extension Unicode.Scalar {
  /// Whether it is of the blocks of ideographs that BERT takes as words, and not Hangul or Kana.
  fileprivate var isIdeograph: Bool {
    switch value {
    case 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0x20000...0x2a6df, 0x2a700...0x2ceaf,
      0x2f800...0x2fa1f:
      true
    default: false
    }
  }

  /// Whether it is punctuation; of ASCII also symbols such as `$`.
  fileprivate var isPunctuation: Bool {
    switch value {
    case 33...47, 58...64, 91...96, 123...126: return true
    default: break
    }
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return true
    default: return false
    }
  }
}
