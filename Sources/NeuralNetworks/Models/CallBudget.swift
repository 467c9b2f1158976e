import TensorGraph

/// How many calls of layers a network may consist of.
///
/// Networks in each other, each called twice by the one around it, would be more than all computers
/// could trace, and yet take a small file.
final class CallBudget {
  /// The most calls.
  static let limit = 100_000
  private var count = 0

  /// Counts a call; returns whether it may be made, and reports to `trace` if not.
  func spend(on trace: Trace) -> Bool {
    count = min(count, Self.limit) + 1
    // One mistake is enough: without its call every other layer gets no input.
    if count > Self.limit, trace.errors.isEmpty {
      trace.fail(
        "the network consists of more than \(Self.limit) calls of layers",
        hint: "networks that call each other several times multiply: make it smaller")
    }
    return count <= Self.limit
  }
}
