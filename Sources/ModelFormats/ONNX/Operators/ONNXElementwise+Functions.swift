import TensorGraph

extension ONNXOperator {
  /// An operator with one operand.
  private static func function(
    _ body: @escaping @Sendable (Symbol) -> Symbol
  ) -> ONNXOperator {
    ONNXOperator { call in try call.with([call.value(0)]).elementwise { body($0[0]) } }
  }

  /// Functions of one number.
  static let functions: [String: ONNXOperator] = [
    "Neg": ONNXOperator { call in
      let type = try call.type(0)
      return try call.elementwise {
        type.isInteger ? exact(.subtract, type, $0[0].constant(0), $0[0]) : -$0[0]
      }
    },
    "Abs": ONNXOperator { call in
      let type = try call.type(0)
      return try call.elementwise { x in
        guard type.isInteger else { return abs(x[0]) }
        let negative = exact(.subtract, type, x[0].constant(0), x[0])
        return type.isUnsigned ? x[0] : exact(.maximum, type, x[0], negative)
      }
    },
    "Sign": ONNXOperator { call in
      let type = try call.type(0)
      return try call.elementwise {
        type.isUnsigned ? exact(.minimum, type, $0[0], $0[0].constant(1)) : sign($0[0])
      }
    },
    "Sqrt": function { sqrt($0) },
    "Reciprocal": function { reciprocal($0) },
    "Exp": function { exp($0) },
    "Log": function { log($0) },
    "Floor": function { floor($0) },
    "Ceil": function { ceil($0) },
    "Round": function { round($0) },
    "Sin": function { sin($0) },
    "Cos": function { cos($0) },
    "Tan": function { tan($0) },
    "Asin": function { asin($0) },
    "Acos": function { acos($0) },
    "Atan": function { atan($0) },
    "Sinh": function { sinh($0) },
    "Cosh": function { cosh($0) },
    "Asinh": function { asinh($0) },
    "Acosh": function { acosh($0) },
    "Atanh": function { atanh($0) },
    "Erf": function { erf($0) },
  ]
}
