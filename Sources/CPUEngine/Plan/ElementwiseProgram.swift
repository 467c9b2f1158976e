import CKernels
import TensorGraph

/// A program for the blocked interpreter: what a cluster becomes.
struct ElementwiseProgram {
  var instructions: [ck_instruction] = []
  /// The tensors it reads and writes, with their spread over `sizes`.
  private(set) var operands: [(view: View, operand: ck_operand)] = []
  private(set) var reads: [View] = []
  private(set) var writes: [View] = []
  private(set) var shares: [(write: Int, read: Int)] = []
  /// The operands that are computed on the way.
  private(set) var products: [(operand: Int, product: DeferredProduct)] = []
  /// The iteration space: at most four axes.
  private(set) var sizes: [Int]
  let isDouble: Bool
  let path: String

  /// The programs that compute `cluster` and put what `stores` names in its place; several when
  /// one has too few registers.
  static func programs(
    for original: Cluster, stores: [(expression: Int, view: View)], _ builder: PlanBuilder
  ) -> [ElementwiseProgram] {
    let cluster = original.fusingProducts(keeping: Set(stores.map(\.expression)))
    var part = Part(cluster: cluster, range: 0..<cluster.expressions.count, stores: stores)
    part.makeSpreadsFit(builder)
    if let program = ElementwiseProgram(part) { return [program] }
    // Half of it at a time: what crosses goes through memory.
    let middle = part.range.count / 2
    let dtype: DType = cluster.isDouble ? .float64 : .float32
    var crossing: [Int: View] = [:]
    for expression in cluster.expressions[middle...] {
      for case .expression(let source) in expression.sources
      where source < middle && crossing[source] == nil {
        crossing[source] =
          stores.first { $0.expression == source }?.view
          ?? builder.temporary(TensorType(dtype, [cluster.count]))
      }
    }
    let first = Cluster(count: cluster.count, isDouble: cluster.isDouble)
    let second = Cluster(count: cluster.count, isDouble: cluster.isDouble)
    (first.path, second.path) = (cluster.path, cluster.path)
    for expression in cluster.expressions[..<middle] {
      _ = first.append(expression.operation, expression.sources)
    }
    for expression in cluster.expressions[middle...] {
      let sources = expression.sources.map { source -> Cluster.Source in
        guard case .expression(let number) = source else { return source }
        return crossing[number].map { .view($0) } ?? .expression(number - middle)
      }
      _ = second.append(expression.operation, sources)
    }
    let early = stores.filter { $0.expression < middle }
    let extra = crossing.filter { number, _ in !early.contains { $0.expression == number } }
    let ordered = extra.sorted { $0.key < $1.key }.map { (expression: $0.key, view: $0.value) }
    let late = stores.filter { $0.expression >= middle }.map {
      (expression: $0.expression - middle, view: $0.view)
    }
    return programs(for: first, stores: early + ordered, builder)
      + programs(for: second, stores: late, builder)
  }

  /// What is to become a program.
  private struct Part {
    let cluster: Cluster
    let range: Range<Int>
    let stores: [(expression: Int, view: View)]
    /// Views replaced by row-major copies.
    var copies: [View: View] = [:]
    /// How many points the inner axes hold, from each axis on that some operand needs.
    var borders: Set<Int> = []

    func spread(_ view: View) -> View { copies[view] ?? view }

    /// Finds common axes for all operands, and copies those that need others.
    mutating func makeSpreadsFit(_ builder: PlanBuilder) {
      guard cluster.count > 0 else { return }
      for expression in cluster.expressions {
        for case .view(let view) in expression.sources where copies[view] == nil {
          let axes = view.collapsed
          if axes.isEmpty || (axes.count == 1 && axes[0].stride == 1)
            || axes.allSatisfy({ $0.stride == 0 })
          {
            continue
          }
          var own: Set<Int> = [], inner = 1
          for axis in axes.reversed().dropLast() {
            inner *= axis.size
            own.insert(inner)
          }
          let union = borders.union(own).sorted()
          let isChain = zip(union, union.dropFirst()).allSatisfy { $1 % $0 == 0 }
          if isChain, union.count < 4 {
            borders.formUnion(own)
          } else {
            copies[view] = builder.contiguous(view)
          }
        }
      }
    }
  }

