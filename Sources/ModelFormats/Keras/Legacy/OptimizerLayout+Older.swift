import NeuralNetworks
import TensorGraph

extension OptimizerLayout {
  /// `values`, the variables of a file, in the order of today.
  ///
  /// Keras 2 names variables as TensorFlow does, `Adam/dense/kernel/m:0`, and before 2.11 has no
  /// learning rate among them, and the slots one after another, each for all weights.
  func current(_ values: [Tensor], named names: [String], _ model: Model) -> [Tensor] {
    guard names.count == values.count, names.allSatisfy({ $0.hasSuffix(":0") }),
      let steps = values.first, steps.shape.dims.isEmpty
    else { return values }
    let rates = names.dropFirst().prefix { $0.contains("learning_rate") }.count
    let slots = Array(values.dropFirst(1 + rates)), slotNames = names.dropFirst(1 + rates)
    let own = model.optimizerVariables
    var globals: [Tensor] = [], places: [Int] = []
    for place in order {
      switch place {
      case .variable(0): globals.append(steps)
      case .variable(1): globals.append(own[1].value)
      case .variable(let place): places.append(place)
      case .constant: return values
      }
    }
    // What Keras 2 keeps for a momentum of 0, too.
    guard !places.isEmpty else { return globals }
    guard slots.count == places.count, isSlotBySlot(slotNames) else { return globals + slots }
    // The slots in the order in which they are met here, and the weights in that of the file.
    var kinds: [String] = []
    var arranged = globals
    let ends = paths.map { $0.replacing("/", with: "_") + "_" }
    for place in places {
      let name = own[place].name
      let weight = ends.indices.filter { name.hasPrefix(ends[$0]) }.max {
        ends[$0].utf8.count < ends[$1].utf8.count
      }
      guard let weight else { return globals + slots }
      let kind = String(name.dropFirst(ends[weight].count))
      let index = kinds.firstIndex(of: kind) ?? kinds.count
      if index == kinds.count { kinds.append(kind) }
      guard index * paths.count + weight < slots.count else { return globals + slots }
      arranged.append(slots[index * paths.count + weight])
    }
    return arranged
  }

  /// Whether `names` are those of one slot for all weights, then of the next.
  private func isSlotBySlot(_ names: ArraySlice<String>) -> Bool {
    let slots: Set<Substring> = [
      "m:0", "v:0", "vhat:0", "rms:0", "momentum:0", "mg:0", "accumulator:0", "accum_grad:0",
      "accum_var:0", "linear:0",
    ]
    return names.allSatisfy { name in
      let last = name.split(separator: "/").last ?? ""
      return slots.contains(last) || last.hasPrefix("Variable")
    }
  }
}
