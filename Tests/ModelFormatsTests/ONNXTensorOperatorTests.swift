import Foundation
import ModelFormats
import NeuralNetworks
import Strata
import TensorGraph
import Testing

/// What the test cases of ONNX do not look at in the operators on tensors.
@Suite struct ONNXTensorOperatorTests {
  /// The results of one node.
  static func results(
    _ operation: String, _ inputs: [ONNXTensor],
    _ attributes: [String: ONNXTestGraph.Attribute] = [:],
    opset: Int = 22, outputs: Int = 1
  ) throws -> [ONNXTensor] {
    var graph = ONNXTestGraph(opset: opset)
    for (index, input) in inputs.enumerated() {
      graph.input("x\(index)", input.shape.dims, input.type)
    }
    let names = (0..<outputs).map { "y\($0)" }
    graph.node(operation, inputs.indices.map { "x\($0)" }, names, attributes)
    for name in names { graph.output(name) }
    let values = try graph.file().evaluate(
      inputs.map { .tensor($0) }, engine: CPUEngine(threads: 1))
    return try values.map { value in
      guard case .tensor(let tensor) = value else { throw FormatError("no tensor") }
      return tensor
    }
  }

  private static func integers(_ numbers: [Int64], _ type: ONNXType = .int64) -> ONNXTensor {
    let tensor = Tensor([numbers.count], numbers)
    return ONNXTensor(tensor.cast(to: type.dtype ?? .int64), type: type)
  }

  // MARK: Integers

  /// Two integers and what an operator makes of them.
  struct Integers: Sendable, CustomTestStringConvertible {
    let operation: String
    let a: Int64, b: Int64, y: Int64
    var type = ONNXType.int64
    var attributes: [String: ONNXTestGraph.Attribute] = [:]
    var testDescription: String { "\(operation) \(type) \(a) \(b)" }
  }

  static let large: Int64 = 1 << 60 + 1
  static let top = Int64(bitPattern: 1 << 63)

  static let integers: [Integers] = [
    Integers(operation: "Add", a: large, b: 2, y: large + 2),
    Integers(operation: "Sub", a: large, b: 2, y: large - 2),
    Integers(operation: "Mul", a: 1 << 31 + 1, b: 1 << 31 - 1, y: 1 << 62 - 1),
    Integers(operation: "Mul", a: .max, b: 2, y: -2),
    Integers(operation: "Add", a: .max, b: 1, y: .min),
    Integers(operation: "Div", a: -7, b: 2, y: -3),
    Integers(operation: "Div", a: .min, b: -1, y: .min),
    Integers(operation: "Div", a: 5, b: 0, y: 0),
    Integers(operation: "Mod", a: -7, b: 3, y: 2),
    Integers(operation: "Mod", a: -7, b: 3, y: -1, attributes: ["fmod": 1]),
    Integers(operation: "Mod", a: .min, b: -1, y: 0),
    Integers(operation: "Mod", a: large, b: 0, y: 0),
    Integers(operation: "Pow", a: 3, b: 39, y: 4_052_555_153_018_976_267),
    Integers(operation: "Pow", a: -1, b: -3, y: -1),
    Integers(operation: "Pow", a: 2, b: -1, y: 0),
    Integers(operation: "Max", a: large, b: large + 1, y: large + 1),
    Integers(operation: "Min", a: large, b: large + 1, y: large),
    Integers(operation: "Add", a: 250, b: 10, y: 4, type: .uint8),
    Integers(operation: "Sub", a: -120, b: 10, y: 126, type: .int8),
    Integers(operation: "Mul", a: 300, b: 300, y: 24_464, type: .uint16),
    Integers(operation: "Mul", a: 1 << 20, b: 1 << 12, y: 0, type: .int32),
    Integers(operation: "Sub", a: 1, b: 2, y: 4_294_967_295, type: .uint32),
    Integers(operation: "Div", a: top, b: 2, y: 1 << 62, type: .uint64),
    Integers(operation: "Mod", a: -1, b: 10, y: 5, type: .uint64),
    Integers(operation: "Max", a: top, b: 1, y: top, type: .uint64),
    Integers(
      operation: "BitShift", a: top, b: 63, y: 1, type: .uint64, attributes: ["direction": "RIGHT"]),
    Integers(
      operation: "BitShift", a: 3, b: 7, y: 128, type: .uint8, attributes: ["direction": "LEFT"]),
    Integers(
      operation: "BitShift", a: 3, b: 64, y: 0, type: .uint64, attributes: ["direction": "LEFT"]),
    Integers(operation: "BitwiseXor", a: large, b: -1, y: ~large),
  ]

