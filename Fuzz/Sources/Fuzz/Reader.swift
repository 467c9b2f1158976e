import Foundation
import Strata

/// What is fed to one reader, and with what it begins.
struct Reader: Sendable {
  /// The name, as `Scripts/fuzz` takes it.
  let name: String
  /// Reads all of the bytes; that it throws is what is expected of it.
  private let body: @Sendable (Data) throws -> Void
  /// Sound inputs, made by Strata.
  let seeds: @Sendable () throws -> [Data]
  /// The inputs that a file holds, for readers of what is inside of others.
  let parts: @Sendable (Data) -> [Data]

  init(
    _ name: String, seeds: @escaping @Sendable () throws -> [Data] = { [] },
    parts: @escaping @Sendable (Data) -> [Data] = { [$0] },
    _ body: @escaping @Sendable (Data) throws -> Void
  ) {
    self.name = name
    self.body = body
    self.seeds = seeds
    self.parts = parts
  }

  /// Reads `data`, and looks at the error, whose text must hold whatever the bytes were.
  func read(_ data: Data) {
    do {
      try body(data)
    } catch {
      guard !"\(error)".isEmpty, "\(error)".utf8.count < 1 << 20 + 16 * data.count else {
        fatalError("an error of \("\(error)".utf8.count) bytes")
      }
    }
  }

  /// All of them.
  static let all = containers + arrays + media + networks
}
