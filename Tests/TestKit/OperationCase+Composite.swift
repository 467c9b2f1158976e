import TensorGraph

extension OperationCase {
  /// Loops and branches.
  static var controlFlow: [OperationCase] {
    let sums = Tolerance.ulpsOfLargest(64)
    return [
      OperationCase("scan", [.floats([4, 3]), .floats([3])], tolerance: sums) { x in
        let (state, outputs) = scan(over: [x[0]], from: [x[1]]) { step, state in
          let next = tanh(step[0] * state[0])
          return ([next], [next * state[0], step[0]])
        }
        return state + outputs
      },
      OperationCase(
        "scan, reversed with a captured matrix and a counter",
        [.floats([3, 2, 2]), .floats([2, 2]), .floats([2, 2])], tolerance: sums
      ) { x in
        let start = x[0].trace.constant(0, dtype: .int32)
        let (state, outputs) = scan(
          over: [x[0]], from: [x[1], start], isReversed: true
        ) { step, state in
          let next = sigmoid(matmul(state[0], x[2]) + step[0])
          return ([next, state[1] + 1], [next * state[1].cast(to: .float32)])
        }
        return [state[0]] + outputs
      },
      OperationCase("scan in a scan", [.floats([3, 2]), .floats([2])], tolerance: sums) { x in
        let (state, _) = scan(over: [x[0]], from: [x[1]]) { step, state in
          let (inner, _) = scan(over: [x[0]], from: [state[0]]) { other, state in
            ([sin(state[0] * step[0] + other[0])], [])
          }
          return (inner, [])
        }
        return state
      },
      OperationCase("scan without sequences", [.floats([2])], tolerance: sums) { x in
        scan(over: [], from: [x[0]], length: 3) { _, state in ([sin(state[0])], []) }.state
      },
      OperationCase("scan of no steps", [.floats([0, 2]), .floats([2])], tolerance: sums) { x in
        let (state, outputs) = scan(over: [x[0]], from: [x[1]]) { step, state in
          ([state[0] * step[0]], [step[0]])
        }
        return state + outputs
      },
      OperationCase(
        "scan along an axis", [.floats([2, 4]), .floats([2])], tolerance: sums
      ) { x in scan(x[0], axis: 1, from: x[1]) { $1 * $0 } },
    ]
      + [0, 1].map { condition in
        OperationCase(
          "cond \(condition)",
          [.numbers([], [condition], dtype: .bool), .floats([3]), .floats([3]), .floats([])],
          tolerance: sums
        ) { x in
          cond(x[0], [x[1], x[2]]) {
            [$0[0] * exp($0[1]), $0[0]]
          } else: {
            [$0[1] * x[3], sin($0[0])]
          }
        }
      } + [
        OperationCase("while", [.floats([])], tolerance: sums, isDifferentiable: false) { x in
          whileLoop(from: [x[0] + 3, x[0]]) {
            $0[0] .< 100
          } do: {
            [$0[0] * 2 + x[0], $0[1] + 1]
          }
        }
      ]
  }

  /// Activations, away from their corners.
  static var activations: [OperationCase] {
    let functions: [(String, @Sendable (Symbol) -> Symbol)] = [
      ("celu", { celu($0, alpha: 0.7) }), ("elu", { elu($0, alpha: 0.7) }),
      ("exponential", exponential), ("gelu", { gelu($0) }),
      ("gelu, approximate", { gelu($0, approximate: true) }), ("glu", { glu($0, axis: 0) }),
      ("hardShrink", { hardShrink($0) }), ("hardSigmoid", hardSigmoid), ("hardSiLU", hardSiLU),
      ("hardTanh", hardTanh), ("leakyReLU", { leakyReLU($0) }), ("linear", linear),
      ("logSigmoid", logSigmoid), ("logSoftmax", { logSoftmax($0, axis: 0) }), ("mish", mish),
      ("relu with a slope", { relu($0, negativeSlope: 0.1) }),
      ("relu with all", { relu($0, negativeSlope: 0.1, maxValue: 3, threshold: 1) }),
      ("selu", selu), ("silu", silu), ("softShrink", { softShrink($0) }),
      ("softmax along an axis", { softmax($0, axis: 0) }), ("softsign", softsign),
      ("sparsePlus", sparsePlus), ("sparseSigmoid", sparseSigmoid),
      ("sparsemax", { sparsemax($0 * 0.3) }),
      ("sparsemax along an axis", { sparsemax($0, axis: 0) }),
      ("squareplus", { squareplus($0) }), ("tanhShrink", tanhShrink),
      ("threshold", { threshold($0, 0.3, defaultValue: -2) }),
    ]
    return functions.map { name, function in
      OperationCase(name, [.floats([4, 5], -7...7)], tolerance: .ulpsOfLargest(32)) {
        function($0[0])
      }
    }
  }

  /// Einstein sums.
  static var einsums: [OperationCase] {
    let shapes: [(String, [Shape])] = [
      ("ij->ji", [[2, 3]]), ("ij->", [[2, 3]]), ("bij->bj", [[2, 3, 4]]),
      ("...ij->...ji", [[2, 3, 4]]),
      ("ij,jk->ik", [[2, 3], [3, 4]]), ("ij,jk->ki", [[2, 3], [3, 4]]),
      ("ij,jk", [[2, 3], [3, 4]]),
      ("bqhd,bkhd->bhqk", [[2, 3, 2, 4], [2, 5, 2, 4]]),
      ("bhqk,bkhd->bqhd", [[2, 2, 3, 5], [2, 5, 2, 4]]),
      ("abc,cde->abde", [[2, 3, 4], [4, 2, 3]]), ("abcd,cde->abe", [[2, 3, 2, 4], [2, 4, 3]]),
      ("ij,ij->ij", [[2, 3], [2, 3]]), ("i,j->ij", [[2], [3]]), ("i,i->", [[3], [3]]),
      ("bij,bij->b", [[2, 3, 4], [2, 3, 4]]), ("ijk,jl->kl", [[2, 3, 4], [3, 2]]),
      ("...ij,...jk->...ik", [[2, 1, 2, 3], [5, 3, 2]]), ("...a,ab->...b", [[2, 3, 4], [4, 2]]),
      ("ab,bc,cd->ad", [[2, 3], [3, 4], [4, 2]]), ("ab,b,a->", [[2, 3], [3], [2]]),
    ]
    return shapes.map { equation, shapes in
      OperationCase(
        "einsum \(equation)", shapes.map { .floats($0) }, tolerance: .ulpsOfLargest(16)
      ) { x in
        switch x.count {
        case 1: einsum(equation, x[0])
        case 2: einsum(equation, x[0], x[1])
        default: einsum(equation, x[0], x[1], x[2])
        }
      }
    }
  }
}