  @Test("Integers are exact, and wrap around at the ends of their type", arguments: integers)
  func exactIntegers(_ test: Integers) throws {
    let y = try Self.results(
      test.operation, [Self.integers([test.a], test.type), Self.integers([test.b], test.type)],
      test.attributes)
    #expect(try #require(y[0].known).scalars(as: Int64.self) == [test.y])
    #expect(y[0].type == test.type)
  }

  @Test("Integers beyond 2⁵³ are compared, chosen and negated exactly")
  func exactChoices() throws {
    let (a, b) = (Self.integers([Self.large]), Self.integers([Self.large + 1]))
    func value(_ operation: String, _ x: [ONNXTensor]) throws -> Int64 {
      try #require(Self.results(operation, x)[0].known).scalars(as: Int64.self)[0]
    }
    #expect(try value("Equal", [a, b]) == 0)
    #expect(try value("Less", [a, b]) == 1)
    #expect(try value("GreaterOrEqual", [a, b]) == 0)
    #expect(try value("Neg", [b]) == -Self.large - 1)
    #expect(try value("Abs", [Self.integers([-Self.large])]) == Self.large)
    #expect(try value("BitwiseNot", [a]) == ~Self.large)
    for condition in [true, false] {
      let chosen = try value("Where", [ONNXTensor(Tensor([1], [condition])), a, b])
      #expect(chosen == Self.large + (condition ? 0 : 1))
    }
    let top = Self.integers([Self.top], .uint64)
    #expect(try value("Less", [top, Self.integers([1], .uint64)]) == 0)
  }

  // MARK: Types

  static let narrow: [ONNXType] = [
    .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz, .float4e2m1, .float8e8m0,
  ]

  private static func cast(
    _ x: ONNXTensor, _ type: ONNXType, saturates: Bool = true, _ mode: String = "nearest"
  ) throws -> Tensor {
    let y = try results(
      "Cast", [x],
      [
        "to": .int(Int(type.rawValue)), "saturate": .int(saturates ? 1 : 0),
        "round_mode": .string(mode),
      ], opset: 25)
    #expect(y[0].type == type)
    return try #require(y[0].known)
  }

  @Test(
    "Every number of a narrow type stays what it is, and neighbors round to even",
    arguments: narrow)
  func rounding(_ type: ONNXType) throws {
    let codes = 0..<(type == .float4e2m1 ? 16 : 256), format = NarrowFloat(type)
    let all = codes.map { format.number(of: $0) }.filter { $0.isFinite && ($0 == 0 || $0.isNormal) }
    let same = try Self.cast(ONNXTensor(Tensor([all.count], all)), type).scalars(as: Float.self)
    #expect(zip(same, all).allSatisfy { $0 == $1 && $0.sign == $1.sign })
    guard type != .float8e8m0 else { return }
    let sorted = Set(all).sorted()
    let halves = zip(sorted, sorted.dropFirst()).map { ($0 + $1) / 2 }
    let rounded = try Self.cast(ONNXTensor(Tensor([halves.count], halves)), type)
      .scalars(as: Float.self)
    for (index, value) in rounded.enumerated() {
      #expect(value == sorted[index] || value == sorted[index + 1])
      let code = format.code(of: value)
      #expect(code % 2 == 0, "\(halves[index])")
    }
  }

  @Test("Numbers that are too large saturate, or are infinite or NaN", arguments: narrow)
  func saturation(_ type: ONNXType) throws {
    let x = ONNXTensor(Tensor([4], [Float.infinity, 3e38, -.infinity, .nan]))
    let largest = NarrowFloat(type).largest
    let saturated = try Self.cast(x, type).scalars(as: Float.self)
    #expect(saturated[0] == largest)
    #expect(saturated[1] == largest)
    guard type != .float8e8m0 else { return }
    #expect(saturated[2] == -largest)
    #expect(type == .float4e2m1 ? saturated[3] == 0 : saturated[3].isNaN)
    let free = try Self.cast(x, type, saturates: false).scalars(as: Float.self)
    switch type {
    case .float8e5m2: #expect(free[0] == .infinity && free[1] == .infinity && free[2] == -.infinity)
    case .float4e2m1: #expect(free[0] == largest)
    default: #expect(free[0].isNaN && free[1].isNaN && free[2].isNaN)
    }
  }

  @Test("Powers of two are rounded up, down or to the nearest")
  func powers() throws {
    let x = ONNXTensor(Tensor([4], [1, 1.4, 1.5, 0] as [Float]))
    for (mode, expected) in [
      ("up", [1, 2, 2] as [Double]), ("down", [1, 1, 1]), ("nearest", [1, 1, 2]),
    ] {
      let numbers = try Self.cast(x, .float8e8m0, mode).numbers
      #expect(Array(numbers.prefix(3)) == expected, "\(mode)")
      #expect(numbers[3] <= 0x1p-127)  // the least, which engines may take for 0
    }
    #expect(try Self.cast(x, .float8e8m0, saturates: false).numbers[3].isNaN)
  }

