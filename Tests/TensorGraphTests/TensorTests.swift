import TensorGraph
import Testing

@Suite("A tensor")
struct TensorTests {
  private func address(_ tensor: Tensor) -> UInt {
    tensor.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
  }

  @Test("shares its memory with copies until one is written to")
  func copyOnWrite() {
    var a = Tensor([3], [1, 2, 3] as [Float])
    let b = a
    #expect(address(a) == address(b))
    a.withUnsafeMutableBytes { $0.bindMemory(to: Float.self)[0] = 9 }
    #expect(a.numbers == [9, 2, 3])
    #expect(b.numbers == [1, 2, 3])
    let before = address(a)
    a.withUnsafeMutableBytes { $0.bindMemory(to: Float.self)[1] = 8 }
    #expect(address(a) == before)
  }

  @Test("is aligned to 64 bytes", arguments: [0, 1, 3, 17, 1000])
  func alignment(_ count: Int) {
    for dtype in DType.numbers {
      #expect(address(Tensor(zeros: TensorType(dtype, [count]))) % 64 == 0)
    }
  }

  @Test("rounds, truncates and saturates numbers to its type")
  func conversion() {
    func numbers(_ dtype: DType, _ numbers: [Double]) -> [Double] {
      Tensor(TensorType(dtype, [numbers.count]), numbers: numbers).numbers
    }
    #expect(numbers(.int8, [-1.9, 1.9, 300, -300, .nan]) == [-1, 1, 127, -128, 0])
    #expect(numbers(.uint8, [-1, 255.5, .infinity]) == [0, 255, 255])
    #expect(numbers(.int64, [1e30, -1e30]) == [Double(Int64.max), Double(Int64.min)])
    #expect(numbers(.bool, [0, 2, -1]) == [0, 1, 1])
    #expect(numbers(.float16, [65504, 1e6, 1 + 0x1p-11]) == [65504, .infinity, 1])
    #expect(numbers(.float32, [1 + 0x1p-24, 1 + 0x1p-23]) == [1, 1 + 0x1p-23])
  }

  @Test("gives rows, other shapes and other types of the same numbers")
  func parts() {
    let tensor = Tensor([3, 2], [1, 2, 3, 4, 5, 6] as [Float])
    #expect(tensor.rows(1..<3) == Tensor([2, 2], [3, 4, 5, 6] as [Float]))
    #expect(tensor.rows(1..<1).shape == [0, 2])
    #expect(tensor.reshaped([2, 3]).numbers == tensor.numbers)
    #expect(tensor.cast(to: .int32).scalars(as: Int32.self) == [1, 2, 3, 4, 5, 6])
    #expect(tensor.description == "float32[3, 2] [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]")
  }
}

@Suite("BFloat16")
struct BFloat16Tests {
  @Test("rounds to the nearest, and halves to the even one")
  func rounding() {
    func rounded(_ value: Float) -> Float { BFloat16(value).floatValue }
    #expect(rounded(1) == 1)
    #expect(rounded(1 + 0x1p-8) == 1)  // half way to 1 + 2⁻⁷, and 1 is even
    #expect(rounded(1 + 0x3p-8) == 1 + 0x1p-6)  // half way, and 1 + 2⁻⁶ is even
    #expect(rounded((1 + 0x1p-8).nextUp) == 1 + 0x1p-7)
    #expect(rounded(3.4e38) == .infinity)
    #expect(rounded(-0.0).sign == .minus)
    #expect(rounded(.infinity) == .infinity)
  }

  @Test("keeps a NaN, whatever its bits")
  func nan() {
    #expect(BFloat16(Float.nan).floatValue.isNaN)
    #expect(BFloat16(Float(bitPattern: 0x7f80_0001)).floatValue.isNaN)
    #expect(BFloat16(Float(bitPattern: 0xffff_ffff)).floatValue.isNaN)
  }

  @Test("gives back each of its values")
  func roundTrip() {
    for bits in UInt16.min...UInt16.max {
      let value = BFloat16(bitPattern: bits)
      if !value.floatValue.isNaN { #expect(BFloat16(value.floatValue) == value) }
    }
  }
}
