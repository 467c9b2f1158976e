/// How Keras nests the states that a layer is called with: in one list, or in one for each cell of
/// a stack.
struct StateNesting {
  /// The numbers of states in the lists of a stack; nothing for one flat list.
  private let counts: [Int]?

  /// Nothing for a layer that takes no states.
  init?(of layer: any Layer) {
    func counts(_ cell: any RNNCell) -> [Int]? {
      (cell as? StackedRNNCells)?.cells.map(\.stateSizes.count)
    }
    switch layer {
    case let cell as any RNNCell: self.counts = counts(cell)
    case let layer as any RecurrentLayer: self.counts = counts(layer.stepCell)
    case let both as Bidirectional:
      let forward = counts(both.layer.stepCell)
      self.counts = forward.map {
        $0 + (both.backwardLayer.map { counts($0.stepCell) ?? [] } ?? $0)
      }
    default: return nil
    }
  }

  /// `states`, all of a call in order, nested.
  func callAsFunction(_ states: [JSONValue]) -> JSONValue {
    guard let counts else { return .array(states) }
    var rest = states[...]
    return .array(
      counts.map { count in
        defer { rest = rest.dropFirst(count) }
        return .array(Array(rest.prefix(count)))
      })
  }
}
