/// What the measurement of a model gave.
struct BenchResult {
  let name: String
  let batchSize: Int
  /// The time of a training step; nothing for a model without a loss.
  let trainSeconds: Double?
  /// The time of a prediction for a batch.
  let predictSeconds: Double
  /// Operations a second, in a training step, or a prediction if there is none.
  let flopsPerSecond: Double
  /// The share of what a large product of matrices reaches. Convolutions count as they are defined:
  /// those computed with fewer operations may reach more than all of it.
  let peakShare: Double
  /// How long the step, or the prediction if there is none, took to trace and compile, and to run for
  /// the first time; nothing where nobody asked.
  let start: (compileSeconds: Double, firstSeconds: Double)?

  var json: JSON {
    var members: [(String, JSON)] = [
      ("name", .string(name)), ("batch", .int(batchSize)),
      ("train_us", trainSeconds.map { .number($0 * 1e6) } ?? .null),
      ("predict_us", .number(predictSeconds * 1e6)), ("gflops", .number(flopsPerSecond / 1e9)),
      ("peak_share", .number(peakShare)),
    ]
    if let start {
      members += [
        ("compile_us", .number(start.compileSeconds * 1e6)),
        ("first_us", .number(start.firstSeconds * 1e6)),
      ]
    }
    return .object(members)
  }

  static func header(withStart: Bool) -> String {
    row(
      ["", "batch", "train, µs", "predict, µs", "GFLOP/s", "of peak"]
        + (withStart ? ["compile, µs", "first, µs"] : []))
  }

  var text: String {
    let times = start.map { [$0.compileSeconds, $0.firstSeconds] } ?? []
    return Self.row(
      [
        name, "\(batchSize)", trainSeconds.map { Console.short($0 * 1e6) } ?? "-",
        Console.short(predictSeconds * 1e6), Console.short(flopsPerSecond / 1e9),
        "\(Int((peakShare * 100).rounded())) %",
      ] + times.map { Console.short($0 * 1e6) })
  }

  private static func row(_ cells: [String]) -> String {
    let name = cells[0] + String(repeating: " ", count: max(14 - cells[0].count, 1))
    return name
      + cells.dropFirst().map { String(repeating: " ", count: max(12 - $0.count, 1)) + $0 }.joined()
  }
}
