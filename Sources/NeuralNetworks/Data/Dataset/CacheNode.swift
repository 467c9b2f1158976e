import Synchronization

/// The elements of the first epoch, kept in memory once they have been made.
struct CacheNode: DatasetNode {
  let source: any DatasetNode
  private let store: Store

  init(_ source: any DatasetNode) {
    self.source = source
    store = Store(source)
  }

  var count: ElementCount { source.count }
  var isIndexed: Bool { source.count.number != nil }
  var sampleCount: Int? { source.sampleCount }

  func element(_ index: Int, _: Pass) throws -> Sample {
    guard let element = try store.element(index) else {
      throw FormatError("there is no element \(index)")
    }
    return element
  }

  func stream(_ pass: Pass, from start: Int) throws -> any ElementStream {
    var index = start
    return ClosureStream {
      defer { index += 1 }
      return try store.element(index)
    }
  }

  /// What has been made so far, always the first elements of one and the same pass.
  private final class Store: Sendable {
    private struct State {
      var elements: [Sample] = []
      var stream: (any ElementStream)?
      var isWhole = false
    }

    private let source: any DatasetNode
    private let state = Mutex(State())

    init(_ source: any DatasetNode) { self.source = source }

    func element(_ index: Int) throws -> Sample? {
      try state.withLock { state in
        while state.elements.count <= index, !state.isWhole {
          do {
            let stream =
              try state.stream
              ?? source.stream(Pass(epoch: 0, seed: 0), from: state.elements.count)
            state.stream = stream
            if let element = try stream.next() {
              state.elements.append(element)
            } else {
              state.isWhole = true
              state.stream = nil
            }
          } catch {
            state.stream = nil  // the next one asking tries again
            throw error
          }
        }
        return index < state.elements.count ? state.elements[index] : nil
      }
    }
  }
}
