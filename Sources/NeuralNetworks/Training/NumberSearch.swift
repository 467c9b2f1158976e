import TensorGraph

/// The first element that is NaN or infinite, with its place; integers and strings have none.
func firstNonFinite(of tensor: Tensor) -> (index: Int, number: Double)? {
  func search<T: Scalar & BinaryFloatingPoint>(_: T.Type) -> (index: Int, number: Double)? {
    tensor.withUnsafeBytes { bytes in
      let elements = bytes.bindMemory(to: T.self)
      return elements.firstIndex { !$0.isFinite }.map { ($0, elements[$0].number) }
    }
  }
  switch tensor.dtype {
  case .float32: return isFinite(tensor) ? nil : search(Float.self)
  case .float64: return search(Double.self)
  case .float16: return search(Float16.self)
  case .bfloat16:
    let numbers = tensor.numbers
    return numbers.firstIndex { !$0.isFinite }.map { ($0, numbers[$0]) }
  case .int8, .uint8, .int32, .int64, .bool, .string: return nil
  }
}

/// Whether all of `tensor`, `float32`, are finite: `0·x` is 0 but for those that are not.
private func isFinite(_ tensor: Tensor) -> Bool {
  tensor.withUnsafeBytes { bytes in
    var sums = SIMD16<Float>.zero
    let step = MemoryLayout<SIMD16<Float>>.size
    var offset = 0
    while offset + step <= bytes.count {
      sums += bytes.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self) * 0
      offset += step
    }
    var sum = sums.sum()
    while offset < bytes.count {
      sum += bytes.load(fromByteOffset: offset, as: Float.self) * 0
      offset += MemoryLayout<Float>.size
    }
    return sum == 0
  }
}

/// The first element below `low` or above `high`, or with a fraction where `isWhole`, with its
/// place. Elements equal to `ignored` are fine.
func firstElement(
  of tensor: Tensor, outside low: Double, _ high: Double, isWhole: Bool = false,
  ignoring ignored: Int? = nil
) -> (index: Int, number: Double)? {
  func search<T: Scalar>(_: T.Type) -> (index: Int, number: Double)? {
    tensor.withUnsafeBytes { bytes in
      let elements = bytes.bindMemory(to: T.self)
      for index in elements.indices {
        let number = elements[index].number
        if number >= low, number <= high, !isWhole || number == number.rounded() { continue }
        if let ignored, number == Double(ignored) { continue }
        return (index, number)
      }
      return nil
    }
  }
  switch tensor.dtype {  // by name, so that each loop is compiled for its type
  case .float32: return search(Float.self)
  case .float64: return search(Double.self)
  case .float16: return search(Float16.self)
  case .bfloat16: return search(BFloat16.self)
  case .int8: return search(Int8.self)
  case .uint8: return search(UInt8.self)
  case .int32: return search(Int32.self)
  case .int64: return search(Int64.self)
  case .bool: return search(Bool.self)
  case .string: return nil
  }
}
