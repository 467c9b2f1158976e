extension Model {
  /// The layers with their shapes and weights as a table, the way Keras prints it, and what a
  /// prediction costs.
  ///
  /// - Parameters:
  ///   - lineLength: The width of the table, in letters.
  ///   - expandNested: Whether the layers of nested models are listed too.
  ///   - showTrainable: Whether a column says which layers are trained.
  /// - Returns: The lines, without a line break at the end.
  public func summary(
    lineLength: Int = 76, expandNested: Bool = false, showTrainable: Bool = false
  ) -> String {
    summaryValue.text(
      lineLength: lineLength, expandNested: expandNested, showTrainable: showTrainable)
  }
}

extension ModelSummary {
  /// The summary as `Model.summary` prints it.
  public func text(
    lineLength: Int = 76, expandNested: Bool = false, showTrainable: Bool = false
  ) -> String {
    var header = ["Layer (type)", "Output Shape", "Param #"]
    var alignment: [TextTable.Alignment] = [.left, .left, .right]
    var positions = isSequential ? [0.45, 0.80, 1] : [0.3, 0.56, 0.74, 1]
    if !isSequential {
      header.append("Connected to")
      alignment.append(.left)
    }
    if showTrainable {
      header.append("Trainable")
      alignment.append(.center)
      positions = positions.map { $0 * 0.9 } + [1]
    }
    var table = TextTable(header, alignment, lineLength: max(lineLength, 40), positions)
    for layer in layers where expandNested || layer.depth == 0 {
      let prefix =
        layer.depth == 0 ? "" : String(repeating: "   ", count: layer.depth) + "└ "
      var cells = [
        "\(prefix)\(layer.name) (\(layer.className))", shape(layer.outputShapes),
        grouped(layer.parameterCount),
      ]
      if !isSequential {
        cells.append(layer.connectedTo.isEmpty ? "-" : layer.connectedTo.joined(separator: ", "))
      }
      if showTrainable { cells.append(layer.isTrainable.map { $0 ? "Y" : "N" } ?? "-") }
      table.add(cells)
    }

    func line(_ title: String, _ count: Count) -> String {
      " \(title) params: \(grouped(count.count)) (\(readable(count.byteCount)))"
    }
    let total = [trainable, nonTrainable, optimizer ?? Count()].reduce(into: Count()) {
      $0.count += $1.count
      $0.byteCount += $1.byteCount
    }
    var lines =
      ["Model: \"\(name)\""] + table.lines + [
        line("Total", total), line("Trainable", trainable), line("Non-trainable", nonTrainable),
      ]
    if let optimizer { lines.append(line("Optimizer", optimizer)) }
    lines.append(" Forward pass: \(grouped(flopsPerSample)) FLOPs per sample")
    lines.append(" Activations: \(readable(activationByteCount)) per sample")
    return lines.joined(separator: "\n")
  }

  private func shape(_ shapes: [[Int?]]) -> String {
    let texts = shapes.map { shape in
      let sizes = shape.map { $0.map(String.init) ?? "None" }.joined(separator: ", ")
      return "(\(sizes))"
    }
    return texts.count == 1 ? texts[0] : "[" + texts.joined(separator: ", ") + "]"
  }
}

/// `number` with commas between its thousands.
func grouped(_ number: Int) -> String {
  var result = "", digits = Array(String(number.magnitude))
  while digits.count > 3 {
    result = "," + String(digits.suffix(3)) + result
    digits.removeLast(3)
  }
  return (number < 0 ? "-" : "") + String(digits) + result
}

/// An amount of memory with two digits after the point: `1.29 KB`.
private func readable(_ byteCount: Int) -> String {
  var size = Double(byteCount)
  var units = ["B", "KB", "MB", "GB", "TB", "PB"][...]
  while size >= 1024, units.count > 1 {
    size /= 1024
    units = units.dropFirst()
  }
  let hundredths = Int((size * 100).rounded(.toNearestOrEven))
  let fraction = String(hundredths % 100)
  return "\(hundredths / 100).\(fraction.count < 2 ? "0" : "")\(fraction) \(units.first ?? "PB")"
}
