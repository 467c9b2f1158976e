import TensorGraph

/// Where the value of a symbol is while a plan is built.
enum Location {
  /// Known: every element is this number.
  case scalar(Double)
  /// In memory.
  case view(View)
  /// Not computed yet: an expression of a cluster of elementwise operations.
  case pending(Cluster, Int)
}

/// An operation that the CPU has a kernel for.
protocol CPUOperation: TensorGraph.Operation {
  /// Adds the instructions that compute `node`; `false` leaves it to the reference.
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool
}

/// A node on its way into the plan.
struct LoweredNode {
  let index: Int
  let node: Node
  var inputs: [ValueID] { node.inputs }
  var types: [TensorType] { node.types }
}

/// Turns a graph into a plan, node by node.
///
/// Elementwise operations are not placed at once: they gather in clusters, each of which becomes
/// one instruction when something else needs a value of it. A cluster depends on nothing but
/// instructions already placed, so it can wait and merge as long as nobody needs it.
final class PlanBuilder {
  let graph: Graph
  private(set) var buffers: [Buffer] = []
  private var constants: [Tensor] = []
  private(set) var steps: [Step] = []
  private var locations: [[Location?]]
  private var isPlaced: [Bool]
  private let isFixed: [Bool]
  /// The nodes that use each value, a node once for each use.
  private var users: [ValueID: [Int]] = [:]
  private var clusters: [ObjectIdentifier: Cluster] = [:]
  private var clusterOrder = 0
  private let variableOf: [ValueID: Int]
  private var outputOf: [ValueID: Int] = [:]
  private var updateOf: [ValueID: Int] = [:]
  private var keptVariables: Set<Int> = []
  private var resolved: Set<Buffer.Kind> = []
  private var variableBuffers: [Int] = []
  /// The buffers that are never filled, as the programs that read them compute what they need.
  private var products: [Int: DeferredProduct] = [:]
  private var path = ""

  /// Compiles `graph`, simplified, to a plan.
  static func plan(_ graph: Graph) throws(EngineError) -> Plan {
    // The kernels of fused operations compute in `float32`.
    let simplified = graph.lowered { operation, types in
      operation is any CPUOperation && types.allSatisfy { $0.dtype != .float64 }
    }.simplified()
    let folded = simplified.foldingScales()
    let widened = (folded ?? simplified).widened { $0.needsFloat32(insteadOf: $1) }
    let typed = (widened ?? folded)?.simplified() ?? simplified
    let narrowed = typed.narrowed(to: .bfloat16) { $0.operandsInBFloat16 }
    let builder = PlanBuilder(narrowed?.simplified() ?? typed)
    builder.build()
    return try Plan(steps: builder.steps, buffers: builder.buffers, constants: builder.constants)
  }

  private init(_ graph: Graph) {
    self.graph = graph
    locations = graph.nodes.map { Array(repeating: nil, count: $0.types.count) }
    isPlaced = graph.nodes.map { _ in false }
    isFixed = graph.fixedNodes()
    variableOf = Dictionary(
      graph.variables.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs { users[input, default: []].append(index) }
    }
    for (index, output) in graph.outputs.enumerated() where outputOf[output] == nil {
      outputOf[output] = index
    }
    for (index, update) in graph.updates.enumerated() {
      if let update, updateOf[update] == nil { updateOf[update] = index }
    }
  }

  private func build() {
    for (index, value) in graph.inputs.enumerated() {
      place(value, buffer(.input(index), graph.type(value)))
    }
    for (index, value) in graph.variables.enumerated() {
      let view = buffer(.variable(index), graph.type(value))
      variableBuffers.append(view.buffer)
      place(value, view)
    }
    // What is returned, or becomes another variable, must survive until the end.
    for value in graph.outputs + graph.updates.compactMap({ $0 }) {
      if let variable = variable(behind: value) { keptVariables.insert(variable) }
    }
    for index in graph.nodes.indices where !isPlaced[index] { lower(index) }
    finish()
  }

  // MARK: Nodes

