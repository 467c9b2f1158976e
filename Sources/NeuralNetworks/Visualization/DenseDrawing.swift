/// Draws columns of units with weighted connections.
struct DenseDrawing {
  /// What stands at a place of a column.
  enum Slot: Hashable {
    case unit(Int)
    /// Units that are left out.
    case gap
  }

  /// The most units of a layer that are drawn; of a longer one the first and the last five.
  static let limit = 12
  /// The most connections between two layers whose weights are written.
  static let numberLimit = 24

  let diagram: DenseDiagram
  let slots: [[Slot]]
  let rowHeight: Double
  let radius: Double
  let columnWidth: Double
  private let left: Double
  private let right: Double
  private let top = 92.0

  init(_ diagram: DenseDiagram) {
    self.diagram = diagram
    let slots = diagram.columns.map { column in
      column.count <= DenseDrawing.limit
        ? (0..<column.count).map(Slot.unit)
        : (0..<5).map(Slot.unit) + [.gap] + (column.count - 5..<column.count).map(Slot.unit)
    }
    self.slots = slots
    let rows = slots.map(\.count).max() ?? 1
    (rowHeight, radius) = rows <= 5 ? (88, 24) : rows <= 8 ? (64, 20) : (46, 17)
    let hasNumbers = diagram.columns.indices.dropFirst().contains {
      DenseDrawing.hasNumbers(slots, $0)
    }
    columnWidth = hasNumbers ? 250 : 210
    func room(_ column: DenseDiagram.Column?) -> Double {
      let longest = column?.unitNames.map { $0.shortened(to: 24).count }.max() ?? 0
      return max(Double(longest) * 13 * 0.56 + 60, 120)
    }
    left = room(diagram.columns.first)
    right = room(diagram.columns.last)
  }

  /// Whether the weights into `column` are written.
  static func hasNumbers(_ slots: [[Slot]], _ column: Int) -> Bool {
    column > 0 && slots[column - 1].count * slots[column].count <= numberLimit
      && !slots[column - 1].contains(.gap) && !slots[column].contains(.gap)
  }

  private var unitsHeight: Double { Double(slots.map(\.count).max() ?? 1) * rowHeight }

  /// The middle of a slot.
  func place(_ column: Int, _ row: Int) -> (x: Double, y: Double) {
    let height = Double(slots[column].count) * rowHeight
    return (
      left + Double(column) * columnWidth,
      top + (unitsHeight - height) / 2 + (Double(row) + 0.5) * rowHeight
    )
  }

  /// The whole picture.
  func picture(_ title: String) -> NetworkPicture {
    var svg = SVG()
    let width = max(left + Double(slots.count - 1) * columnWidth + right, 640)
    let sizes = diagram.columns.map { "\($0.count)" }.joined(separator: " – ")
    svg.text(
      title.shortened(to: PictureStyle.letters(in: width - 48, size: 21)), 24, 38, "title")
    svg.text(
      "units: \(sizes)".shortened(to: PictureStyle.letters(in: width - 48, size: 13)), 24, 60,
      "subtitle")
    for column in slots.indices.dropFirst() { drawConnections(into: column, &svg) }
    for column in slots.indices { drawUnits(of: column, &svg) }
    let captionTop = top + unitsHeight + 26
    let lines = diagram.columns.map(captions)
    for (column, lines) in lines.enumerated() {
      let x = place(column, 0).x
      for (index, line) in lines.enumerated() {
        let letters = PictureStyle.letters(in: columnWidth - 16, size: index == 0 ? 15 : 12)
        svg.text(
          line.text.shortened(to: letters), x, captionTop + Double(index) * 18, line.style,
          anchor: "middle")
      }
    }
    let legend = captionTop + Double(lines.map(\.count).max() ?? 0) * 18 + 22
    drawLegend(at: legend, &svg)
    let height = legend + (diagram.hasSample ? 46 : 24)
    return NetworkPicture(
      svg: svg.document(width: width, height: height, title: title, style: PictureStyle.sheet),
      width: width.rounded(.up), height: height.rounded(.up))
  }

  private func captions(_ column: DenseDiagram.Column) -> [(text: String, style: String)] {
    let shape = (["None"] + column.shape.map { $0.map(String.init) ?? "None" })
      .joined(separator: ", ")
    var lines = [
      (column.name, "name"), (column.kind, "kind"),
      (column.count == 1 ? "1 unit" : "\(column.count) units", "detail"), ("(\(shape))", "detail"),
    ]
    if !column.followers.isEmpty {
      lines.append(("then " + column.followers.joined(separator: ", "), "detail"))
    }
    return lines
  }

  private func drawUnits(of index: Int, _ svg: inout SVG) {
    let column = diagram.columns[index]
    let largest = column.values.lazy.map(\.magnitude).filter(\.isFinite).max() ?? 0
    for (row, slot) in slots[index].enumerated() {
      let (x, y) = place(index, row)
      guard case .unit(let unit) = slot else {
        svg.text("⋮", x, y + 7, "gap", anchor: "middle")
        continue
      }
      let value = column.values.indices.contains(unit) ? column.values[unit] : nil
      let fill = value.map { PictureStyle.tint(of: $0, share: $0.magnitude / max(largest, 1e-300)) }
      let named = column.unitNames.isEmpty ? "\(column.name) \(unit)" : column.unitNames[unit]
      svg.add(
        "circle",
        [
          "class": "unit", "cx": px(x), "cy": px(y), "r": px(radius), "fill": fill ?? "#ffffff",
        ], note: named + (value.map { ": \(decimal($0, 4))" } ?? ""))
      let inside = value.map(compact) ?? (index == 0 ? "x\(unit + 1)" : "")
      if !inside.isEmpty, inside.count <= 6 {
        let style = radius < 20 || inside.count > 5 ? "small" : "value"
        svg.text(inside, x, y + 4, style, anchor: "middle")
      }
      if !column.unitNames.isEmpty {
        let isFirst = index == 0
        svg.text(
          column.unitNames[unit].shortened(to: 24), x + (isFirst ? -1 : 1) * (radius + 10), y + 4,
          "label", anchor: isFirst ? "end" : "start")
      }
      if DenseDrawing.hasNumbers(slots, index), column.bias.indices.contains(unit), radius > 20 {
        svg.text(
          "bias \(compact(column.bias[unit]))", x, y + radius + 13, "bias", anchor: "middle")
      }
    }
  }

  private func drawLegend(at y: Double, _ svg: inout SVG) {
    var x = 24.0
    for (number, text) in [(1.0, "positive weight"), (-1.0, "negative weight")] {
      svg.add(
        "rect",
        [
          "x": px(x), "y": px(y - 6), "width": "26", "height": "4",
          "fill": PictureStyle.color(of: number),
        ])
      svg.text(text, x + 34, y, "detail")
      x += 34 + PictureStyle.width(of: text, size: 12) + 24
    }
    svg.text("the wider, the larger in its layer", x, y, "detail")
    guard diagram.hasSample else { return }
    x = 24
    for (number, text) in [(1.0, "positive activation"), (-1.0, "negative activation")] {
      svg.add(
        "rect",
        [
          "x": px(x + 7), "y": px(y + 12), "width": "12", "height": "12", "rx": "6",
          "fill": PictureStyle.tint(of: number, share: 1), "stroke": "#444444",
        ])
      svg.text(text, x + 34, y + 22, "detail")
      x += 34 + PictureStyle.width(of: text, size: 12) + 24
    }
    svg.text("the darker, the larger in its layer", x, y + 22, "detail")
  }
}
