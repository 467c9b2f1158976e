import Glibc
import TensorGraph

extension ONNXOperator {
  /// Fourier transforms and windows.
  static let signals: [String: ONNXOperator] = [
    "DFT": ONNXOperator { try $0.transformed() },
    "STFT": ONNXOperator { try $0.transformedFrames() },
    "MelWeightMatrix": ONNXOperator { try $0.melFilters() },
    "HannWindow": window { 0.5 - 0.5 * cos($0) },
    "HammingWindow": window { 25.0 / 46 - 21.0 / 46 * cos($0) },
    "BlackmanWindow": window { 0.42 - 0.5 * cos($0) + 0.08 * cos(2 * $0) },
  ]

  /// A window of numbers that `value` gives for the angles of one turn.
  private static func window(_ value: @escaping @Sendable (Double) -> Double) -> ONNXOperator {
    ONNXOperator { call in
      let size = try call.integer(0), type = try call.elementType("output_datatype") ?? .float32
      guard (0...ONNXCall.madeLimit).contains(size) else {
        throw ONNXError.mistake("the size is \(size)")
      }
      let turn = Double(max(call.bool("periodic", true) ? size : size - 1, 1))
      let numbers = (0..<size).map { value(2 * .pi * Double($0) / turn) }
      let tensor = Tensor(TensorType(type.dtype ?? .float32, [size]), numbers: numbers)
      return [.tensor(ONNXTensor(tensor, type: type))]
    }
  }
}

/// Complex numbers, or real ones.
private struct Spectrum {
  var real: Symbol
  var imaginary: Symbol?

  /// The products of the numbers with others.
  func multiplied(_ other: (real: Symbol, imaginary: Symbol)) -> Spectrum {
    guard let imaginary else {
      return Spectrum(real: real * other.real, imaginary: real * other.imaginary)
    }
    return Spectrum(
      real: real * other.real - imaginary * other.imaginary,
      imaginary: real * other.imaginary + imaginary * other.real)
  }

  /// Applies `body` to both parts.
  func mapped(_ body: (Symbol) -> Symbol) -> Spectrum {
    Spectrum(real: body(real), imaginary: imaginary.map(body))
  }
}

extension ONNXCall {
  /// The tensor at the first input, whose last axis is that of the parts of a number.
  private func spectrum(_ x: Symbol) throws -> Spectrum {
    guard x.shape.rank >= 2, x.shape[-1] == 1 || x.shape[-1] == 2 else {
      throw ONNXError.mistake("\(x.shape) has no last axis of 1 or 2 for the parts of a number")
    }
    let parts = (0..<x.shape[-1]).map { x.entry($0, axis: -1) }
    return Spectrum(real: parts[0], imaginary: parts.count == 2 ? parts[1] : nil)
  }

  fileprivate func transformed() throws -> [ONNXValue] {
    let x = try x(0), rank = x.shape.rank
    let given = try opset < 20 ? int("axis", 1) : has(2) ? integer(2) : -2
    let axis = try axis(given, rank: rank)
    guard axis < rank - 1 else {
      throw ONNXError.mistake("the axis \(given) is that of the parts of a number")
    }
    let size = x.shape[axis], isInverse = bool("inverse"), isOneSided = bool("onesided")
    let natural = isInverse && isOneSided ? 2 * (size - 1) : size
    let length = try has(1) ? integer(1) : natural
    let order = (0..<rank - 1).filter { $0 != axis } + [axis]
    let moved = try spectrum(x).mapped { $0.transposed(order) }
    var y = try fourier(moved, length, isInverse: isInverse, isOneSided: isOneSided)
    y = y.mapped { part in
      part.transposed((0..<rank - 1).map { order.firstIndex(of: $0) ?? $0 })
    }
    return try result(stack([y.real] + [y.imaginary].compactMap(\.self), axis: -1))
  }

  /// The discrete Fourier transform of `length` along the last axis.
  ///
  /// A one-sided inverse is real; its input is half of the spectrum, of which the other half is the
  /// mirror image.
  private func fourier(
    _ x: Spectrum, _ length: Int, isInverse: Bool, isOneSided: Bool
  ) throws -> Spectrum {
    guard length > 0, length <= 1 << 24 else {
      throw ONNXError.mistake("a transform of \(length) numbers")
    }
    let half = length / 2 + 1, isReal = isInverse && isOneSided
    var fitted = x.mapped { part in
      let terms = isReal ? half : length, have = part.shape[-1]
      let none = part.shape.dims.map { _ in 0 }
      if have >= terms { return part.sliced(axis: -1, 0..<terms) }
      return part.padded(low: none, high: none.dropLast() + [terms - have])
    }
    if isReal {
      let mirrored = 1..<length - half + 1
      func whole(_ part: Symbol, _ sign: Double) -> Symbol {
        guard !mirrored.isEmpty else { return part }
        let mirror = part.sliced(axis: -1, mirrored).reversed(axis: -1)
        return concatenate([part, sign < 0 ? -mirror : mirror], axis: -1)
      }
      fitted = Spectrum(
        real: whole(fitted.real, 1), imaginary: fitted.imaginary.map { whole($0, -1) })
    }
    var y = try turned(fitted, length, sign: isInverse ? 1 : -1)
    if isInverse { y = y.mapped { $0 * (1 / Double(length)) } }
    if isReal { return Spectrum(real: y.real, imaginary: nil) }
    return isOneSided ? y.mapped { $0.sliced(axis: -1, 0..<half) } : y
  }

