import COneDNN
import TensorGraph

/// oneDNN's engine for the cores of this machine, and the stream its primitives run in.
///
/// Unchecked because the library allows any number of threads to use an engine and a stream of
/// the CPU, whose execution is synchronous.
final class OneDNN: @unchecked Sendable {
  static let shared = OneDNN()
  let engine: dnnl_engine_t?
  let stream: dnnl_stream_t?

  private init() {
    var engine: dnnl_engine_t?, stream: dnnl_stream_t?
    dnnl_engine_create(&engine, dnnl_cpu, 0)
    dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue))
    (self.engine, self.stream) = (engine, stream)
  }
}

/// The shape, element type and layout of a tensor, as oneDNN describes it.
final class MemoryDescription {
  let handle: dnnl_memory_desc_t?

  /// A tensor with these strides; without strides the primitive chooses the layout.
  init?(_ dims: [Int], _ dtype: DType, strides: [Int]? = nil) {
    guard let type = dtype.oneDNN else { return nil }
    var description: dnnl_memory_desc_t?
    let status =
      if let strides {
        dnnl_memory_desc_create_with_strides(
          &description, Int32(dims.count), dims.map { dnnl_dim_t($0) }, type,
          strides.map { dnnl_dim_t($0) })
      } else {
        dnnl_memory_desc_create_with_tag(
          &description, Int32(dims.count), dims.map { dnnl_dim_t($0) }, type, dnnl_format_tag_any)
      }
    guard status == dnnl_success else { return nil }
    handle = description
  }

  /// A copy of the description of an argument that a primitive has chosen.
  init?(of primitive: dnnl_primitive_desc_t?, _ query: dnnl_query_t, _ index: Int32 = 0) {
    guard let found = dnnl_primitive_desc_query_md(primitive, query, index) else { return nil }
    var copy: dnnl_memory_desc_t?
    guard dnnl_memory_desc_clone(&copy, found) == dnnl_success else { return nil }
    handle = copy
  }

  deinit { dnnl_memory_desc_destroy(handle) }

  var byteCount: Int { Int(dnnl_memory_desc_get_size(handle)) }
  func isSame(as other: MemoryDescription) -> Bool {
    dnnl_memory_desc_equal(handle, other.handle) != 0
  }
}

/// Post-operations and modes of a primitive.
final class Attributes {
  let handle: dnnl_primitive_attr_t?

  /// What the operand of the first post-operation is called.
  static let addend = DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1

  /// With an addend of this description added to the result, and a rectifier applied to it.
  init(addend: MemoryDescription? = nil, rectifier: Unary? = nil) {
    var attributes: dnnl_primitive_attr_t?
    dnnl_primitive_attr_create(&attributes)
    handle = attributes
    guard addend != nil || rectifier != nil else { return }
    var operations: dnnl_post_ops_t?
    dnnl_post_ops_create(&operations)
    if let addend { dnnl_post_ops_append_binary(operations, dnnl_binary_add, addend.handle) }
    if rectifier == .relu { dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_relu, 0, 0) }
    if rectifier == .relu6 { dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_clip, 0, 6) }
    dnnl_primitive_attr_set_post_ops(handle, operations)
    dnnl_post_ops_destroy(operations)
  }

  deinit { dnnl_primitive_attr_destroy(handle) }
}

/// The description of a primitive: what will be computed, and in which layouts.
final class PrimitiveDescription {
  let handle: dnnl_primitive_desc_t?

  /// Runs `create`; `nil` when the library has no implementation.
  init?(_ create: (UnsafeMutablePointer<dnnl_primitive_desc_t?>) -> dnnl_status_t) {
    var description: dnnl_primitive_desc_t?
    guard create(&description) == dnnl_success else { return nil }
    handle = description
  }

  deinit { dnnl_primitive_desc_destroy(handle) }

  func argument(_ query: dnnl_query_t, _ index: Int32 = 0) -> MemoryDescription? {
    MemoryDescription(of: handle, query, index)
  }

  /// Whether the library has only its plain and slow implementation for this.
  var isReference: Bool {
    var name: UnsafePointer<CChar>?
    dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, &name)
    return name.map { String(cString: $0).hasPrefix("ref") } ?? false
  }
}

/// An instruction that executes a oneDNN primitive.
final class PrimitiveInstruction: Instruction {
  let name: String
  let flops: Double
  private let primitive: dnnl_primitive_t?
  private let arguments: UnsafeMutableBufferPointer<dnnl_exec_arg_t>
  private let views: [View]

  /// `nil` when the library cannot make the primitive.
  init?(
    _ name: String, _ description: PrimitiveDescription,
    _ arguments: [(argument: Int32, description: MemoryDescription, view: View)],
    flops: Double = 0
  ) {
    var primitive: dnnl_primitive_t?
    guard dnnl_primitive_create(&primitive, description.handle) == dnnl_success else { return nil }
    self.name = name
    self.flops = flops
    self.primitive = primitive
    views = arguments.map(\.view)
    self.arguments = .allocate(capacity: arguments.count)
    for (index, argument) in arguments.enumerated() {
      var memory: dnnl_memory_t?
      dnnl_memory_create(
        &memory, argument.description.handle, OneDNN.shared.engine, onednn_memory_none())
      self.arguments.initializeElement(
        at: index, to: dnnl_exec_arg_t(arg: argument.argument, memory: memory))
    }
  }

  deinit {
    for argument in arguments { dnnl_memory_destroy(argument.memory) }
    arguments.deallocate()
    dnnl_primitive_destroy(primitive)
  }

  func run(_ memory: Memory) {
    for (index, view) in views.enumerated() {
      dnnl_memory_set_data_handle(arguments[index].memory, memory.address(view))
    }
    dnnl_primitive_execute(
      primitive, OneDNN.shared.stream, Int32(arguments.count), arguments.baseAddress)
  }
}

extension DType {
  /// The element type as oneDNN names it, for those its products take.
  var oneDNN: dnnl_data_type_t? {
    switch self {
    case .float32: dnnl_f32
    case .bfloat16: dnnl_bf16
    case .float16: dnnl_f16
    default: nil
    }
  }
}

extension PlanBuilder {
  /// `view` in the layout of `target`, through a reorder if it is in that of `source`.
  func reorder(
    _ view: View, from source: MemoryDescription, to target: MemoryDescription
  ) -> View? {
    if source.isSame(as: target) { return view }
    let copy = workspace(for: target, view.dtype)
    return reorder(view, source, into: copy, target) ? copy : nil
  }

  /// Adds a reorder from one layout to another.
  func reorder(
    _ from: View, _ source: MemoryDescription, into to: View, _ target: MemoryDescription
  ) -> Bool {
    let engine = OneDNN.shared.engine
    let description = PrimitiveDescription {
      dnnl_reorder_primitive_desc_create($0, source.handle, engine, target.handle, engine, nil)
    }
    guard let description,
      let instruction = PrimitiveInstruction(
        "reorder", description, [(DNNL_ARG_FROM, source, from), (DNNL_ARG_TO, target, to)])
    else { return false }
    append(instruction, reads: [from], writes: [to])
    return true
  }

  /// A buffer for a tensor in a layout that a primitive has chosen.
  func workspace(for description: MemoryDescription, _ dtype: DType) -> View {
    temporary(TensorType(dtype, [(description.byteCount + dtype.byteCount - 1) / dtype.byteCount]))
  }
}
