import NeuralNetworks
import TensorGraph

extension ONNXLayerNetwork {
  /// Other shapes of the same elements, sample by sample.
  func reshaping(_ x: ONNXLayerCall) throws -> Bool {
    let input = x.node.inputs[0], from = shape(input), to = shape(x.output)
    guard x.computedInputs == [input], from.rank > 0, to.rank > 0 else { return false }
    let value = try value(input)
    // Axes of one come and go wherever the others are held.
    let kept = from.dims.indices.filter { from[$0] > 1 || value.order[$0] == 0 }
    let placed = to.dims.indices.filter { to[$0] > 1 }
    if kept.map({ from[$0] }) == placed.map({ to[$0] }), kept.count == placed.count {
      return try insertingOnes(x, value, kept: kept, placed: placed, to)
    }
    guard value.order[0] == 0, from[0] == to[0] else { return false }
    let tensor = try natural(input)
    if x.node.operator.type == "Flatten", to.rank == 2 {
      define(x.output, Flatten(name: x.name())(tensor))
    } else {
      define(x.output, Reshape(Array(to.dims.dropFirst()), name: x.name())(tensor))
    }
    return true
  }

  /// A reshape that only adds and drops axes of one: `kept` of the input are `placed` in the output.
  private func insertingOnes(
    _ x: ONNXLayerCall, _ value: Value, kept: [Int], placed: [Int], _ to: Shape
  ) throws -> Bool {
    let from = shape(x.node.inputs[0])
    // The axes of more than one in the order in which they are held, the batch first.
    let held = kept.sorted { value.order[$0] < value.order[$1] }
    guard let first = held.first, value.order[first] == 0 else { return false }
    let places = held.map { axis in placed[kept.firstIndex(of: axis) ?? 0] }
    let others = to.dims.indices.filter { !places.contains($0) }
    var order = Array(repeating: 0, count: to.rank)
    for (place, axis) in (places + others).enumerated() { order[axis] = place }
    let dims = held.dropFirst().map { from[$0] } + others.map { _ in 1 }
    if held.count == from.rank, others.isEmpty {
      define(x.output, value.tensor, order: order)
    } else {
      define(x.output, Reshape(dims, name: x.name())(value.tensor), order: order)
    }
    return true
  }

  /// Axes in other places, values side by side, borders, larger images, rows of a table.
  func shaping(_ x: ONNXLayerCall) throws -> Bool {
    switch x.node.operator.type {
    case "Transpose": return try transposing(x)
    case "Concat": return try concatenation(x)
    case "Pad": return try border(x)
    case "Gather": return try embedding(x)
    default: return try upsampling(x)
    }
  }

  private func transposing(_ x: ONNXLayerCall) throws -> Bool {
    let value = try value(x.node.inputs[0]), rank = value.order.count
    let permutation = x.call.ints("perm") ?? Array((0..<rank).reversed())
    guard permutation.sorted() == Array(0..<rank) else { return false }
    // Nothing moves: the axes are only called otherwise.
    define(x.output, value.tensor, order: permutation.map { value.order[$0] })
    return true
  }

  private func concatenation(_ x: ONNXLayerCall) throws -> Bool {
    let rank = shape(x.output).rank, axis = try x.call.axis(1, of: shape(x.output))
    guard x.computedInputs.count == x.node.inputs.count, x.node.inputs.count > 1, axis > 0 else {
      return false
    }
    let orders = try x.node.inputs.map { try value($0).order }
    let order = orders.first { $0 != Array(0..<rank) } ?? orders[0]
    let tensors = try x.node.inputs.map { try tensor($0, order: order) }
    define(x.output, Concatenate(axis: order[axis], name: x.name())(tensors), order: order)
    return true
  }

  private func border(_ x: ONNXLayerCall) throws -> Bool {
    let input = x.node.inputs[0], rank = shape(input).rank
    let pads =
      try x.call.ints("pads") ?? x.call.ints("paddings")
      ?? (x.call.has(1) ? x.call.integers(1) : [])
    let number = try x.call.has(2) ? x.call.number(2) : x.call.float("value", 0)
    guard x.computedInputs == [input], x.call.string("mode", "constant") == "constant", number == 0,
      !x.call.has(3), pads.count == 2 * rank, pads.allSatisfy({ (0...1 << 16).contains($0) }),
      (3...5).contains(rank), [0, 1, rank, rank + 1].allSatisfy({ pads[$0] == 0 })
    else { return false }
    let ends = (2..<rank).map { [pads[$0], pads[rank + $0]] }, tensor = try channelsLast(input)
    switch ends.count {
    case 1:
      x.define(
        channelsLast: ZeroPadding1D(BorderSize(ends.map { .ends($0) }), name: x.name())(tensor))
    case 2:
      x.define(
        channelsLast: ZeroPadding2D(BorderSize(ends.map { .ends($0) }), name: x.name())(tensor))
    default:
      x.define(
        channelsLast: ZeroPadding3D(BorderSize(ends.map { .ends($0) }), name: x.name())(tensor))
    }
    return true
  }

