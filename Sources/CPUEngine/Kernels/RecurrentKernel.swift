import CKernels
import COneDNN
import TensorGraph

/// `y += a · b` or `y = a · b + bias` for one step of a recurrence, on rows that lie apart.
///
/// The same product serves all steps: only the addresses change.
private final class StepProduct {
  private let primitive: dnnl_primitive_t?
  private let arguments: UnsafeMutableBufferPointer<dnnl_exec_arg_t>

  /// - Parameters:
  ///   - rows: The sizes `[m, k]` of `a`, and how many elements its rows lie apart.
  ///   - columns: The number of columns of `b` and `y`.
  ///   - transposed: Whether `b` holds its columns as rows.
  ///   - outputStride: How many elements the rows of `y` lie apart.
  ///   - hasBias: Whether there is a bias; without one the product is added to `y`.
  init?(
    rows: (m: Int, k: Int, stride: Int), columns: Int, transposed: Bool, outputStride: Int,
    hasBias: Bool
  ) {
    guard
      let a = MemoryDescription([rows.m, rows.k], .float32, strides: [rows.stride, 1]),
      let b = MemoryDescription(
        [rows.k, columns], .float32, strides: transposed ? [1, rows.k] : [columns, 1]),
      let y = MemoryDescription([rows.m, columns], .float32, strides: [outputStride, 1]),
      let bias = MemoryDescription([1, columns], .float32, strides: [columns, 1])
    else { return nil }
    let attributes = Attributes(accumulates: !hasBias)
    let description = PrimitiveDescription {
      dnnl_matmul_primitive_desc_create(
        $0, OneDNN.shared.engine, a.handle, b.handle, hasBias ? bias.handle : nil, y.handle,
        attributes.handle)
    }
    var primitive: dnnl_primitive_t?
    guard let description,
      dnnl_primitive_create(&primitive, description.handle) == dnnl_success
    else { return nil }
    self.primitive = primitive
    let all: [(Int32, MemoryDescription)] =
      [(DNNL_ARG_SRC, a), (DNNL_ARG_WEIGHTS, b), (DNNL_ARG_DST, y)]
      + (hasBias ? [(DNNL_ARG_BIAS, bias)] : [])
    arguments = .allocate(capacity: all.count)
    for (index, (argument, description)) in all.enumerated() {
      var memory: dnnl_memory_t?
      dnnl_memory_create(&memory, description.handle, OneDNN.shared.engine, onednn_memory_none())
      arguments.initializeElement(at: index, to: dnnl_exec_arg_t(arg: argument, memory: memory))
    }
  }

  deinit {
    for argument in arguments { dnnl_memory_destroy(argument.memory) }
    arguments.deallocate()
    dnnl_primitive_destroy(primitive)
  }

  func callAsFunction(
    _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
    _ y: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>? = nil
  ) {
    dnnl_memory_set_data_handle(arguments[0].memory, a)
    dnnl_memory_set_data_handle(arguments[1].memory, b)
    dnnl_memory_set_data_handle(arguments[2].memory, y)
    if let bias { dnnl_memory_set_data_handle(arguments[3].memory, bias) }
    dnnl_primitive_execute(
      primitive, OneDNN.shared.stream, Int32(arguments.count), arguments.baseAddress)
  }
}

/// The sizes of a recurrence over `[batch, time, units]`.
private struct Sizes {
  let batch: Int, time: Int, units: Int
  /// How many elements one sample of a sequence of states has.
  var row: Int { time * units }
}

extension Memory {
  /// The bytes of a mask `[batch, time]` as one row of samples for each step.
  fileprivate func timeMajor(_ mask: View, into target: View) {
    let (batch, time) = (mask.dims[0], mask.dims[1])
    ck_copy(
      address(target), [Int64(batch), 1], address(mask), [1, Int64(time)],
      [Int64(time), Int64(batch)], 2, 1)
  }
  fileprivate func bytes(_ view: View?, at offset: Int) -> UnsafePointer<UInt8>? {
    view.map { UnsafePointer(address($0).assumingMemoryBound(to: UInt8.self)) + offset }
  }
  fileprivate func copy(_ from: View, to: View) {
    address(to).copyMemory(from: address(from), byteCount: from.count * from.dtype.byteCount)
  }
}