  /// Σₙ xₙ e^(± 2πi kn / length) along the last axis: a product with a matrix, or two of the parts
  /// of a length that is a product.
  private func turned(_ x: Spectrum, _ length: Int, sign: Double) throws -> Spectrum {
    let root = Int(Double(length).squareRoot())
    let part = (1...max(root, 1)).last { length % $0 == 0 } ?? 1
    if length > 256, part > 1 {  // index n = rest · n₁ + n₂, frequency k = k₁ + part · k₂
      let rest = length / part
      let lead = Array(x.real.shape.dims.dropLast()), order = Array(0..<lead.count)
      let swapped = order + [lead.count + 1, lead.count]
      var y = x.mapped { $0.reshaped(Shape(lead + [part, rest])).transposed(swapped) }
      y = try turned(y, part, sign: sign)
      y = y.multiplied(turns(rest, part, length, sign, x.real.dtype))
      y = try turned(y.mapped { $0.transposed(swapped) }, rest, sign: sign)
      return y.mapped { $0.transposed(swapped).reshaped(Shape(lead + [length])) }
    }
    guard length <= 1 << 12 else {
      throw ONNXError.mistake(
        "a transform of \(length) numbers, which is no product of smaller ones")
    }
    let matrix = turns(length, length, length, sign, x.real.dtype)
    var real = matmul(x.real, matrix.real), imaginary = matmul(x.real, matrix.imaginary)
    if let part = x.imaginary {
      real = real - matmul(part, matrix.imaginary)
      imaginary = imaginary + matmul(part, matrix.real)
    }
    return Spectrum(real: real, imaginary: imaginary)
  }

  /// e^(± 2πi · row · column / length)
  private func turns(
    _ rows: Int, _ columns: Int, _ length: Int, _ sign: Double, _ dtype: DType
  ) -> (real: Symbol, imaginary: Symbol) {
    var cosines: [Double] = [], sines: [Double] = []
    for row in 0..<rows {
      for column in 0..<columns {
        let angle = 2 * .pi * Double(row * column % length) / Double(length)
        cosines.append(cos(angle))
        sines.append(sign * sin(angle))
      }
    }
    func matrix(_ numbers: [Double]) -> Symbol {
      trace.constant(Tensor(TensorType(dtype, [rows, columns]), numbers: numbers))
    }
    return (matrix(cosines), matrix(sines))
  }

  /// The transforms of frames of a signal, each times a window.
  fileprivate func transformedFrames() throws -> [ONNXValue] {
    let x = try x(0), step = try integer(1)
    guard x.shape.rank == 3, step > 0 else {
      throw ONNXError.mistake("a signal \(x.shape) in steps of \(step)")
    }
    let size = x.shape[1]
    let length = try has(3) ? integer(3) : has(2) ? shape(2).count : size
    guard length > 0, length <= size else {
      throw ONNXError.mistake("frames of \(length) of a signal of \(size)")
    }
    let count = (size - length) / step + 1
    _ = try sized([x.shape[0], count, length, x.shape[2]])
    guard try times(count, length) <= Self.madeLimit else {
      throw ONNXError.mistake("\(count) frames of \(length)")
    }
    let places = (0..<count).flatMap { frame in (0..<length).map { Int32(frame * step + $0) } }
    let at = trace.constant(Tensor([count, length], places))
    var frames = try spectrum(x).mapped { $0.gathered(at: at, axis: 1) }
    if has(2) {
      let window = try self.x(2).cast(to: x.dtype)
      guard window.shape == [length] else {
        throw ONNXError.mistake("a window \(window.shape) for frames of \(length)")
      }
      frames = frames.mapped { $0 * window }
    }
    let y = try fourier(
      frames, length, isInverse: false, isOneSided: bool("onesided", true))
    return try result(stack([y.real] + [y.imaginary].compactMap(\.self), axis: -1))
  }

  /// Triangles over the bins of a spectrum, evenly spaced on the mel scale.
  fileprivate func melFilters() throws -> [ONNXValue] {
    let (count, length, rate) = (try integer(0), try integer(1), try integer(2))
    let (low, high) = (try number(3), try number(4))
    let type = try elementType("output_datatype") ?? .float32
    guard (0...1 << 20).contains(count), (0...1 << 26).contains(length), rate > 0,
      low > -700, high > -700, low.isFinite, high.isFinite
    else {
      throw ONNXError.mistake(
        "\(count) filters from \(low) to \(high) Hz for \(length) samples at \(rate) Hz")
    }
    let bins = length / 2 + 1
    guard try sized([bins, count]).count <= Self.madeLimit else {
      throw ONNXError.mistake("\(count) filters over \(bins) bins")
    }
    func mel(_ hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
    let step = (mel(high) - mel(low)) / Double(count + 2)
    let edges = (0..<count + 2).map { index in
      let hertz = 700 * (pow(10, (mel(low) + Double(index) * step) / 2595) - 1)
      let bin = (Double(length + 1) * hertz / Double(rate)).rounded(.down)
      return Int(max(min(bin, 0x1p30), -0x1p30))
    }
    var numbers = [Double](repeating: 0, count: bins * count)
    for filter in 0..<count {
      let (left, center, right) = (edges[filter], edges[filter + 1], edges[filter + 2])
      func put(_ range: Range<Int>, _ value: (Int) -> Double) {
        for bin in range.clamped(to: 0..<bins) { numbers[bin * count + filter] = value(bin) }
      }
      if left == center {
        put(center..<center + 1) { _ in 1 }
      } else if left < center {
        put(left..<center + 1) { Double($0 - left) / Double(center - left) }
      }
      if right > center {
        put(center..<right) { Double(right - $0) / Double(right - center) }
      }
    }
    let tensor = Tensor(TensorType(type.dtype ?? .float32, [bins, count]), numbers: numbers)
    return [.tensor(ONNXTensor(tensor, type: type))]
  }
}