  private func lower(_ index: Int) {
    let node = graph.nodes[index]
    path = node.path
    switch node.operation {
    case let operation as Fill: place(ValueID(index), number: operation.number)
    case let operation as Literal:
      place(ValueID(index), constant(operation.tensor))
    case is Reshape: reshape(index, node)
    case is Transpose, is Broadcast, is Slice:
      place(ValueID(index), node.operation.view(of: view(node.inputs[0]), node.types[0]))
    default:
      let lowered = LoweredNode(index: index, node: node)
      if let expression = ElementwiseExpression(
        node, operandTypes: node.inputs.map { graph.type($0).dtype })
      {
        join(index, node, expression)  // it is placed when its cluster is
        return
      }
      let operation = node.operation as? any CPUOperation
      if let host = node.operation as? any HostOperation {
        host.lowerToHost(lowered, self)
      } else if operation?.lower(lowered, self) != true {
        FallbackInstruction.lower(lowered, self)
      }
      isPlaced[index] = true
    }
  }

  private func reshape(_ index: Int, _ node: Node) {
    let shape = node.types[0].shape
    switch location(node.inputs[0]) {
    case .pending(let cluster, let expression):
      cluster.add(ValueID(index), node: index, expression)
      locations[index][0] = .pending(cluster, expression)
    case .scalar(let number): place(ValueID(index), number: number)
    case .view(let view):
      let source = view.reshaped(shape) == nil ? contiguous(node.inputs[0]) : view
      guard let reshaped = source.reshaped(shape) else { preconditionFailure("it is contiguous") }
      place(ValueID(index), reshaped)
    }
  }

  // MARK: Clusters

  private func join(_ index: Int, _ node: Node, _ expression: ElementwiseExpression) {
    let shape = node.types[0].shape
    var found: [Cluster] = []
    for input in node.inputs {
      guard case .pending(let cluster, _) = location(input) else { continue }
      if cluster.count == shape.count, cluster.isDouble == expression.isDouble {
        if !found.contains(where: { $0 === cluster }) { found.append(cluster) }
      } else {
        place(cluster)
      }
    }
    let cluster = found.first ?? Cluster(count: shape.count, isDouble: expression.isDouble)
    if found.isEmpty {
      cluster.order = clusterOrder
      clusterOrder += 1
      clusters[ObjectIdentifier(cluster)] = cluster
    }
    for other in found.dropFirst() {
      for (value, expression) in cluster.merge(other) {
        locations[value.node][value.result] = .pending(cluster, expression)
      }
      clusters[ObjectIdentifier(other)] = nil
    }
    cluster.path = node.path
    let sources = node.inputs.map { input -> Cluster.Source in
      switch location(input) {
      case .scalar(let number): return .number(number)
      case .pending(_, let expression): return .expression(expression)
      case .view(let view):
        let spread = view.broadcast(to: shape)
        return .view(spread.isReadInOrder ? spread : contiguous(view).broadcast(to: shape))
      }
    }
    let result = expression.add(to: cluster, sources, self)
    cluster.add(ValueID(index), node: index, result)
    locations[index][0] = .pending(cluster, result)
    if cluster.expressions.count > 96 { place(cluster) }
  }

  /// Makes an instruction of `cluster`.
  private func place(_ cluster: Cluster) {
    let programs = prepare(cluster)
    for program in programs { append(ElementwiseInstruction([program]), program) }
  }

  /// The programs that compute `cluster`, with its values given their places.
  private func prepare(_ cluster: Cluster) -> [ElementwiseProgram] {
    clusters[ObjectIdentifier(cluster)] = nil
    for node in cluster.nodes { isPlaced[node] = true }
    var stores: [(expression: Int, view: View)] = []
    var stored: [Int: View] = [:]
    for (value, expression) in cluster.values {
      let isNeeded =
        outputOf[value] != nil || updateOf[value] != nil
        || (users[value] ?? []).contains { !cluster.nodes.contains($0) }
      guard isNeeded else { continue }
      let type = graph.type(value)
      if let view = stored[expression], let same = view.reshaped(type.shape) {
        place(value, same)
      } else {
        let view = result(value)
        stored[expression] = view
        stores.append((expression, view))
        place(value, view)
      }
    }
    return ElementwiseProgram.programs(for: cluster, stores: stores, self).map { program in
      var program = program
      for product in program.take(products) {
        let fill = KernelInstruction(MatMul(transposeA: true).name) { product.fill($0) }
        append(fill, reads: [product.left, product.right], writes: [product.view])
        products[product.view.buffer] = nil
      }
      return program
    }
  }

  /// Places all clusters that are left in one sweep, or in several where one program overwrites
  /// a variable that another reads.
  private func placeRemaining() {
    let remaining = clusters.values.sorted { $0.order < $1.order }
    var sweep: [ElementwiseProgram] = [], read: Set<Int> = [], written: Set<Int> = []
    for program in remaining.flatMap({ prepare($0) }) {
      let reads = program.reads.map(\.buffer), writes = program.writes.map(\.buffer)
      // Those of a sweep run at the same time: none writes what another reads or writes.
      if !written.isDisjoint(with: reads + writes) || !read.isDisjoint(with: writes) {
        append(&sweep)
        (read, written) = ([], [])
      }
      sweep.append(program)
      read.formUnion(reads)
      written.formUnion(writes)
    }
    append(&sweep)
  }

