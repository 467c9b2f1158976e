import OrderedCollections
import TensorGraph

/// The loss and the metrics by name, in the order they are shown.
public typealias Logs = OrderedDictionary<String, Double>

extension Model {
  /// Starts the states of the loss and the metrics anew.
  func resetMetrics(_ compilation: Compilation) {
    let layout = layout(compilation)
    for index in layout.states..<layout.iteration {
      _ = variables[index].withUnsafeMutableBytes {
        $0.initializeMemory(as: UInt8.self, repeating: 0)
      }
    }
  }

  /// The loss and the metrics since their states were started.
  ///
  /// A metric of several numbers, such as one for each class, has an entry for each.
  func logs(_ compilation: Compilation) -> Logs {
    var place = layout(compilation).states
    var logs = Logs()
    for meter in compilation.meters {
      let states = meter.states.indices.map { variables[place + $0].scalars(as: Double.self) }
      place += meter.states.count
      let numbers = meter.result(states)
      for (index, number) in numbers.enumerated() {
        logs[numbers.count == 1 ? meter.name : "\(meter.name)_\(index)"] = number
      }
    }
    return logs
  }
}
