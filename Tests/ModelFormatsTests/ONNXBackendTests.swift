import Foundation
import ModelFormats
import Testing

/// ONNX's own test cases. How many pass is written down for each operator, and may only grow:
/// `STRATA_RECORD_ONNX=1 swift test --filter ONNXBackend` writes it anew, with the table of those
/// that fail. `ONNX_CASES=^test_conv` runs some, and prints why they fail.
@Suite struct ONNXBackendTests {
  /// How many cases pass.
  struct Counts: Codable, Equatable {
    var cases = 0
    var passed = 0
    /// By operator, the passed cases it is in.
    var operators: [String: Int] = [:]
  }

  static let environment = ProcessInfo.processInfo.environment
  static let golden = URL(filePath: "Tests/Golden/onnx.json")

  @Test func casesThatPassOnceGoOnPassing() async throws {
    guard let folder = ONNXBackend.folder else {
      #expect(Self.environment["STRATA_WITHOUT_PYTHON"] != nil, "run Scripts/golden/environment")
      return
    }
    var cases = try ONNXBackend.cases(in: folder)
    let pattern = try Self.environment["ONNX_CASES"].map { try Regex($0) }
    if let pattern { cases = cases.filter { $0.name.firstMatch(of: pattern) != nil } }
    let outcomes = await Self.outcomes(of: cases)
    let failures = zip(cases, outcomes).compactMap { test, outcome -> (String, String)? in
      guard case .failed(let why) = outcome else { return nil }
      return (test.name, why)
    }
    guard pattern == nil else {
      for (name, why) in failures { print("\(name): \(why)") }
      print("\(cases.count - failures.count) of \(cases.count) cases pass")
      return
    }
    let counts = Self.counts(cases, failing: Set(failures.map(\.0)))
    if Self.environment["STRATA_RECORD_ONNX"] != nil {
      try Self.record(counts, failures)
      return
    }
    let before = try JSONDecoder().decode(Counts.self, from: Data(contentsOf: Self.golden))
    #expect(counts.cases == before.cases)
    #expect(counts.passed >= before.passed, "\(failures.map { "\($0): \($1)" })")
    for (name, count) in before.operators {
      #expect(counts.operators[name, default: 0] >= count, "fewer cases with \(name) pass")
    }
  }

  /// The outcomes, computed by as many tasks as there are processors.
  private static func outcomes(of cases: [ONNXBackend.Case]) async -> [ONNXBackend.Outcome] {
    await withTaskGroup(of: [(Int, ONNXBackend.Outcome)].self) { group in
      let workers = ProcessInfo.processInfo.activeProcessorCount
      for worker in 0..<workers {
        group.addTask {
          stride(from: worker, to: cases.count, by: workers).map { index in
            if environment["ONNX_VERBOSE"] != nil { print(cases[index].name) }
            return (index, cases[index].run())
          }
        }
      }
      var all = [ONNXBackend.Outcome](repeating: .passed, count: cases.count)
      for await part in group { for (index, outcome) in part { all[index] = outcome } }
      return all
    }
  }

  private static func counts(_ cases: [ONNXBackend.Case], failing: Set<String>) -> Counts {
    var counts = Counts(cases: cases.count, passed: cases.count - failing.count)
    for test in cases {
      for name in test.operators {
        counts.operators[name, default: 0] += failing.contains(test.name) ? 0 : 1
      }
    }
    return counts
  }

  @Test func theDocumentationListsTheOperators() throws {
    let text = try String(contentsOfFile: Self.page, encoding: .utf8)
    let missing = ONNXOperator.names.filter { !text.contains("`\($0)`") }
    #expect(missing == [], "write them down: STRATA_RECORD_ONNX=1")
  }

  private static let page = "Documentation/ONNX.md"

  /// Writes the counts, the list of operators, and the table of the cases that fail.
  private static func record(_ counts: Counts, _ failures: [(String, String)]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(counts).write(to: golden)
    var lines = [
      "# ONNX's test cases that fail", "",
      "Of the \(counts.cases) cases of ONNX 1.22.0, nine of them large networks, \(counts.passed) pass.",
      "These do not, and why:",
      "", "| case | why |", "|---|---|",
    ]
    lines += failures.map { name, why in
      let draws = ["bernoulli", "training_dropout"].contains { name.contains($0) }
      let reason = draws ? "expects the random numbers of NumPy" : why
      return "| `\(name)` | \(reason.replacing("|", with: "\\|").prefix(160)) |"
    }
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: "Documentation/ONNX-cases.md", atomically: true, encoding: .utf8)
    let text = try String(contentsOfFile: page, encoding: .utf8)
    let heading = "## Operators\n"
    let start = text.firstRange(of: heading).map { String(text[..<$0.upperBound]) } ?? text
    let list = ONNXOperator.names.map { "`\($0)`" }.joined(separator: ",\n")
    try (start + "\n" + list + ".\n").write(toFile: page, atomically: true, encoding: .utf8)
  }
}
