import Foundation
import Strata
import Testing

@Suite("Word pieces are those of Hugging Face's tokenizers")
struct PreprocessingWordPieceTests {
  /// A vocabulary, texts, and the numbers of their pieces.
  struct Golden {
    let vocabulary: [String]
    let texts: [String]
    let cases: [JSONValue]

    init() throws {
      let file = TrainingGolden.folder("tokenizers").appending(path: "wordpiece.json")
      let value = try JSONValue(parsing: Data(contentsOf: file))
      vocabulary = (value["vocabulary"]?.array ?? []).compactMap(\.string)
      texts = (value["texts"]?.array ?? []).compactMap(\.string)
      cases = value["cases"]?.array ?? []
    }

    /// A tokenizer with the options of a case.
    func tokenizer(_ options: JSONValue?) throws -> WordPieceTokenizer {
      func flag(_ name: String, _ value: Bool) -> Bool {
        if case .bool(let given)? = options?[name] { given } else { value }
      }
      return try WordPieceTokenizer(
        vocabulary: vocabulary, sequenceLength: options?["sequenceLength"]?.int,
        lowercase: flag("lowercase", false), stripAccents: flag("stripAccents", false),
        split: flag("split", true), splitOnCJK: flag("splitOnCJK", true),
        startToken: options?["startToken"]?.string, endToken: options?["endToken"]?.string,
        padToken: options?["padToken"]?.string,
        specialTokens: (options?["specialTokens"]?.array ?? []).compactMap(\.string))
    }
  }

  @Test("Token for token")
  func golden() throws {
    let golden = try Golden()
    #expect(golden.vocabulary.count == 500)
    #expect(golden.texts.count > 200)
    #expect(golden.cases.count == 9)
    for entry in golden.cases {
      let tokenizer = try golden.tokenizer(entry["options"])
      let rows = try #require(entry["ids"]?.array).map { ($0.array ?? []).compactMap(\.int) }
      let texts = Array(golden.texts.prefix(rows.count))
      for (text, row) in zip(texts, rows) {
        var ids = tokenizer.ids(for: text)
        if let length = tokenizer.sequenceLength {
          ids += [Int](repeating: 0, count: length - ids.count)
        }
        #expect(ids == row, "\(entry["name"]?.string ?? ""): \(text.debugDescription)")
      }
      let length = tokenizer.sequenceLength ?? rows.map(\.count).max() ?? 0
      let all = rows.flatMap { $0 + [Int](repeating: 0, count: length - $0.count) }
      let tensor = tokenizer(texts)
      #expect(tensor.type == TensorType(.int32, [rows.count, length]))
      #expect(tensor.scalars(as: Int32.self).map(Int.init) == all)
      #expect(try tokenizer(Tensor(texts)) == tensor)
    }
  }

  @Test("A word is covered by the longest pieces, from its beginning on")
  func pieces() throws {
    let tokenizer = try WordPieceTokenizer(
      vocabulary: ["<unk>", "un", "una", "@@aff", "@@ff", "@@able", "@@a", "<s>", "</s>", "<pad>"],
      suffixIndicator: "@@", oovToken: "<unk>", startToken: "<s>", endToken: "</s>",
      padToken: "<pad>")
    #expect(tokenizer.tokens(for: "unaffable") == ["<s>", "una", "@@ff", "@@able", "</s>"])
    #expect(tokenizer.tokens(for: "unaffab una") == ["<s>", "<unk>", "una", "</s>"])
    #expect(tokenizer(["un una", ""]).scalars(as: Int32.self) == [7, 1, 2, 8, 7, 8, 9, 9])
    #expect(try tokenizer(Tensor([2, 1], ["un", "un"])).shape == [2, 1, 3])
    #expect(tokenizer([]).shape == [0, 0])
    for (texts, width) in [(["un"], 2), (["un un", "un"], 3), (["un un un un un"], 4)] {
      let short = try WordPieceTokenizer(
        vocabulary: ["[UNK]", "un", "</s>"], sequenceLength: 4, padToSequenceLength: false,
        endToken: "</s>")
      #expect(short(texts).shape == [texts.count, width])
      #expect(short.tokens(for: texts[0]).last == "</s>")
    }
  }

  @Test("Bytes that are no text, and texts of all characters, are texts")
  func anyBytes() throws {
    let tokenizer = try Golden().tokenizer(["lowercase": .bool(true), "stripAccents": .bool(true)])
    let broken = Tensor([2], utf8: [[0x61, 0xff, 0xc3], [0xed, 0xa0, 0x80, 0x62]] as [[UInt8]])
    #expect(try tokenizer(broken) == tokenizer(["a", "b"]))
    let all = String(String.UnicodeScalarView((0...0x10ffff).compactMap(Unicode.Scalar.init)))
    #expect(tokenizer.ids(for: all).allSatisfy { (0..<500).contains($0) })
  }

  @Test("The time grows with the length of a text alone")
  func linear() throws {
    let golden = try Golden()
    let tokenizer = try golden.tokenizer([
      "lowercase": .bool(true), "stripAccents": .bool(true),
      "specialTokens": .array([.string("[MASK]")]),
    ])
    // Each of a kind that a simple loop takes quadratic time for: marks in the wrong order, one
    // word, the beginnings of special tokens, special tokens.
    let clock = ContinuousClock()
    for part in ["\u{301}\u{316}", "ization", "[MAS", "[MASK]", "a ", "."] {
      let times = [1000, 16_000].map { count in
        let text = String(repeating: part, count: count)
        return (0..<3).map { _ in clock.measure { _ = tokenizer.ids(for: text) } }.min() ?? .zero
      }
      // Quadratic would be 256 times as long.
      #expect(times[1] < times[0] * 80 + .milliseconds(250), "\(part.debugDescription): \(times)")
    }
    let marks = String(repeating: "\u{301}\u{316}", count: 1000)
    #expect(tokenizer.tokens(for: "a" + marks) == ["a"])
  }

  @Test("What cannot be is an error")
  func mistakes() throws {
    let words = ["[UNK]", "[CLS]", "[SEP]", "a"]
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(
      message { _ = try WordPieceTokenizer(vocabulary: words + ["a"]) } == """
        error: the vocabulary has a more than once
        """)
    #expect(
      message { _ = try WordPieceTokenizer(vocabulary: []) } == """
        error: [UNK] is not among the 0 pieces of the vocabulary
          help  BERT's have [UNK], [CLS], [SEP], [PAD] and [MASK]
        """)
    for options: [String: JSONValue] in [
      ["startToken": .string("<s>")], ["endToken": .string("<s>")], ["padToken": .string("<s>")],
      ["specialTokens": .array([.string("<s>")])],
    ] {
      #expect(message { _ = try Golden().tokenizer(.object(options)) }.contains("<s> is not among"))
    }
    #expect(
      message { _ = try WordPieceTokenizer(vocabulary: words, specialTokens: [""]) }
        .contains("at least one character"))
    for length in [1, 0, -1, .min, .max] {
      let mistake = message {
        _ = try WordPieceTokenizer(
          vocabulary: words, sequenceLength: length, startToken: "[CLS]", endToken: "[SEP]")
      }
      #expect(mistake.contains("texts of \(length) pieces are not possible"))
    }
    #expect(
      message { _ = try WordPieceTokenizer(vocabulary: words)(Tensor([2], [1, 2] as [Int32])) }
        == """
        error: WordPieceTokenizer takes strings
          got   int32[2]
        """)
  }
}