  /// `nil` when there are too few registers.
  private init?(_ part: Part) {
    let cluster = part.cluster
    (isDouble, path) = (cluster.isDouble, cluster.path)
    sizes = []
    var outer = cluster.count
    for border in part.borders.sorted(by: >) {
      sizes.append(outer / border)
      outer = border
    }
    sizes.append(outer)

    var lastUse = [Int](repeating: -1, count: cluster.expressions.count)
    var lastRead: [Int: Int] = [:]  // by buffer
    let isLive = cluster.liveness(of: part.stores.map(\.expression))
    for (index, expression) in cluster.expressions.enumerated() where isLive[index] {
      for source in expression.sources {
        switch source {
        case .expression(let number): lastUse[number] = index
        case .view(let view): lastRead[part.spread(view).buffer] = index
        case .randomKey, .number: break
        }
      }
    }

    // A register for each value that lives on; what is only stored goes straight to memory.
    var free = Array((0..<UInt16(CK_REGISTERS)).reversed())
    var register = [UInt16](repeating: 0, count: cluster.expressions.count)
    var final: [ck_instruction] = []
    for (index, expression) in cluster.expressions.enumerated() where isLive[index] {
      var instruction = ck_instruction()
      instruction.op = expression.operation
      var slots: [UInt16] = [], immediates: [Double] = []
      for source in expression.sources {
        switch source {
        case .expression(let number): slots.append(register[number])
        case .view(let view):
          let spread = part.spread(view)
          if !reads.contains(where: { $0.buffer == spread.buffer }) { reads.append(spread) }
          slots.append(operand(spread, isOutput: false))
        case .randomKey(let key):
          if !reads.contains(where: { $0.buffer == key.buffer }) { reads.append(key) }
          slots.append(operand(key, isOutput: false))
        case .number(let number):
          slots.append(UInt16(immediates.isEmpty ? CK_IMMEDIATE : CK_IMMEDIATE_2))
          immediates.append(number)
        }
      }
      // Three immediates would have been folded to a constant.
      guard immediates.count <= 2 else { return nil }
      (instruction.a, instruction.b, instruction.c) = (
        slots[0], slots.count > 1 ? slots[1] : 0, slots.count > 2 ? slots[2] : 0
      )
      instruction.immediate = immediates.first ?? 0
      instruction.immediate_2 = immediates.count > 1 ? immediates[1] : 0
      // Registers of values used for the last time here are free for the result.
      var released: Set<Int> = []
      for case .expression(let number) in expression.sources
      where lastUse[number] == index && released.insert(number).inserted
        && register[number] < CK_REGISTERS
      {
        free.append(register[number])
      }
      let store = part.stores.first { $0.expression == index }
      // Later readers find it there too, if that is exact.
      let isKept = store?.view.dtype == (isDouble ? .float64 : .float32)
      if let store, isKept || lastUse[index] < 0, (lastRead[store.view.buffer] ?? -1) <= index {
        instruction.dst = operand(store.view, isOutput: true)
        register[index] = instruction.dst
        instructions.append(instruction)
        continue
      }
      guard let target = free.popLast() else { return nil }
      register[index] = target
      instruction.dst = target
      instructions.append(instruction)
      if let store {
        var copy = ck_instruction()
        (copy.op, copy.dst, copy.a) = (CK_COPY, operand(store.view, isOutput: true), target)
        // Stored at once, unless the old content is still to be read.
        if (lastRead[store.view.buffer] ?? -1) <= index {
          instructions.append(copy)
        } else {
          final.append(copy)
          lastUse[index] = .max  // its register is not free again
        }
      }
    }
    instructions += final
    joinAdam()
    writes = part.stores.map(\.view)
    shares = sharing(part, lastRead)
  }

  /// Computes those of the products that it reads on the way, and returns those that it cannot.
  mutating func take(_ all: [Int: DeferredProduct]) -> [DeferredProduct] {
    let found = operands.indices.compactMap { index in
      all[operands[index].view.buffer].map { (operand: index, product: $0) }
    }
    guard let columns = found.first?.product.view.dims[1] else { return [] }
    let fits =
      !isDouble && operands.count <= 32 && found.count <= 2
      && found.allSatisfy { operand, product in
        product.view.dims[1] == columns && operands[operand].operand.kind == CK_FULL
      }
    guard fits, sizes.count == 1 || sizes.last == columns else { return found.map(\.product) }
    if sizes.count == 1 { sizes = [sizes[0] / columns, columns] }
    products = found
    let buffers = Set(found.map(\.product.view.buffer))
    reads.removeAll { buffers.contains($0.buffer) }
    let factors = found.flatMap { [$0.product.left, $0.product.right] }
    reads += factors
    let kept = buffers.union(factors.map(\.buffer))
    shares.removeAll { kept.contains($0.read) }
    return []
  }