extension Fused.LSTM: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let shape = node.types[0].shape
    let s = Sizes(batch: shape[0], time: shape[1], units: shape[2])
    guard shape.count > 0,
      let first = StepProduct(
        rows: (s.batch, s.units, s.units), columns: 4 * s.units, transposed: false,
        outputStride: 4 * s.row, hasBias: false),
      let next = StepProduct(
        rows: (s.batch, s.units, s.row), columns: 4 * s.units, transposed: false,
        outputStride: 4 * s.row, hasBias: false)
    else { return false }
    return builder.lower(node, scratch: hasMask ? s.batch * s.time : 0) { m, x, y in
      let mask = hasMask ? y[5] : nil
      if let mask { m.timeMajor(x[4], into: mask) }
      m.copy(x[0], to: y[3])  // becomes the gates, in place
      let (kernel, h, c, gates) = (m.floats(x[1]), m.floats(y[0]), m.floats(y[4]), m.floats(y[3]))
      for t in 0..<s.time {
        let previousH = t == 0 ? m.floats(x[2]) : h + (t - 1) * s.units
        let previousC = t == 0 ? m.floats(x[3]) : c + (t - 1) * s.units
        let stride = t == 0 ? s.units : s.row
        (t == 0 ? first : next)(previousH, kernel, gates + t * 4 * s.units)
        var step = ck_lstm_step(
          batch: Int64(s.batch), units: Int64(s.units), mask: m.bytes(mask, at: t * s.batch),
          gates: gates + t * 4 * s.units, gates_stride: Int64(4 * s.row), c_previous: previousC,
          c_previous_stride: Int64(stride), c: c + t * s.units, c_stride: Int64(s.row),
          h_previous: previousH, h_previous_stride: Int64(stride), h: h + t * s.units,
          h_stride: Int64(s.row))
        ck_lstm_forward_f32(&step)
      }
      for (sequence, last) in [(h, m.floats(y[1])), (c, m.floats(y[2]))] {
        for sample in 0..<s.batch {
          (last + sample * s.units).update(
            from: sequence + sample * s.row + (s.time - 1) * s.units, count: s.units)
        }
      }
    }
  }
}

extension Fused.LSTMGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let shape = builder.type(node.inputs[0]).shape
    let s = Sizes(batch: shape[0], time: shape[1], units: shape[2])
    guard shape.count > 0,
      let product = StepProduct(
        rows: (s.batch, 4 * s.units, 4 * s.row), columns: s.units, transposed: true,
        outputStride: s.units, hasBias: false)
    else { return false }
    let state = s.batch * s.units
    let scratch = state * 4 + (hasMask ? s.batch * s.time : 0)
    return builder.lower(node, scratch: scratch) { m, x, y in
      var (mask, spare): (View?, View) = (nil, y[3])
      if hasMask {
        mask = y[3]
        mask?.offset = state * 4
        if let mask { m.timeMajor(x[7], into: mask) }
      }
      spare.dtype = .float32
      let (gates, c, kernel) = (m.floats(x[3]), m.floats(x[4]), m.floats(x[5]))
      let (dgates, dc) = (m.floats(y[0]), m.floats(y[2]))
      m.copy(x[2], to: y[2])
      // The gradient of h goes back and forth between two places and ends in dh0.
      let places = [m.floats(y[1]), m.floats(spare)]
      places[s.time % 2].update(from: m.floats(x[1]), count: state)
      for t in (0..<s.time).reversed() {
        let (dh, previous) = (places[(t + 1) % 2], places[t % 2])
        var step = ck_lstm_step(
          batch: Int64(s.batch), units: Int64(s.units), mask: m.bytes(mask, at: t * s.batch),
          gates: gates + t * 4 * s.units, gates_stride: Int64(4 * s.row),
          c_previous: t == 0 ? m.floats(x[6]) : c + (t - 1) * s.units,
          c_previous_stride: Int64(t == 0 ? s.units : s.row), c: c + t * s.units,
          c_stride: Int64(s.row), h_previous: nil, h_previous_stride: 0, h: nil, h_stride: 0)
        ck_lstm_backward_f32(
          &step, dgates + t * 4 * s.units, dc, previous, dh, m.floats(x[0]) + t * s.units,
          Int64(s.row), dc)
        product(dgates + t * 4 * s.units, kernel, previous)
      }
    }
  }
}

