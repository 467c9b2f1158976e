import TensorGraph

/// Numbers of any shape as a hyperparameter: one, a list, or lists of lists.
public struct NumberArray: Sendable, Hashable {
  /// The sizes of the axes.
  public let shape: Shape
  /// The numbers, row-major.
  public let values: [Double]

  /// Creates one number.
  public init(_ value: Double) { self.init([], [value]) }
  /// Creates a list.
  public init(_ values: [Double]) { self.init([values.count], values) }
  /// Creates numbers that fill `shape`.
  init(_ shape: Shape, _ values: [Double]) {
    self.shape = shape
    self.values = values
  }
}

extension NumberArray: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral
{
  public init(floatLiteral value: Double) { self.init(value) }
  public init(integerLiteral value: Int) { self.init(Double(value)) }
  public init(arrayLiteral values: Double...) { self.init(values) }
}

extension NumberArray: Codable {
  public init(from decoder: any Decoder) throws {
    let object = try JSONValue(from: decoder)
    func mistake(_ what: String) -> DecodingError {
      .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: what))
    }
    var values: [Double] = []
    /// Adds the numbers in `value`, and returns their shape.
    func add(_ value: JSONValue, depth: Int) throws -> [Int] {
      guard depth < 16 else { throw mistake("too many lists within lists") }
      guard let elements = value.array else {
        guard let number = try? value.decoded(as: Double.self) else {
          throw mistake("expected numbers")
        }
        values.append(number)
        return []
      }
      let shapes = try elements.map { try add($0, depth: depth + 1) }
      guard shapes.allSatisfy({ $0 == shapes[0] }) else {
        throw mistake("the lists have different lengths")
      }
      return [elements.count] + (shapes.first ?? [])
    }
    let shape = try add(object, depth: 0)
    self.init(Shape(shape), values)
  }

  public func encode(to encoder: any Encoder) throws {
    func value(_ axis: Int, _ part: ArraySlice<Double>) -> JSONValue {
      guard axis < shape.rank else { return .number(part.first ?? 0) }
      let size = shape[axis] == 0 ? 0 : part.count / shape[axis]
      return .array(
        (0..<shape[axis]).map { index in
          let start = part.startIndex + index * size
          return value(axis + 1, part[start..<start + size])
        })
    }
    try value(0, values[...]).encode(to: encoder)
  }
}
