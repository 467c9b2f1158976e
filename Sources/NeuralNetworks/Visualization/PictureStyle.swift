/// The look that all pictures share.
enum PictureStyle {
  /// Blue and vermilion: people tell them apart whatever colors they see (Okabe and Ito, 2008).
  static let positive = (red: 0, green: 114, blue: 178)
  static let negative = (red: 213, green: 94, blue: 0)

  /// The color of a number's sign; gray where there is none.
  static func color(of number: Double) -> String {
    number > 0 ? hex(positive) : number < 0 ? hex(negative) : "#999999"
  }

  /// White with a share, 0 to 1, of the color of the sign of `number`: never so dark that black
  /// letters on it could not be read.
  static func tint(of number: Double, share: Double) -> String {
    let color = number < 0 ? negative : positive
    let share = share.isFinite ? min(max(share, 0), 1) * 0.6 : 0
    func mixed(_ part: Int) -> Int { Int((255 + (Double(part) - 255) * share).rounded()) }
    return hex((mixed(color.red), mixed(color.green), mixed(color.blue)))
  }

  private static func hex(_ color: (red: Int, green: Int, blue: Int)) -> String {
    "#"
      + [color.red, color.green, color.blue].map {
        ($0 < 16 ? "0" : "") + String($0, radix: 16)
      }.joined()
  }

  /// About how many letters of a font of `size` pixels fit into `width` pixels.
  static func letters(in width: Double, size: Double) -> Int { Int(width / (size * 0.56)) }
  /// About how many pixels `text` is wide.
  static func width(of text: String, size: Double) -> Double { Double(text.count) * size * 0.56 }

  /// The style sheet.
  static let sheet = """
    text { font-family: "Helvetica Neue", Arial, "Liberation Sans", sans-serif; fill: #222222; }
    .title { font-size: 20px; font-weight: bold; }
    .subtitle { font-size: 13px; fill: #666666; }
    .name { font-size: 14px; font-weight: bold; }
    .kind { font-size: 12px; }
    .detail { font-size: 12px; fill: #666666; }
    .label { font-size: 13px; }
    .value { font-size: 12px; }
    .small { font-size: 10px; }
    .bias { font-size: 10px; fill: #666666; }
    .gap { font-size: 22px; fill: #666666; }
    .number { font-size: 11px; }
    .positive { fill: #005a8c; }
    .negative { fill: #a84a00; }
    .plate { fill: white; fill-opacity: 0.9; }
    .unit { stroke: #444444; stroke-width: 1.2px; }
    .box { fill: #f4f6f8; stroke: #c3cad1; }
    .edge { fill: none; stroke: #8a939c; stroke-width: 1.4px; }
    .arrow { fill: #8a939c; }
    """
}