extension Fused.GRU: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let shape = node.types[0].shape
    let s = Sizes(batch: shape[0], time: shape[1], units: shape[2])
    guard shape.count > 0,
      let first = StepProduct(
        rows: (s.batch, s.units, s.units), columns: 3 * s.units, transposed: false,
        outputStride: 3 * s.units, hasBias: true),
      let next = StepProduct(
        rows: (s.batch, s.units, s.row), columns: 3 * s.units, transposed: false,
        outputStride: 3 * s.units, hasBias: true)
    else { return false }
    let inner = s.batch * 3 * s.units * 4
    return builder.lower(node, scratch: inner + (hasMask ? s.batch * s.time : 0)) { m, x, y in
      var (mask, product): (View?, View) = (nil, y[4])
      if hasMask {
        mask = y[4]
        mask?.offset = inner
        if let mask { m.timeMajor(x[4], into: mask) }
      }
      product.dtype = .float32
      m.copy(x[0], to: y[2])  // becomes the gates, in place
      let (h, gates) = (m.floats(y[0]), m.floats(y[2]))
      for t in 0..<s.time {
        let previous = t == 0 ? m.floats(x[3]) : h + (t - 1) * s.units
        (t == 0 ? first : next)(
          previous, m.floats(x[1]), m.floats(product), bias: m.floats(x[2]))
        var step = ck_gru_step(
          batch: Int64(s.batch), units: Int64(s.units), mask: m.bytes(mask, at: t * s.batch),
          gates: gates + t * 3 * s.units, gates_stride: Int64(3 * s.row),
          recurrent: m.floats(product), inner: m.floats(y[3]) + t * s.units,
          inner_stride: Int64(s.row), h_previous: previous,
          h_previous_stride: Int64(t == 0 ? s.units : s.row), h: h + t * s.units,
          h_stride: Int64(s.row))
        ck_gru_forward_f32(&step)
      }
      for sample in 0..<s.batch {
        (m.floats(y[1]) + sample * s.units).update(
          from: h + sample * s.row + (s.time - 1) * s.units, count: s.units)
      }
    }
  }
}

extension Fused.GRUGradient: CPUOperation {
  func lower(_ node: LoweredNode, _ builder: PlanBuilder) -> Bool {
    let shape = builder.type(node.inputs[0]).shape
    let s = Sizes(batch: shape[0], time: shape[1], units: shape[2])
    guard shape.count > 0,
      let product = StepProduct(
        rows: (s.batch, 3 * s.units, 3 * s.row), columns: s.units, transposed: true,
        outputStride: s.units, hasBias: false)
    else { return false }
    let state = s.batch * s.units
    let scratch = state * 4 + (hasMask ? s.batch * s.time : 0)
    return builder.lower(node, scratch: scratch) { m, x, y in
      var (mask, spare): (View?, View) = (nil, y[3])
      if hasMask {
        mask = y[3]
        mask?.offset = state * 4
        if let mask { m.timeMajor(x[6], into: mask) }
      }
      spare.dtype = .float32
      let (dgates, dinner) = (m.floats(y[0]), m.floats(y[1]))
      let places = [m.floats(y[2]), m.floats(spare)]
      places[s.time % 2].update(from: m.floats(x[1]), count: state)
      for t in (0..<s.time).reversed() {
        let (dh, previous) = (places[(t + 1) % 2], places[t % 2])
        var step = ck_gru_step(
          batch: Int64(s.batch), units: Int64(s.units), mask: m.bytes(mask, at: t * s.batch),
          gates: m.floats(x[2]) + t * 3 * s.units, gates_stride: Int64(3 * s.row),
          recurrent: nil, inner: m.floats(x[3]) + t * s.units, inner_stride: Int64(s.row),
          h_previous: m.floats(x[4]) + t * s.units, h_previous_stride: Int64(s.row), h: nil,
          h_stride: 0)
        ck_gru_backward_f32(
          &step, dgates + t * 3 * s.units, dinner + t * 3 * s.units, previous, dh,
          m.floats(x[0]) + t * s.units, Int64(s.row))
        product(dinner + t * 3 * s.units, m.floats(x[5]), previous)
      }
    }
  }
}
