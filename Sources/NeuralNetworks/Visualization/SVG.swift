/// A drawing as text of the SVG format, element by element.
///
/// Lengths are pixels; the y axis points down.
struct SVG {
  private var body: [String] = []

  /// Adds an element with `content` as its text, and `note` as what the mouse shows.
  mutating func add(
    _ element: String, _ attributes: KeyValuePairs<String, String>, _ content: String = "",
    note: String? = nil
  ) {
    let written = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    let inner = (note.map { "<title>\(escaped($0))</title>" } ?? "") + escaped(content)
    body.append(
      inner.isEmpty
        ? "<\(element)\(written)/>" : "<\(element)\(written)>\(inner)</\(element)>")
  }

  /// Adds the letters `text` at a place, of a class of the style sheet.
  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ style: String, anchor: String = "start"
  ) {
    add("text", ["class": style, "x": px(x), "y": px(y), "text-anchor": anchor], text)
  }

  /// The whole file.
  func document(width: Double, height: Double, title: String, style: String) -> String {
    let (width, height) = (px(width.rounded(.up)), px(height.rounded(.up)))
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" role="img">
      <title>\(escaped(title))</title>
      <style>
      \(style)
      </style>
      <rect width="100%" height="100%" fill="white"/>
      \(body.joined(separator: "\n"))
      </svg>

      """
  }
}

/// `text` with what XML gives a meaning spelled out, and without what it forbids.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": result += " "
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A length, to a tenth of a pixel.
func px(_ length: Double) -> String {
  let text = decimal(length, 1)
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