  private func upsampling(_ x: ONNXLayerCall) throws -> Bool {
    let input = x.node.inputs[0], from = shape(input), to = shape(x.output)
    guard from.rank == 4, Array(from.dims[..<2]) == Array(to.dims[..<2]),
      to[2] % from[2] == 0, to[3] % from[3] == 0,
      x.call.string("mode", "nearest") == "nearest"
    else { return false }
    let layer = UpSampling2D([to[2] / from[2], to[3] / from[3]], name: x.name())
    x.define(channelsLast: layer(try channelsLast(input)))
    return true
  }

  private func embedding(_ x: ONNXLayerCall) throws -> Bool {
    guard let table = known(x.node.inputs[0]), table.shape.rank == 2, x.call.int("axis", 0) == 0,
      x.computedInputs == [x.node.inputs[1]]
    else { return false }
    let name = x.name()
    let layer = Embedding(table.shape[0], table.shape[1], name: name)
    set(name, "embeddings", table)
    define(x.output, layer(try natural(x.node.inputs[1])))
    return true
  }

  /// A recurrent layer in one direction that begins with zeros.
  func recurrence(_ x: ONNXLayerCall) throws -> Bool {
    let call = x.call, isLSTM = x.node.operator.type == "LSTM", input = x.node.inputs[0]
    let gates = isLSTM ? 4 : 3
    guard let kernel = known(x.node.inputs[1]), let recurrent = known(x.node.inputs[2]),
      kernel.shape.rank == 3, recurrent.shape.rank == 3, kernel.shape[0] == 1,
      call.string("direction", "forward") == "forward", call.attribute("activations") == nil,
      call.attribute("clip") == nil, !call.bool("input_forget"), !call.bool("layout"),
      case let units = recurrent.shape[2], kernel.shape[1] == gates * units,
      isLSTM || call.bool("linear_before_reset") || !call.has(3)
    else { return false }
    for index in 4..<max(x.node.inputs.count, 4) where call.has(index) {
      // Lengths, first states and peepholes: only zeros do nothing.
      guard index != 4, let numbers = known(x.node.inputs[index])?.numbers,
        numbers.allSatisfy({ $0 == 0 })
      else { return false }
    }
    let used = x.node.outputs.indices.filter {
      !x.node.outputs[$0].isEmpty && users[x.node.outputs[$0]] != nil
        || onnx.graph.outputs.map(\.name).contains(x.node.outputs[$0])
    }
    guard used.count == 1, let output = used.first, output < 2 else { return false }
    let name = x.name(), sequences = output == 0
    let resets = call.bool("linear_before_reset")
    let layer: any Layer =
      isLSTM
      ? LSTM(units, returnSequences: sequences, name: name)
      : GRU(units, returnSequences: sequences, resetAfter: resets, name: name)
    set(
      name, "kernel",
      gateOrder(kernel.reshaped([gates * units, kernel.shape[2]]), units, isLSTM).transposed([1, 0])
    )
    set(
      name, "recurrent_kernel",
      gateOrder(recurrent.reshaped([gates * units, units]), units, isLSTM).transposed([1, 0]))
    let bias =
      call.has(3) ? known(x.node.inputs[3])?.numbers : Array(repeating: 0, count: 2 * gates * units)
    guard let bias, bias.count == 2 * gates * units else { return false }
    let type = kernel.dtype
    let half = gates * units
    let halves = [Array(bias[..<half]), Array(bias[half...])].map {
      gateOrder(Tensor(TensorType(type, [half, 1]), numbers: $0), units, isLSTM).numbers
    }
    if isLSTM || !resets {
      set(
        name, "bias",
        Tensor(TensorType(type, [half]), numbers: zip(halves[0], halves[1]).map { $0 + $1 }))
    } else {
      set(name, "bias", Tensor(TensorType(type, [2, half]), numbers: halves[0] + halves[1]))
    }
    // [time, batch, features] in the file.
    let tensor = layer(try self.tensor(input, order: [1, 0, 2]))
    if sequences {
      let steps = shape(input)[0]
      define(x.node.outputs[0], Reshape([steps, 1, units])(tensor), order: [1, 2, 0, 3])
    } else {
      define(x.node.outputs[1], Reshape([1, units])(tensor), order: [1, 0, 2])
    }
    return true
  }

  /// Rows of gates in Keras's order: input, forget, cell, output of ONNX's input, output, forget,
  /// cell; update, reset, new are the same in both.
  private func gateOrder(_ rows: Tensor, _ units: Int, _ isLSTM: Bool) -> Tensor {
    guard isLSTM else { return rows }
    let width = rows.shape[1], numbers = rows.numbers
    let order = [0, 2, 3, 1].flatMap { gate in
      numbers[gate * units * width..<(gate + 1) * units * width]
    }
    return Tensor(rows.type, numbers: order)
  }
}