  /// Adds `sweep` as one instruction, and empties it.
  private func append(_ sweep: inout [ElementwiseProgram]) {
    guard !sweep.isEmpty else { return }
    path = sweep.count == 1 ? sweep[0].path : ""
    append(
      ElementwiseInstruction(sweep), reads: sweep.flatMap(\.reads), writes: sweep.flatMap(\.writes),
      // Nothing says which program of a sweep runs first: only one alone may share memory.
      shares: sweep.count == 1 ? sweep[0].shares : [])
    sweep = []
  }

  private func append(_ instruction: ElementwiseInstruction, _ program: ElementwiseProgram) {
    path = program.path
    append(
      instruction, reads: program.reads, writes: program.writes, shares: program.shares)
  }

  // MARK: What kernels ask for

  /// Adds an instruction to the plan.
  func append(
    _ instruction: any Instruction, reads: [View], writes: [View],
    shares: [(write: Int, read: Int)] = []
  ) {
    steps.append(
      Step(
        instruction: instruction, reads: reads.map(\.buffer), writes: writes.map(\.buffer),
        shares: shares, path: path,
        byteCount: (reads + writes).reduce(0) { sum, view in
          // A view that repeats its elements reads them once.
          sum + min(view.count * view.dtype.byteCount, buffers[view.buffer].byteCount)
        }))
  }

  /// The type of a value.
  func type(_ value: ValueID) -> TensorType { graph.type(value) }

  /// The operand in memory, however its elements are spread.
  func view(_ value: ValueID) -> View {
    if case .pending(let cluster, _) = location(value) { place(cluster) }
    switch location(value) {
    case .view(let view): return view
    case .pending: preconditionFailure("the cluster has just been placed")
    case .scalar(let number):
      let view = constant(Tensor(graph.type(value), repeating: number))
      place(value, view)
      return view
    }
  }

  /// The operand in memory, row-major.
  func contiguous(_ value: ValueID) -> View {
    let found = view(value)
    guard !found.isContiguous else { return found }
    let copy = contiguous(found)
    place(value, copy)
    return copy
  }

  /// A row-major copy of `view`, or itself.
  func contiguous(_ view: View) -> View {
    guard !view.isContiguous else { return view }
    let copy = temporary(TensorType(view.dtype, Shape(view.dims)))
    append(CopyInstruction(from: view, to: copy), reads: [view], writes: [copy])
    return copy
  }

  /// The number every element of the operand is, if that is known.
  func scalar(_ value: ValueID) -> Double? {
    if case .scalar(let number) = location(value) { return number }
    return nil
  }

  /// Whether the value is in memory already, or is the same in every run and waits for nothing.
  func isReady(_ value: ValueID) -> Bool {
    switch locations[value.node][value.result] {
    case .view(let view): return products[view.buffer] == nil
    case .scalar: return true
    case .pending: return isFixed[value.node]
    case nil:
      // Another shape of what is there, as of a bias, need not wait for its turn.
      let node = graph.nodes[value.node]
      guard node.operation is Reshape,
        case .view(let view) = locations[node.inputs[0].node][node.inputs[0].result],
        view.isContiguous
      else { return false }
      return placeEarly(value.node)
    }
  }

  /// Whether the value is the same in every run, or a variable that runs leave alone.
  func isFixed(_ value: ValueID) -> Bool { isFixed[value.node] }

  /// A buffer that holds `tensor` for as long as the plan lives.
  func constant(_ tensor: Tensor) -> View {
    constants.append(tensor)
    return buffer(.constant(constants.count - 1), tensor.type)
  }

  /// A workspace buffer of its own.
  func temporary(_ type: TensorType) -> View { buffer(.workspace, type) }

  /// The place for a result: the output or the variable that it becomes, or workspace.
  func result(_ value: ValueID) -> View {
    let type = graph.type(value)
    if let output = outputOf[value] {
      resolved.insert(.output(output))
      return buffer(.output(output), type)
    }
    if let variable = updateOf[value], isFree(variable) {
      resolved.insert(.variable(variable))
      return View(buffer: variableBuffers[variable], type)
    }
    return temporary(type)
  }

