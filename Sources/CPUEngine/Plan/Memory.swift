import TensorGraph

/// Where a value lies: a buffer and how its elements are spread over it.
struct View: Hashable {
  /// The buffer it lies in.
  var buffer: Int
  /// The first element, counted in elements from the start of the buffer.
  var offset = 0
  var dtype: DType
  var dims: [Int]
  /// The distance between neighbors along each axis, in elements; 0 repeats.
  var strides: [Int]

  init(buffer: Int, _ type: TensorType) {
    self.buffer = buffer
    dtype = type.dtype
    dims = type.shape.dims
    strides = type.shape.strides
  }

  var count: Int { dims.reduce(1, *) }
  var byteOffset: Int { offset * dtype.byteCount }
  /// Whether the elements follow each other in row-major order.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(dims, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }

  /// The same elements seen in another shape, if that needs no copy.
  func reshaped(_ shape: Shape) -> View? {
    guard isContiguous else { return nil }
    var view = View(buffer: buffer, TensorType(dtype, shape))
    view.offset = offset
    return view
  }
}

/// A block of memory that instructions read and write.
struct Buffer {
  enum Kind: Hashable {
    /// Part of the workspace; the memory plan says where.
    case workspace
    case input(Int)
    case output(Int)
    case variable(Int)
    case constant(Int)
  }
  var kind: Kind
  var byteCount: Int
}

/// The addresses of all buffers during a run.
struct Memory {
  let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>

  func address(_ view: View) -> UnsafeMutableRawPointer { bases[view.buffer] + view.byteOffset }
  func floats(_ view: View) -> UnsafeMutablePointer<Float> {
    address(view).assumingMemoryBound(to: Float.self)
  }
}

/// One step of a plan.
protocol Instruction: AnyObject {
  /// What a profile prints.
  var name: String { get }
  /// How many numbers it multiplies, adds or otherwise computes; 0 where nobody counts them.
  var flops: Double { get }
  func run(_ memory: Memory)
}

extension Instruction {
  var flops: Double { 0 }
}

/// An instruction with what it reads and writes.
struct Step {
  var instruction: any Instruction
  var reads: [Int]
  var writes: [Int]
  /// Buffers written that may take the memory of a buffer read for the last time here.
  var shares: [(write: Int, read: Int)] = []
  var path = ""
  /// How many bytes it reads and writes.
  var byteCount = 0
}

/// Gives each workspace buffer its place in one arena, so that buffers in use at one time do not
/// overlap.
enum MemoryPlan {
  /// The byte offset of each buffer (by its index), and the size of the arena.
  ///
  /// What the first `preparation` steps write stays for as long as the plan lives.
  static func offsets(
    of buffers: [Buffer], for steps: [Step], preparation: Int
  ) -> (offsets: [Int: Int], size: Int) {
    var first: [Int: Int] = [:], last: [Int: Int] = [:]
    for (index, step) in steps.enumerated() {
      for buffer in step.writes + step.reads where buffers[buffer].kind == .workspace {
        if first[buffer] == nil { first[buffer] = index }
        last[buffer] = index
      }
    }
    for buffer in steps.prefix(preparation).flatMap(\.writes) { last[buffer] = steps.count }
    // A buffer that takes over another's memory lives in it: one interval for both.
    var owner: [Int: Int] = [:]
    func root(_ buffer: Int) -> Int { owner[buffer].map(root) ?? buffer }
    for (index, step) in steps.enumerated() {
      for (write, read) in step.shares where first[write] == index {
        let source = root(read)
        guard buffers[read].kind == .workspace, buffers[write].kind == .workspace,
          last[source] == index, owner[write] == nil, source != write,
          buffers[write].byteCount <= buffers[source].byteCount
        else { continue }
        owner[write] = source
        last[source] = last[write]
      }
    }
    let roots = first.keys.filter { owner[$0] == nil }.sorted {
      (first[$0] ?? 0, -buffers[$0].byteCount, $0) < (first[$1] ?? 0, -buffers[$1].byteCount, $1)
    }
    var offsets: [Int: Int] = [:], size = 0
    var active: [(start: Int, end: Int, last: Int)] = []
    for buffer in roots {
      let begins = first[buffer] ?? 0, need = (max(buffers[buffer].byteCount, 1) + 63) / 64 * 64
      active.removeAll { $0.last < begins }
      // The tightest gap that fits.
      var best: (start: Int, waste: Int)?, position = 0
      for block in active {
        let gap = block.start - position
        if gap >= need, gap - need < best?.waste ?? .max { best = (position, gap - need) }
        position = max(position, block.end)
      }
      let start = best?.start ?? position
      let place = active.firstIndex { $0.start > start } ?? active.count
      active.insert((start, start + need, last[buffer] ?? begins), at: place)
      offsets[buffer] = start
      size = max(size, start + need)
    }
    for buffer in owner.keys { offsets[buffer] = offsets[root(buffer)] }
    return (offsets, size)
  }
}
