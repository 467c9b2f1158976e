import NeuralNetworks

/// How often a callback saves.
public enum SaveFrequency: Sendable, Hashable {
  /// After each epoch.
  case epoch
  /// After so many steps, again and again.
  case steps(Int)

  /// The number of steps, if it goes by steps.
  var steps: Int? { if case .steps(let count) = self { count } else { nil } }

  /// Throws when it makes no sense.
  func check(_ owner: String) throws(FormatError) {
    if let steps, steps < 1 {
      throw FormatError(
        "\(owner) saves every 1 or more steps", got: "\(steps)",
        hint: "saveFrequency: .epoch saves after each epoch")
    }
  }
}
