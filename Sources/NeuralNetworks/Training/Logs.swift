import OrderedCollections
import TensorGraph

/// The loss and the metrics by name, in the order they are shown.
public typealias Logs = OrderedDictionary<String, Double>

extension Model {
  /// Starts the sums of the loss and the metrics anew.
  func resetAccumulators(_ compilation: Compilation) {
    let layout = layout(compilation)
    for index in layout.accumulators..<layout.iteration {
      variables[index].withUnsafeMutableBytes { $0.storeBytes(of: 0, as: Double.self) }
    }
  }

  /// The loss and the metrics since the sums were started; 0 where nothing counted yet.
  func logs(_ compilation: Compilation) -> Logs {
    let layout = layout(compilation)
    func value(_ index: Int) -> Double {
      variables[index].withUnsafeBytes { $0.load(as: Double.self) }
    }
    var logs = Logs()
    for (index, name) in compilation.accumulatorNames.enumerated() {
      let place = layout.accumulators + 2 * index
      let (total, count) = (value(place), value(place + 1))
      logs[name] = count == 0 ? 0 : total / count
    }
    return logs
  }
}
