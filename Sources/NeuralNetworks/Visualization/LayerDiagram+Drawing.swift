extension LayerDiagram {
  private static let (left, top) = (24.0, 84.0)
  private static let (width, height, step) = (430.0, 52.0, 82.0)

  /// The whole picture: boxes one below the other, and lines past those that they skip.
  func picture(_ title: String) -> NetworkPicture {
    var svg = SVG()
    let right = LayerDiagram.left + LayerDiagram.width
    let parameters = boxes.reduce(0) { $0 + $1.parameterCount }
    svg.text(title.shortened(to: PictureStyle.letters(in: 430, size: 21)), 24, 38, "title")
    svg.text("\(grouped(parameters)) parameters", 24, 60, "subtitle")
    let lanes = lanes()
    for (edge, lane) in zip(edges, lanes) { draw(edge, lane: lane, &svg) }
    for (index, box) in boxes.enumerated() { draw(box, at: index, &svg) }
    let laneCount = (lanes.compactMap { $0 }.max() ?? -1) + 1
    let width = right + 24 + Double(laneCount) * 16 + (laneCount > 0 ? 8 : 0)
    let height = LayerDiagram.top + Double(boxes.count) * LayerDiagram.step
    return NetworkPicture(
      svg: svg.document(width: width, height: height, title: title, style: PictureStyle.sheet),
      width: width.rounded(.up), height: height.rounded(.up))
  }

  private func y(_ box: Int) -> Double { LayerDiagram.top + Double(box) * LayerDiagram.step }

  /// Beside which lane each connection runs; nothing where it leads to the next box.
  private func lanes() -> [Int?] {
    var taken: [[(low: Int, high: Int)]] = []
    return edges.map { edge in
      guard edge.to != edge.from + 1 else { return nil }
      let (low, high) = (min(edge.from, edge.to), max(edge.from, edge.to))
      let free = taken.firstIndex { $0.allSatisfy { $0.high < low || $0.low > high } }
      if let free {
        taken[free].append((low, high))
        return free
      }
      taken.append([(low, high)])
      return taken.count - 1
    }
  }

  private func draw(_ edge: (from: Int, to: Int), lane: Int?, _ svg: inout SVG) {
    let (from, to) = (y(edge.from), y(edge.to))
    guard let lane else {
      let x = LayerDiagram.left + LayerDiagram.width / 2
      let (start, end) = (from + LayerDiagram.height, to)
      svg.add("path", ["class": "edge", "d": "M\(px(x)) \(px(start))V\(px(end - 6))"])
      svg.add(
        "path", ["class": "arrow", "d": "M\(px(x)) \(px(end))l-4.5 -8h9z"])
      return
    }
    let right = LayerDiagram.left + LayerDiagram.width
    let x = right + 24 + Double(lane) * 16
    let (start, end) = (from + LayerDiagram.height * 0.7, to + LayerDiagram.height * 0.3)
    let turn = start < end ? 8.0 : -8.0
    svg.add(
      "path",
      [
        "class": "edge",
        "d": "M\(px(right)) \(px(start))H\(px(x - 8))q8 0 8 \(px(turn))V\(px(end - turn))"
          + "q0 \(px(turn)) -8 \(px(turn))H\(px(right + 6))",
      ])
    svg.add("path", ["class": "arrow", "d": "M\(px(right)) \(px(end))l8 -4.5v9z"])
  }

  private func draw(_ box: Box, at index: Int, _ svg: inout SVG) {
    let (x, y) = (LayerDiagram.left, y(index))
    svg.add(
      "rect",
      [
        "class": "box", "x": px(x), "y": px(y), "width": px(LayerDiagram.width),
        "height": px(LayerDiagram.height), "rx": "6",
      ])
    // A colored edge for layers that learn.
    svg.add(
      "rect",
      [
        "x": px(x), "y": px(y + 6), "width": "4", "height": px(LayerDiagram.height - 12),
        "fill": PictureStyle.color(of: box.parameterCount > 0 ? 1 : 0),
      ])
    let shapes = box.shapes.map { shape in
      "(" + shape.map { $0.map(String.init) ?? "None" }.joined(separator: ", ") + ")"
    }.joined(separator: " ")
    let right = x + LayerDiagram.width - 14
    svg.text(box.name.shortened(to: 26), x + 18, y + 22, "name")
    svg.text(box.className.shortened(to: 30), x + 18, y + 40, "kind")
    svg.text(shapes.shortened(to: 28), right, y + 22, "kind", anchor: "end")
    if box.parameterCount > 0 {
      svg.text("\(grouped(box.parameterCount)) parameters", right, y + 40, "detail", anchor: "end")
    }
  }
}