  @Test("Integers that do not fit lose their high bits")
  func narrowedIntegers() throws {
    let x = Self.integers([200, -1, 65_537, 1 << 33])
    #expect(try Self.cast(x, .int8).numbers == [-56, -1, 1, 0])
    #expect(try Self.cast(x, .uint8).numbers == [200, 255, 1, 0])
    #expect(try Self.cast(x, .int16).numbers == [200, -1, 1, 0])
    #expect(try Self.cast(x, .uint16).numbers == [200, 65_535, 1, 0])
    #expect(try Self.cast(x, .int4).numbers == [-8, -1, 1, 0])
    #expect(try Self.cast(x, .uint2).numbers == [0, 3, 1, 0])
    #expect(try Self.cast(x, .uint32).numbers == [200, 4_294_967_295, 65_537, 0])
    let top = Self.integers([Self.top], .uint64)
    #expect(try Self.cast(top, .float32).numbers == [0x1p63])
  }

  @Test("Numbers become text and text numbers")
  func texts() throws {
    func texts(_ x: ONNXTensor) throws -> [String] { try Self.cast(x, .string).strings }
    #expect(try texts(Self.integers([Self.large, -2])) == ["1152921504606846977", "-2"])
    #expect(try texts(Self.integers([Self.top], .uint64)) == ["9223372036854775808"])
    let floats = Tensor([5], [0.1, -2, .infinity, -.infinity, .nan] as [Float])
    #expect(try texts(ONNXTensor(floats)) == ["0.1", "-2.0", "INF", "-INF", "NaN"])
    let words = ONNXTensor(Tensor(["3.14", "1e-5", "-INF", "+inf", "NaN"]))
    let numbers = try Self.cast(words, .float64).numbers
    #expect(numbers.dropLast() == [3.14, 1e-5, -.infinity, .infinity])
    #expect(numbers[4].isNaN)
    let whole = ONNXTensor(Tensor(["1152921504606846977", "100.5"]))
    #expect(try Self.cast(whole, .int64).scalars(as: Int64.self) == [Self.large, 100])
    let wrong = #expect(throws: FormatError.self) {
      _ = try Self.cast(ONNXTensor(Tensor(["many"])), .float32)
    }
    #expect(wrong?.message == "Cast of node y0: \"many\" is no number")
  }

  // MARK: Elements

  @Test("The last axes of what was broadcast before version 7 begin where the node says")
  func oldBroadcast() throws {
    let x = ONNXTensor(Tensor([2, 3, 2], (0..<12).map { Float($0) }))
    let y = ONNXTensor(Tensor([3], [0, 100, 200] as [Float]))
    let sum = try Self.results("Add", [x, y], ["broadcast": 1, "axis": 1], opset: 6)
    #expect(
      try #require(sum[0].known).numbers
        == [0, 1, 102, 103, 204, 205, 6, 7, 108, 109, 210, 211])
  }

  @Test("Slices reach any end")
  func slices() throws {
    let x = ONNXTensor(Tensor([6], (0..<6).map { Float($0) }))
    func slice(_ start: Int, _ end: Int, _ step: Int) throws -> [Double] {
      let parts = [start, end, 0, step].map { Self.integers([Int64($0)]) }
      return try #require(Self.results("Slice", [x] + parts)[0].known).numbers
    }
    #expect(try slice(.min, .max, 1) == [0, 1, 2, 3, 4, 5])
    #expect(try slice(.max, .min, -1) == [5, 4, 3, 2, 1, 0])
    #expect(try slice(.max, .min, -2) == [5, 3, 1])
    #expect(try slice(0, .max, .max) == [0])
    #expect(try slice(-1, .min, .min) == [5])
    #expect(try slice(4, 2, 1) == [])
    #expect(try slice(-2, -5, -1) == [4, 3, 2])
  }

  @Test("What is reflected more than once, cut off or empty is padded too")
  func pads() throws {
    func padded(_ count: Int, _ pads: [Int64], _ mode: String) throws -> [Double] {
      let x = ONNXTensor(Tensor([count], (0..<count).map { Float($0) }))
      let y = try Self.results("Pad", [x, Self.integers(pads)], ["mode": .string(mode)])
      return try #require(y[0].known).numbers
    }
    #expect(try padded(3, [5, 1], "reflect") == [1, 0, 1, 2, 1, 0, 1, 2, 1])
    #expect(try padded(1, [2, 1], "reflect") == [0, 0, 0, 0])
    #expect(try padded(3, [4, 1], "wrap") == [2, 0, 1, 2, 0, 1, 2, 0])
    #expect(try padded(3, [-1, 2], "edge") == [1, 2, 2, 2])
    #expect(try padded(3, [-2, -1], "constant") == [])
  }

  @Test("Entries that a number in the data names wrongly are NaN, and count from the end")
  func wrongPlaces() throws {
    let x = ONNXTensor(Tensor([3], [1, 2, 3] as [Float]))
    let y = try Self.results("Gather", [x, Self.integers([-1, 0, 3, -4])])
    let numbers = try #require(y[0].known).numbers
    #expect(numbers.prefix(2) == [3, 1])
    #expect(numbers.suffix(2).allSatisfy { $0.isNaN })
  }

  @Test("Strings are moved like numbers")
  func strings() throws {
    let x = ONNXTensor(Tensor([2, 2], ["a", "b", "c", "d"]))
    func moved(
      _ operation: String, _ others: [ONNXTensor],
      _ attributes: [String: ONNXTestGraph.Attribute] = [:]
    ) throws -> [String] {
      try #require(Self.results(operation, [x] + others, attributes)[0].known).strings
    }
    #expect(try moved("Concat", [x], ["axis": 1]) == ["a", "b", "a", "b", "c", "d", "c", "d"])
    #expect(try moved("Gather", [Self.integers([-1])], ["axis": 1]) == ["b", "d"])
    #expect(try moved("Transpose", []) == ["a", "c", "b", "d"])
    #expect(try moved("Reshape", [Self.integers([4])]) == ["a", "b", "c", "d"])
    #expect(
      try moved("Tile", [Self.integers([1, 2])]) == ["a", "b", "a", "b", "c", "d", "c", "d"])
    let condition = ONNXTensor(Tensor([2], [true, false]))
    let other = ONNXTensor(Tensor([], ["e"]))
    let chosen = try Self.results("Where", [condition, x, other])
    #expect(try #require(chosen[0].known).strings == ["a", "e", "c", "e"])
  }

  @Test("Products of small integers are exact whatever their number")
  func integerProducts() throws {
    for terms in [100, 4000, 9000] {
      let a = ONNXTensor(Tensor([1, terms], [UInt8](repeating: 255, count: terms)))
      let b = ONNXTensor(Tensor([terms, 1], (0..<terms).map { UInt8(254 + $0 % 2) }))
      let y = try Self.results("MatMulInteger", [a, b])
      let expected = (0..<terms).reduce(0) { $0 + 255 * (254 + $1 % 2) }
      #expect(try #require(y[0].known).scalars(as: Int64.self) == [Int64(expected)])
    }
  }

  @Test(
    "Transforms of any length find a tone, and half of a spectrum gives it back",
    arguments: [1, 2, 8, 9, 300, 1021, 1022])
  func transforms(_ size: Int) throws {
    let signal = (0..<size).map { cosf(6 * .pi * Float($0) / Float(size)) + Float($0 % 2) }
    let x = ONNXTensor(Tensor([1, size, 1], signal))
    let spectrum = try Self.results("DFT", [x], ["onesided": 1])[0]
    #expect(spectrum.shape == [1, size / 2 + 1, 2])
    let length = ONNXTensor(Tensor(Int64(size)))
    let back = try Self.results("DFT", [spectrum, length], ["onesided": 1, "inverse": 1])[0]
    #expect(back.shape == [1, size, 1])
    let numbers = try #require(back.known).scalars(as: Float.self)
    #expect(zip(numbers, signal).allSatisfy { abs($0 - $1) < 1e-4 })
    let bins = try #require(spectrum.known).numbers
    let total = signal.reduce(0) { $0 + Double($1) }
    #expect(abs(bins[0] - total) < 1e-3 * Double(size))
    if size == 300 { #expect(abs(bins[6] - 150) < 0.01 && abs(bins[10]) < 0.01) }
  }

  @Test("Tensors of many axes are moved like others")
  func manyAxes() throws {
    let axes = [Int](repeating: 2, count: 12)
    let x = ONNXTensor(Tensor(Shape(axes), (0..<4096).map { Float($0) }))
    let y = try Self.results("Transpose", [x])[0]
    let numbers = try #require(y.known).numbers
    for index in [0, 1, 2, 77, 4094] {
      let mirrored = (0..<12).reduce(0) { $0 | (index >> $1 & 1) << (11 - $1) }
      #expect(numbers[index] == Double(mirrored))
    }
    let tiled = try Self.results("Tile", [x, Self.integers([2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2])])
    let shape = tiled[0].shape
    #expect(shape.count == 8 * 4096 && shape.rank == 12)
    #expect(try #require(tiled[0].known).numbers[1...3] == [1, 0, 1])
  }
}
