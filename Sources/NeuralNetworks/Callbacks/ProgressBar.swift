import Glibc

/// Shows how training goes: on a terminal a bar, redrawn in place; elsewhere a line for each epoch.
///
///     Epoch 2/5  ━━━━━━━━━━━━────────  1105/1875  loss 0.1153  accuracy 0.9661  71k samples/s  0:03
public final class ProgressBar: Callback {
  private let isTerminal: Bool
  private let write: (String) -> Void
  private let now: () -> Double
  private var plan: TrainingPlan?
  private var epochStart = 0.0
  private var lastDrawn = 0.0
  /// The least time between two drawings, in seconds.
  private let interval = 0.1

  /// Creates a progress bar on standard error, or on `file`.
  public convenience init(file: Int32 = STDERR_FILENO, isTerminal: Bool? = nil) {
    self.init(isTerminal: isTerminal ?? (isatty(file) == 1)) {
      writeText($0, to: file)
    }
  }

  /// Creates a progress bar that gives its text to `write`.
  ///
  /// - Parameters:
  ///   - isTerminal: Whether lines can be drawn over.
  ///   - now: A clock, in seconds.
  ///   - write: Takes the text.
  public init(
    isTerminal: Bool, now: @escaping () -> Double = monotonicSeconds,
    write: @escaping (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.now = now
    self.write = write
  }

  public var wantsSteps: Bool { isTerminal }

  public func receive(_ event: TrainingEvent, _ control: TrainingControl) {
    switch event {
    case .began(let plan):
      self.plan = plan
      for doubt in plan.doubts { write("\(doubt)\n") }
    case .epochBegan:
      epochStart = now()
      lastDrawn = epochStart
    case .stepped(let epoch, let step):
      let time = now()
      guard let plan, time - lastDrawn >= interval else { return }
      lastDrawn = time
      write("\r\u{1B}[K" + bar(epoch, done: step + 1, plan, control.logs, time - epochStart))
    case .epochEnded(let report):
      guard let plan else { return }
      write((isTerminal ? "\r\u{1B}[K" : "") + line(report, plan) + "\n")
    case .interrupted: break
    case .ended(let history):
      guard history.ending != .completed else { return }
      let reason = history.ending == .interrupted ? "interrupted" : history.reason ?? "stopped"
      write((isTerminal ? "\r\u{1B}[K" : "") + "Training ended: \(reason)\n")
    }
  }

  private func bar(
    _ epoch: Int, done: Int, _ plan: TrainingPlan, _ logs: Logs, _ seconds: Double
  ) -> String {
    let width = 20
    let samples = done * plan.batchSize
    let rate = Double(min(samples, plan.sampleCount ?? samples)) / max(seconds, 1e-9)
    let end = [text(logs), "\(short(rate)) samples/s"]
    guard let steps = plan.stepsPerEpoch else {
      return ([head(epoch, plan), "\(done) steps"] + end).joined(separator: "  ")
    }
    let filled = min(done * width / max(steps, 1), width)
    let left = seconds / Double(done) * Double(max(steps - done, 0))
    return
      ([
        head(epoch, plan),
        String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled),
        "\(done)/\(steps)",
      ] + end + [time(left)]).joined(separator: "  ")
  }

  private func line(_ report: EpochReport, _ plan: TrainingPlan) -> String {
    [
      head(report.epoch, plan), text(report.logs), "\(short(report.samplesPerSecond)) samples/s",
      time(report.seconds),
    ].joined(separator: "  ")
  }

  private func head(_ epoch: Int, _ plan: TrainingPlan) -> String {
    let last = "\(plan.epochs)", number = "\(epoch + 1)"
    return "Epoch " + String(repeating: " ", count: max(last.count - number.count, 0))
      + "\(number)/\(last)"
  }

  private func text(_ logs: Logs) -> String {
    logs.map { "\($0) \(fourDigits($1))" }.joined(separator: "  ")
  }
}

/// Seconds since some moment, from a clock that nobody sets.
public func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// `number` with four digits after the point, or in scientific form where these say nothing.
func fourDigits(_ number: Double) -> String {
  guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }
  let isPlain = number == 0 || (1e-3..<1e6).contains(abs(number))
  return formatted(number, digits: 4, scientific: !isPlain)
}

/// `number` to about three digits, with k for a thousand and M for a million.
private func short(_ number: Double) -> String {
  switch number {
  case 1e6...: formatted(number / 1e6, digits: 1) + "M"
  case 1e4...: formatted(number / 1e3, digits: 0) + "k"
  default: formatted(number, digits: 0)
  }
}

/// Minutes and seconds, or seconds with a fraction where it is little.
private func time(_ seconds: Double) -> String {
  guard seconds < 1e9 else { return "?" }
  if seconds < 10 { return formatted(seconds, digits: 1) + " s" }
  let whole = Int(seconds.rounded())
  let rest = whole % 60
  return "\(whole / 60):\(rest < 10 ? "0" : "")\(rest)"
}

private func formatted(_ number: Double, digits: Int32, scientific: Bool = false) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
    let count = withVaList([digits, number]) {
      vsnprintf(buffer.baseAddress, buffer.count, scientific ? "%.*e" : "%.*f", $0)
    }
    return String(
      decoding: UnsafeRawBufferPointer(buffer).prefix(max(Int(count), 0)), as: UTF8.self)
  }
}

extension Verbosity {
  /// What prints it.
  var callback: (any Callback)? {
    switch self {
    case .automatic: ProgressBar()
    case .linePerEpoch: ProgressBar(isTerminal: false)
    case .silent: nil
    }
  }
}