  /// Makes one loop of the four instructions of Adam's step, where all it names is of one type.
  private mutating func joinAdam() {
    let dtype = isDouble ? CK_F64 : CK_F32
    func isPlain(_ name: UInt16) -> Bool {
      guard name >= CK_OPERAND else { return true }
      guard name < CK_IMMEDIATE else { return false }
      let operand = operands[Int(name) - Int(CK_OPERAND)].operand
      return operand.kind == CK_FULL && operand.dtype == dtype
    }
    func isOne(_ name: UInt16) -> Bool {
      name >= CK_IMMEDIATE
        || name >= CK_OPERAND && operands[Int(name) - Int(CK_OPERAND)].operand.kind == CK_SCALAR
    }
    for first in instructions.indices.dropLast(3) {
      let (mean, step) = (instructions[first], instructions[first + 3])
      var (square, product) = (instructions[first + 1], instructions[first + 2])
      // The product may come first: neither of the two needs what the other gives.
      if square.op == CK_MUL { swap(&square, &product) }
      guard mean.op == CK_LERP, square.op == CK_LERP_SQUARE, product.op == CK_MUL,
        step.op == CK_ROOT_STEP, square.b == mean.b, product.b == mean.dst,
        step.b == product.dst, step.c == square.dst, step.b < CK_REGISTERS,
        ![mean.dst, product.dst].contains(square.dst),
        !instructions[(first + 4)...].contains(where: { [$0.a, $0.b, $0.c].contains(step.b) }),
        [mean.a, mean.b, mean.dst, square.a, square.dst, step.a, step.dst].allSatisfy(isPlain),
        [mean.c, square.c, product.a].allSatisfy(isOne)
      else { continue }
      instructions[first].op = CK_ADAM
      (instructions[first + 1], instructions[first + 2]) = (square, product)
    }
  }

  /// Pairs of a buffer written and one read for the last time at or before that.
  private func sharing(_ part: Part, _ lastRead: [Int: Int]) -> [(write: Int, read: Int)] {
    var pairs: [(write: Int, read: Int)] = []
    for (number, store) in part.stores {
      for (view, operand) in operands where operand.kind == CK_FULL && view.offset == 0 {
        let readers = operands.filter { $0.view.buffer == view.buffer }
        guard view.buffer != store.buffer, readers.count == 1,
          view.dtype.byteCount == store.dtype.byteCount,
          let last = lastRead[view.buffer], last <= number
        else { continue }
        pairs.append((store.buffer, view.buffer))
      }
    }
    return pairs
  }

  private mutating func operand(_ view: View, isOutput: Bool) -> UInt16 {
    let base = UInt16(CK_OPERAND)
    if !isOutput, let known = operands.firstIndex(where: { $0.view == view }) {
      return base + UInt16(known)
    }
    var operand = ck_operand()
    operand.dtype = view.dtype.kernel
    let axes = view.collapsed
    if view.count == 0 {
      operand.kind = CK_FULL  // nothing is read or written
    } else if axes.allSatisfy({ $0.stride == 0 }) && !(isOutput && !axes.isEmpty) {
      operand.kind = CK_SCALAR
      if isOutput { operand.kind = CK_FULL }
    } else if axes.count == 1, axes[0].stride == 1 {
      operand.kind = CK_FULL
    } else {
      operand.kind = CK_STRIDED
      let strides = spread(axes)
      withUnsafeMutableBytes(of: &operand.strides) { bytes in
        for (axis, stride) in strides.enumerated() {
          bytes.storeBytes(of: Int64(stride), toByteOffset: axis * 8, as: Int64.self)
        }
      }
    }
    operands.append((view, operand))
    return base + UInt16(operands.count - 1)
  }

  /// The strides along `sizes` of a tensor with these collapsed axes.
  private func spread(_ axes: [(size: Int, stride: Int)]) -> [Int] {
    var strides: [Int] = []
    var remaining = axes
    for size in sizes.reversed() {
      var (left, stride) = (size, 0), isFirst = true
      while left > 1, let axis = remaining.popLast() {
        if isFirst { stride = axis.stride }
        isFirst = false
        let part = min(left, axis.size)
        if part < axis.size { remaining.append((axis.size / part, axis.stride * part)) }
        left /= part
      }
      strides.append(stride)
    }
    return strides.reversed()
  }
}

extension DType {
  /// The element type as the kernels name it.
  var kernel: ck_dtype {
    switch self {
    case .float32: CK_F32
    case .float64: CK_F64
    case .float16: CK_F16
    case .bfloat16: CK_BF16
    case .int8: CK_I8
    case .uint8: CK_U8
    case .int32: CK_I32
    case .int64: CK_I64
    case .bool: CK_BOOL
    case .string: preconditionFailure("a trace refuses to compute with strings")
    }
  }
}
