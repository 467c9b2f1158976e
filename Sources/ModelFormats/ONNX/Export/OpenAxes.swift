import NeuralNetworks
import TensorGraph

/// A size of the inputs that may differ from run to run.
struct OpenAxis {
  /// What it is called in the file, such as `batch`.
  let name: String
  let extent: Extent
  /// The axes of inputs that have it.
  let places: [(input: Int, axis: Int)]
}

/// A model traced with several sizes where sizes are open.
struct ModelTraces {
  let graph: AlignedGraph
  let axes: [OpenAxis]

  /// How open axes are told apart: each alone, those of one place as one, or all as one.
  private enum Grouping: CaseIterable {
    case alone, byPlace, together

    func key(_ place: (input: Int, axis: Int)) -> [Int] {
      switch self {
      case .alone: [place.input, place.axis]
      case .byPlace: [place.axis]
      case .together: []
      }
    }
  }

  /// The sizes to try: large primes, which no size in a model is a multiple of, then what layers
  /// may ask for: few steps, or a multiple of something.
  private static let families: [@Sendable (Int) -> [Int]] = [
    { [[137, 139, 149], [151, 157, 163], [167, 173, 179], [181, 191, 193]][$0 % 4] },
    { [[11, 13, 17], [19, 23, 29], [31, 37, 41], [43, 47, 53]][$0 % 4] },
    { [[160, 224, 352], [416, 544, 608], [736, 800, 928], [992, 1184, 1312]][$0 % 4] },
    { [[24, 40, 56], [72, 88, 104], [136, 152, 168], [184, 200, 216]][$0 % 4] },
    { [[256, 512, 768], [1024, 1280, 1536]][$0 % 2] }, { _ in [60, 120, 180] },
    { [[3, 5, 7], [4, 6, 9]][$0 % 2] },
  ]
  private static let batches = [[101, 103, 107], [12, 20, 28], [2, 3, 4]]

  init(_ model: Model) throws {
    let open = model.inputs.enumerated().flatMap { input, layer in
      layer.shape.indices.filter { layer.shape[$0] == nil }.map { (input: input, axis: $0 + 1) }
    }
    let hasBatch = model.inputs.contains { $0.batchSize == nil }
    var mistake: (any Error)?
    for batch in hasBatch ? Self.batches : [[1]] {
      for family in open.isEmpty ? [{ _ in batch }] : Self.families {
        for grouping in open.count < 2 ? [.alone] : Grouping.allCases {
          let groups = Self.groups(open, grouping)
          let sizes = groups.indices.map(family)
          do {
            if let graph = try Self.traced(model, batch, groups, sizes, grouping) {
              self.graph = graph
              axes = Self.axes(model, hasBatch ? batch : nil, groups, sizes)
              return
            }
          } catch { mistake = mistake ?? error }
        }
      }
    }
    throw FormatError(
      "\(model.name) cannot be written as ONNX, since it is another graph for other sizes",
      got: mistake.map { "\($0)" },
      hint: "give the inputs fixed sizes, and a batchSize")
  }

  private static func groups(
    _ open: [(input: Int, axis: Int)], _ grouping: Grouping
  ) -> [[(input: Int, axis: Int)]] {
    var groups: [(key: [Int], places: [(input: Int, axis: Int)])] = []
    for place in open {
      if let known = groups.firstIndex(where: { $0.key == grouping.key(place) }) {
        groups[known].places.append(place)
      } else {
        groups.append((grouping.key(place), [place]))
      }
    }
    return groups.map(\.places)
  }

  /// The graphs with these sizes, or nothing if they are not alike.
  private static func traced(
    _ model: Model, _ batch: [Int], _ groups: [[(input: Int, axis: Int)]], _ sizes: [[Int]],
    _ grouping: Grouping
  ) throws -> AlignedGraph? {
    let graphs = try batch.indices.map { trace in
      let types = model.inputs.enumerated().map { input, layer in
        var dims = [layer.batchSize ?? batch[trace]] + layer.shape.map { $0 ?? 0 }
        for (group, places) in groups.enumerated() {
          for place in places where place.input == input { dims[place.axis] = sizes[group][trace] }
        }
        return TensorType(layer.dtype, Shape(dims))
      }
      return try model.predictionGraph(types).prepared
    }
    return AlignedGraph(graphs)
  }

  private static func axes(
    _ model: Model, _ batch: [Int]?, _ groups: [[(input: Int, axis: Int)]], _ sizes: [[Int]]
  ) -> [OpenAxis] {
    var taken: Set<String> = []
    func unique(_ name: String) -> String {
      var (result, count) = (name, 1)
      while !taken.insert(result).inserted {
        count += 1
        result = "\(name)_\(count)"
      }
      return result
    }
    let batchPlaces = model.inputs.indices.filter { model.inputs[$0].batchSize == nil }
    let first =
      batch.map {
        [OpenAxis(name: unique("batch"), extent: Extent($0), places: batchPlaces.map { ($0, 0) })]
      } ?? []
    return first
      + zip(groups, sizes).map { places, sizes in
        OpenAxis(
          name: unique(name(places[0], model.inputs[places[0].input])), extent: Extent(sizes),
          places: places)
      }
  }

  /// What an open axis of an input is called.
  private static func name(_ place: (input: Int, axis: Int), _ input: InputLayer) -> String {
    let open = input.shape.indices.filter { input.shape[$0] == nil }
    guard input.shape.count > 2 else { return "time" }
    let names = ["depth", "height", "width"].suffix(min(input.shape.count - 1, 3))
    let position = open.firstIndex(of: place.axis - 1) ?? 0
    let isPlain = open.count == names.count
    return isPlain
      ? names[names.startIndex + position] : place.axis == 1 ? "time" : "axis_\(place.axis)"
  }
}

extension Graph {
  /// The same computation of what ONNX has counterparts for, without what is known or unused.
  ///
  /// `bfloat16` is computed in `float32`, as the engine does, and as few runtimes have more.
  var prepared: Graph {
    let lowered = lowered { operation, types in
      switch operation {
      case is Fused.Softmax, is Fused.LogSoftmax, is Fused.LayerNormalization: true
      // onnxruntime has recurrent nodes for `float32` alone; narrower types are cast.
      case is Fused.LSTM, is Fused.GRU: types[0].dtype != .float64
      default: false
      }
    }
    let widened = lowered.widened { operation, dtype in
      guard dtype == .bfloat16 else { return false }
      switch operation {
      case is Cast, is TensorGraph.Reshape, is Transpose, is Slice, is TensorGraph.Concatenate,
        is Broadcast, is Fill,
        is Literal, is Input, is Gather, is Scan, is Cond, is While:
        return false
      default: return true
      }
    }
    return (widened ?? lowered).simplified()
  }
}
