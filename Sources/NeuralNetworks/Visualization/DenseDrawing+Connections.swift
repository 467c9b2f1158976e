/// A connection as it is drawn.
private struct Line {
  let from: (x: Double, y: Double)
  let to: (x: Double, y: Double)
  let weight: Double
  let note: String

  /// The place at a share of the way.
  func point(_ share: Double) -> (x: Double, y: Double) {
    (from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share)
  }
}

extension DenseDrawing {
  /// Draws the weights from the units of the column before into those of `column`.
  func drawConnections(into column: Int, _ svg: inout SVG) {
    let lines = lines(into: column)
    let kernel = diagram.columns[column].kernel
    let largest = kernel.lazy.map { Double($0.magnitude) }.filter(\.isFinite).max() ?? 0
    let hasNumbers = DenseDrawing.hasNumbers(slots, column)
    let (thinnest, widest, opacity) = hasNumbers ? (0.8, 5.0, "0.85") : (0.3, 3.5, "0.6")
    func share(_ weight: Double) -> Double {
      largest > 0 ? min(weight.magnitude / largest, 1) : 0
    }
    // Heavy lines last, so that light ones do not cut them.
    let order = lines.indices.sorted {
      let (a, b) = (share(lines[$0].weight), share(lines[$1].weight))
      return a != b ? a < b : $0 < $1
    }
    for line in order.map({ lines[$0] }) {
      let share = line.weight.isFinite ? share(line.weight) : 1
      let width = decimal(thinnest + (widest - thinnest) * share, 2)
      svg.add(
        "line",
        [
          "class": "weight", "x1": px(line.from.x), "y1": px(line.from.y), "x2": px(line.to.x),
          "y2": px(line.to.y), "stroke": PictureStyle.color(of: line.weight),
          "stroke-width": width, "stroke-opacity": opacity,
        ], note: line.note)
    }
    if hasNumbers { drawNumbers(of: lines, &svg) }
  }

  private func lines(into column: Int) -> [Line] {
    let (before, after) = (diagram.columns[column - 1], diagram.columns[column])
    return slots[column - 1].enumerated().flatMap { row, from -> [Line] in
      guard case .unit(let i) = from else { return [] }
      return slots[column].enumerated().compactMap { otherRow, to in
        guard case .unit(let j) = to else { return nil }
        let weight = Double(after.kernel[i * after.count + j])
        return Line(
          from: place(column - 1, row), to: place(column, otherRow), weight: weight,
          note: "\(before.name) \(i) → \(after.name) \(j): \(decimal(weight, 4))")
      }
    }
  }

  /// Writes the weights on their lines, each where it is farthest from the other lines and from the
  /// numbers written before.
  private func drawNumbers(of lines: [Line], _ svg: inout SVG) {
    var written: [(x: Double, y: Double)] = []
    let margin = (radius + 24) / columnWidth
    for (index, line) in lines.enumerated() {
      var best: (share: Double, room: Double)?
      for step in 0...40 {
        let share = margin + (1 - 2 * margin) * Double(step) / 40
        let place = line.point(share)
        var room = 14.0
        for (other, line) in lines.enumerated() where other != index {
          room = min(room, (line.point(share).y - place.y).magnitude)
        }
        for other in written {
          // Numbers are about 34 pixels wide and 13 high.
          let distance = max((other.x - place.x).magnitude / 34, (other.y - place.y).magnitude / 13)
          room = min(room, distance < 1 ? 20 * (distance - 1) : 14)
        }
        if room > best?.room ?? -.infinity { best = (share, room) }
      }
      let place = line.point(best?.share ?? 0.5)
      written.append(place)
      let text = compact(line.weight)
      let width = PictureStyle.width(of: text, size: 11) + 4
      svg.add(
        "rect",
        [
          "class": "plate", "x": px(place.x - width / 2), "y": px(place.y - 6.5),
          "width": px(width), "height": "13", "rx": "3",
        ])
      let sign = line.weight > 0 ? " positive" : line.weight < 0 ? " negative" : ""
      svg.text(text, place.x, place.y + 4, "number" + sign, anchor: "middle")
    }
  }
}
