import CKernels
import TensorGraph

/// Moves elements from one spread in memory to another: transposes, slices, broadcasts.
final class CopyInstruction: Instruction {
  private let from: View, to: View
  private let sizes: [Int64], sourceStrides: [Int64], targetStrides: [Int64]
  /// The axes for which the kernel has no room.
  private let outer: [(size: Int, source: Int, target: Int)]

  var name: String { "copy \(from.count)" }

  /// `from` and `to` have the same sizes.
  init(from: View, to: View) {
    (self.from, self.to) = (from, to)
    var axes: [(size: Int, source: Int, target: Int)] = []
    for axis in from.dims.indices where from.dims[axis] != 1 {
      let (size, source, target) = (from.dims[axis], from.strides[axis], to.strides[axis])
      if let last = axes.last, last.source == source * size, last.target == target * size {
        axes[axes.count - 1] = (last.size * size, source, target)
      } else {
        axes.append((size, source, target))
      }
    }
    let inner = axes.suffix(Int(CK_MAXIMUM_RANK))
    outer = Array(axes.dropLast(inner.count))
    sizes = inner.map { Int64($0.size) }
    sourceStrides = inner.map { Int64($0.source) }
    targetStrides = inner.map { Int64($0.target) }
  }

  func run(_ memory: Memory) {
    copy(memory.address(from), to: memory.address(to), outer: outer[...])
  }

  /// Copies the axes `outer`, which are walked here, and those inside of them.
  private func copy(
    _ source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer,
    outer: ArraySlice<(size: Int, source: Int, target: Int)>
  ) {
    let byteCount = from.dtype.byteCount
    guard let axis = outer.first else {
      ck_copy(
        target, targetStrides, source, sourceStrides, sizes, Int32(sizes.count), Int32(byteCount))
      return
    }
    for index in 0..<axis.size {
      copy(
        source + index * axis.source * byteCount, to: target + index * axis.target * byteCount,
        outer: outer.dropFirst())
    }
  }
}

extension Concatenate: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard node.types[0].shape.rank <= CK_MAXIMUM_RANK else { return false }
    let value = ValueID(node.index)
    let sources = node.inputs.map { builder.view($0) }
    let target = builder.result(value)
    var start = 0
    for source in sources where source.count > 0 {
      var part = target
      part.dims = source.dims
      part.offset += start * target.strides[axis]
      start += source.dims[axis]
      builder.append(CopyInstruction(from: source, to: part), reads: [source], writes: [target])
    }
    builder.place(value, target)
    return true
  }
}

extension Unslice: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    guard shape.rank <= CK_MAXIMUM_RANK else { return false }
    let value = ValueID(node.index)
    let source = builder.view(node.inputs[0]), target = builder.result(value)
    let part = slice.view(of: target, TensorType(source.dtype, Shape(slice.sizes)))
    if slice.sizes.reduce(1, *) < target.count {
      let bytes = target.count * target.dtype.byteCount
      builder.append(
        KernelInstruction("zero") { memory in
          var zero: UInt8 = 0
          ck_fill(memory.address(target), Int64(bytes), &zero, 1)
        }, reads: [], writes: [target])
    }
    if source.count > 0 {
      builder.append(CopyInstruction(from: source, to: part), reads: [source], writes: [target])
    }
    builder.place(value, target)
    return true
  }
}