  /// Gives `value` its place.
  func place(_ value: ValueID, _ view: View) {
    locations[value.node][value.result] = .view(view)
    isPlaced[value.node] = true
  }

  /// Gives `value` a place that is never filled, if all its readers are elementwise programs.
  func place(_ value: ValueID, _ product: DeferredProduct) {
    products[product.view.buffer] = product
    place(value, product.view)
  }

  private func place(_ value: ValueID, number: Double) {
    locations[value.node][value.result] = .scalar(number)
    isPlaced[value.node] = true
  }

  /// Marks a node as computed by another's instruction.
  func absorb(_ index: Int) { isPlaced[index] = true }

  /// Says that the node `user` uses `others` instead of `value`.
  func redirect(_ user: Int, from value: ValueID, to others: [ValueID]) {
    users[value]?.removeAll { $0 == user }
    for other in others { users[other, default: []].append(user) }
  }

  /// Lowers a later node now, if all it needs is there.
  func placeEarly(_ index: Int) -> Bool {
    let inputs = graph.nodes[index].inputs
    guard inputs.allSatisfy({ locations[$0.node][$0.result] != nil }) else { return false }
    lower(index)
    return true
  }

  /// The only node that uses `value`, if it is neither returned nor kept.
  func onlyUser(of value: ValueID) -> Int? {
    guard let all = users[value], all.count == 1, outputOf[value] == nil, updateOf[value] == nil
    else { return nil }
    return all[0]
  }

  /// Whether anything uses `value`.
  func isUsed(_ value: ValueID) -> Bool {
    users[value] != nil || outputOf[value] != nil || updateOf[value] != nil
  }

  /// Whether all that uses `value` are operations for which `body` holds.
  func isUsedOnly(_ value: ValueID, by body: (any TensorGraph.Operation) -> Bool) -> Bool {
    outputOf[value] == nil && updateOf[value] == nil
      && (users[value] ?? []).allSatisfy { body(graph.nodes[$0].operation) }
  }

  /// The nodes that use `value` and have not been placed.
  func waitingUsers(of value: ValueID) -> [Int] { (users[value] ?? []).filter { !isPlaced[$0] } }

  // MARK: Variables

  /// Whether nothing will read the old value of the variable any more.
  private func isFree(_ variable: Int) -> Bool {
    !keptVariables.contains(variable) && hasNoReaders(graph.variables[variable])
  }

  private func hasNoReaders(_ value: ValueID) -> Bool {
    (users[value] ?? []).allSatisfy { user in
      guard isPlaced[user] else { return false }
      // What only looks at the same memory counts by its own users.
      return graph.nodes[user].operation.isView ? hasNoReaders(ValueID(user)) : true
    }
  }

  /// Whether the memory is a variable's, which the plan may change.
  func isVariable(_ view: View) -> Bool { variableBuffers.contains(view.buffer) }

  /// The variable whose memory `value` looks at.
  private func variable(behind value: ValueID) -> Int? {
    let node = graph.nodes[value.node]
    if let variable = variableOf[value] { return variable }
    return node.operation.isView ? variable(behind: node.inputs[0]) : nil
  }

  private func finish() {
    placeRemaining()
    path = ""
    for (index, value) in graph.outputs.enumerated() where !resolved.contains(.output(index)) {
      let source = view(value), target = buffer(.output(index), graph.type(value))
      append(CopyInstruction(from: source, to: target), reads: [source], writes: [target])
    }
    var copies: [(from: View, to: View)] = []
    for (index, update) in graph.updates.enumerated() {
      guard let update, !resolved.contains(.variable(index)) else { continue }
      var source = view(update)
      if variableBuffers.contains(source.buffer) {  // it may be about to change
        let copy = temporary(graph.type(update))
        append(CopyInstruction(from: source, to: copy), reads: [source], writes: [copy])
        source = copy
      }
      copies.append((source, View(buffer: variableBuffers[index], graph.type(update))))
    }
    for (from, to) in copies {
      append(CopyInstruction(from: from, to: to), reads: [from], writes: [to])
    }
  }

  private func location(_ value: ValueID) -> Location {
    guard let location = locations[value.node][value.result] else {
      preconditionFailure("a value is used before it is placed")
    }
    return location
  }

  private func buffer(_ kind: Buffer.Kind, _ type: TensorType) -> View {
    buffers.append(Buffer(kind: kind, byteCount: type.byteCount))
    return View(buffer: buffers.count - 1, type)
  }
}
