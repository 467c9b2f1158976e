import Foundation
import Strata
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The elements of an XML text, with their attributes; nothing if it is not well-formed.
private final class Elements: NSObject, XMLParserDelegate {
  var found: [(name: String, attributes: [String: String])] = []
  var text = ""

  static func of(_ svg: String) -> Elements? {
    let elements = Elements()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = elements
    return parser.parse() ? elements : nil
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) { found.append((name, attributes)) }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func all(_ name: String) -> [[String: String]] {
    found.filter { $0.name == name }.map(\.attributes)
  }
}

private func elements(_ svg: String) throws -> Elements { try #require(Elements.of(svg)) }

@Suite("Pictures of networks")
struct VisualizationPlotTests {
  @Test(
    "There is a circle for each unit, and a line for each weight",
    arguments: [
      [3, 4, 3], [1, 1], [2, 12, 12, 1], [5, 1, 7],
    ])
  func counts(_ sizes: [Int]) throws {
    let model = try Model(input: [sizes[0]]) { for size in sizes.dropFirst() { Dense(size) } }
    let picture = try elements(model.plot())
    #expect(picture.all("circle").count == sizes.reduce(0, +))
    #expect(
      picture.all("line").count == zip(sizes, sizes.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 })
  }

  @Test("A long layer is shortened")
  func long() throws {
    let model = try Model(input: [28, 28], dtype: .uint8) {
      Flatten()
      Rescaling(1 / 255.0)
      Dense(128, activation: .relu)
      Dropout(0.2)
      Dense(10, activation: .softmax)
    }
    let picture = try elements(model.plot(sample: Tensor(zeros: .init(.uint8, [28, 28]))))
    #expect(picture.all("circle").count == 10 + 10 + 10)
    #expect(picture.all("line").count == 100 + 100)
    for text in ["784 units", "⋮", "128 units", "Dense, relu", "then Flatten, Rescaling"] {
      #expect(picture.text.contains(text))
    }
  }

  @Test("Color is the sign of a weight, width its size")
  func weights() throws {
    let weights: [Float] = [0.5, -1, 0, 0.25, 2, -0.75]
    let model = try Model(input: [3]) { Dense(2) }
    try model.setWeights(["dense/kernel": Tensor([3, 2], weights)])
    let svg = try model.plot()
    let lines = svg.split(separator: "\n").filter { $0.hasPrefix("<line") }
    #expect(lines.count == 6)
    var drawn: [(weight: Double, width: Double)] = []
    for line in lines {
      let element = try #require(Elements.of(String(line)))
      let weight = try #require(element.text.split(separator: " ").last.flatMap { Double($0) })
      let color = weight > 0 ? "#0072b2" : weight < 0 ? "#d55e00" : "#999999"
      #expect(element.found[0].attributes["stroke"] == color)
      let width = try #require(element.found[0].attributes["stroke-width"].flatMap { Double($0) })
      drawn.append((weight, width))
    }
    #expect(Set(drawn.map(\.weight)) == Set(weights.map { Double($0) }))
    let widths = drawn.sorted { abs($0.weight) < abs($1.weight) }.map(\.width)
    #expect(zip(widths, widths.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("A sample fills the units, and its numbers are those of the layers")
  func sample() throws {
    let picture = try elements(
      firstNetwork().plot(
        sample: firstSample, inputNames: ["weight", "height", "ears"],
        outputNames: ["cat", "dog", "human"]))
    #expect(picture.all("circle").allSatisfy { $0["fill"]?.hasPrefix("#") == true })
    #expect(Set(picture.all("circle").compactMap { $0["fill"] }).count > 3)
    for text in ["0.90", "0.43", "weight", "human", "positive activation"] {
      #expect(picture.text.contains(text))
    }
  }

  @Test("Names are escaped, numbers that are none do no harm")
  func hostile() throws {
    let model = try Model(input: [2]) { Dense(1, name: "<&\"'>\u{1}") }
    try model.setWeights([
      "<&\"'>\u{1}/kernel": Tensor([2, 1], [Float.nan, .infinity])
    ])
    let svg = try model.plot(
      sample: Tensor([2], [Float.infinity, 1]), inputNames: ["a & b", "]]>"],
      outputNames: ["\u{0}"],
      title: "<script>")
    let picture = try elements(svg)
    #expect(picture.text.contains("<&\"'>"))
    #expect(picture.all("script").isEmpty)
    #expect(picture.all("line").count == 2)
  }

  @Test("The same model has the same picture")
  func repeatable() throws {
    func svg() throws -> String {
      try Model(input: [4], seed: 3) {
        Dense(20, activation: .tanh)
        Dense(3)
      }.plot()
    }
    #expect(try svg() == svg())
  }

  @Test("Layers written as a class, and functional models, are drawn the same way")
  func styles() throws {
    let x = Input([3]), first = Dense(4), second = Dense(2)
    let functional = try Model(inputs: x, outputs: second(first(x)))
    #expect(try elements(functional.plot()).all("circle").count == 9)

    final class Tower: Layer {
      let first = Dense(4, activation: .relu)
      let second = Dense(2)
      func call(_ x: Symbol, _ context: LayerContext) -> Symbol { second(first(x)) }
    }
    #expect(try elements(Model(input: [3], Tower()).plot()).all("circle").count == 9)

    final class Residual: Layer {
      let first = Dense(3)
      func call(_ x: Symbol, _ context: LayerContext) -> Symbol { x + first(x) }
    }
    #expect(try elements(Model(input: [3], Residual()).plot()).all("circle").isEmpty)
  }

  @Test("Other networks are boxes with their connections")
  func boxes() throws {
    let model = try Model(input: [8, 8, 1]) {
      Conv2D(4, kernelSize: 3)
      MaxPooling2D()
      Flatten()
      Dense(10)
    }
    let picture = try elements(model.plot(sample: Tensor(zeros: .init(.float32, [1, 8, 8, 1]))))
    #expect(picture.all("rect").filter { $0["class"] == "box" }.count == 5)
    #expect(picture.all("path").filter { $0["class"] == "edge" }.count == 4)
    for text in ["conv2d", "(None, 6, 6, 4)", "370 parameters", "MaxPooling2D"] {
      #expect(picture.text.contains(text))
    }

    let a = Input([4], name: "a"), b = Input([4], name: "b"), shared = Dense(2)
    let both = try Model(
      inputs: [a, b], outputs: [Concatenate()([shared(a), shared(b), a])])
    let edges = try elements(both.plot()).all("path").filter { $0["class"] == "edge" }
    #expect(edges.count == 4)  // a and b to the shared layer, it and a to the join
  }

  @Test("Mistakes are thrown")
  func mistakes() throws {
    let model = try firstNetwork()
    #expect(throws: GraphError.self) { try model.plot(sample: Tensor(zeros: .init(.float32, [4]))) }
    #expect(throws: GraphError.self) {
      try model.plot(sample: Tensor(zeros: .init(.float32, [0, 3])))
    }
    #expect(throws: GraphError.self) { try model.plot(inputNames: ["one"]) }
    #expect(throws: GraphError.self) { try model.plot(outputNames: ["one"]) }
  }
}
