import TensorGraph

extension OperationCase {
  /// Every operation of one operand, and what is built from them.
  static var elementwise: [OperationCase] {
    Unary.allCases.map { operation in
      let operand: Operand =
        operation == .logicalNot ? .booleans([3, 4]) : .floats([3, 4], range(operation))
      return OperationCase(
        operation.name, [operand], tolerance: isRounding(operation) ? .exact : .ulps(8)
      ) { x in x[0].trace.emit(operation, x) }
    } + [
      OperationCase(
        "extremes", [.numbers([6], [.infinity, -.infinity, .nan, 0, -0.0, 1e30])],
        isDifferentiable: false,
        results: { x in
          [isNaN(x[0]), isInfinite(x[0]), isFinite(x[0]), relu(x[0]), sigmoid(x[0]), sign(x[0])]
        }),
      OperationCase("absolute of integers", [.integers([5], -9...9)], tolerance: .exact) {
        abs($0[0])
      },
      OperationCase("cast", [.floats([6], -3...3)], tolerance: .exact, isDifferentiable: false) {
        x in DType.numbers.map { x[0].cast(to: $0) }
      },
      OperationCase("cast of integers", [.integers([6], -3...3)], tolerance: .exact) {
        $0[0].cast(to: .float32) * 0.5
      },
      OperationCase("cast to double and back", [.floats([6])], tolerance: .exact) {
        $0[0].cast(to: .float64).cast(to: .float32)
      },
      OperationCase(
        "select", [.booleans([3, 1]), .floats([3, 4]), .floats([4])], tolerance: .exact
      ) { select($0[0], $0[1], $0[2]) },
    ]
  }

  /// Every operation of two operands, with broadcasting.
  static var binary: [OperationCase] {
    Binary.allCases.flatMap { operation in
      let operands: [Operand]
      switch operation {
      case .logicalAnd, .logicalOr, .logicalXor:
        operands = [.booleans([2, 3, 4]), .booleans([3, 1])]
      case .divide: operands = [.floats([2, 3, 4]), .floats([3, 1], 0.5...2)]
      case .power: operands = [.floats([2, 3, 4], 0.5...2), .floats([3, 1])]
      // No quotient here is near an integer, where the remainder jumps.
      case .remainder: operands = [.floats([4], 1.2...2.8), .floats([3, 1], 1.01...1.15)]
      case .atan2: operands = [.floats([2, 3, 4], 0.5...2), .floats([3, 1], 0.5...2)]
      default: operands = [.floats([2, 3, 4]), .floats([3, 1])]
      }
      let isExact = operation.isPredicate || [.maximum, .minimum].contains(operation)
      let floats = OperationCase(
        operation.name, operands, tolerance: isExact ? .exact : .ulps(8)
      ) { x in x[0].trace.emit(operation, x) }
      guard ![.power, .atan2, .logicalAnd, .logicalOr, .logicalXor].contains(operation) else {
        return [floats]
      }
      return [
        floats,
        OperationCase(
          "\(operation.name) of integers", [.integers([2, 6], -9...9), .integers([6], 1...4)],
          tolerance: .exact
        ) { x in x[0].trace.emit(operation, x) },
        OperationCase(
          "\(operation.name) of equal and special numbers",
          [
            .numbers([6], [1, .nan, 2, .infinity, -0.0, 3]),
            .numbers([6], [1, 1, .nan, .infinity, 1, -2]),
          ], isDifferentiable: false
        ) { x in x[0].trace.emit(operation, x) },
      ]
    }
  }

  /// Where an operation is defined and has a bounded slope, without its kinks.
  private static func range(_ operation: Unary) -> ClosedRange<Double> {
    switch operation {
    case .sqrt, .rsqrt, .reciprocal, .log: 0.3...3
    case .log1p: -0.5...2
    case .asin, .acos, .atanh: -0.8...0.8
    case .acosh: 1.3...3
    case .tan: -1...1
    case .relu6: -3...9
    default: -2...2
    }
  }

  private static func isRounding(_ operation: Unary) -> Bool {
    [.negate, .abs, .sign, .relu, .relu6, .floor, .ceil, .round, .truncate].contains(operation)
      || operation.isPredicate
  }
}
