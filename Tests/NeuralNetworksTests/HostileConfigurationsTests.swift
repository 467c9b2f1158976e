import Foundation
import Strata
import Testing

/// The error that building the network of `text` ends with.
private func mistake(_ text: String) -> String {
  do {
    let object = try JSONValue(parsing: Data(text.utf8))
    _ = try Model(NetworkConfiguration(object), engine: CPUEngine(threads: 1), drawsWeights: false)
    return "no error"
  } catch {
    return "\(error)"
  }
}

private func layer(_ name: String, _ config: String = "", inputs: String = "") -> String {
  let config = #""name":"\#(name)"\#(config.isEmpty ? "" : ",")\#(config)"#
  return #"{"class_name":"ReLU","config":{\#(config)},"inbound_nodes":[\#(inputs)]}"#
}

private func input(_ name: String, _ shape: String = "[null,4]") -> String {
  #"{"class_name":"InputLayer","config":{"name":"\#(name)","batch_shape":\#(shape)}}"#
}

private func functional(_ layers: [String], from: String = "i", to: String) -> String {
  #"""
  {"class_name":"Functional","config":{"layers":[\#(layers.joined(separator: ","))],
  "input_layers":[["\#(from)",0,0]],"output_layers":[["\#(to)",0,0]]}}
  """#
}

private func sequential(_ layers: String...) -> String {
  #"{"class_name":"Sequential","config":{"layers":[\#(layers.joined(separator: ","))]}}"#
}

@Suite("Hostile configurations")
struct HostileConfigurationsTests {
  @Test(
    "that are no JSON are one error",
    arguments: [
      ("", "it ends early, at byte 0"),
      (
        String(repeating: "[", count: 100_000),
        "more than 512 values are in each other, at byte 512"
      ),
      (#"{"a":1,"a":2}"#, "a name is there twice, at byte 12"),
      ("[1e999]", "a number is too large, at byte 6"),
      ("[01]", "no value where one should be, at byte 1"),
      ("[NaN]", "no value where one should be, at byte 1"),
      ("[\"\u{1}\"]", "a text has a character that has to be escaped, at byte 2"),
      (#"["\ud800"]"#, "a text is not UTF-16, at byte 8"),
      (#"["\u+123"]"#, "there is no such escape, at byte 4"),
      ("[1,]", "no value where one should be, at byte 3"),
      ("[1] 2", "there is more after it, at byte 4"), ("\"abc", "a text has no end, at byte 4"),
    ])
  func json(text: String, expected: String) {
    #expect(mistake(text) == "error: the configuration is not JSON: " + expected)
  }

  @Test("JSON has the values that it says")
  func values() throws {
    let text = #" {"a": [1, -2.5, 1e2, true, null, "\u00e9\n\ud83d\ude00ß"], "b": {}} "#
    #expect(
      try JSONValue(parsing: Data(text.utf8)) == [
        "a": [.int(1), -2.5, .int(100), true, nil, "é\n😀ß"], "b": [:],
      ])
    #expect(throws: ConfigurationError.self) { try JSONValue(parsing: Data([0x22, 0xff, 0x22])) }
  }

  @Test("with much deep in it are read as fast as others", .timeLimit(.minutes(1)))
  func deep() {
    let words = (0..<40_000).map { #""word \#($0)""# }.joined(separator: ",")
    let depth = 500
    let text = String(repeating: "[", count: depth) + words + String(repeating: "]", count: depth)
    #expect(mistake(text) == "error: the configuration has no class_name and config")
  }

  @Test("that name what is outside the registry are refused, and nothing in them is run")
  func classes() {
    let lambda = #"""
      {"class_name":"Lambda","config":{"name":"f","function":{"class_name":"__lambda__",
      "config":{"code":"4wAAAAA=","defaults":null,"closure":null}}}}
      """#
    #expect(
      mistake(sequential(input("i"), lambda)) == """
        error: a Lambda in a file is a piece of Python, which cannot be run
          in    f
          help  write it as a layer of its own, and add that to the registry as Lambda
        """)
    let system = #"{"module":"os","class_name":"system","config":{"name":"s","command":"true"}}"#
    #expect(
      mistake(sequential(input("i"), system)).hasPrefix(
        "error: there is no layer system\n  in    s"))
  }

  @Test("whose numbers are absurd are refused")
  func numbers() {
    func dense(_ units: String) -> String {
      #"{"class_name":"Dense","config":{"name":"d","units":\#(units)}}"#
    }
    #expect(
      mistake(sequential(input("i"), dense("1000000000000"))) == """
        error: the number 1000000000000 is too large
          in    d
        """)
    for number in ["9223372036854775807", "-1", "0", "1e300", "9223372036854775808", "-1e30"] {
      #expect(mistake(sequential(input("i"), dense(number))).hasPrefix("error: "), "\(number)")
    }
    let wide = sequential(input("i", "[null,1048576]"), dense("1048576"))
    #expect(mistake(wide).hasPrefix("error: the weights do not fit into memory\n"))
  }

  @Test("whose layers wait for each other are refused")
  func circle() {
    let layers = [
      input("i"), layer("a", inputs: #"[["b",0,0,{}]]"#), layer("b", inputs: #"[["a",0,0,{}]]"#),
    ]
    #expect(
      mistake(functional(layers, to: "b")) == """
        error: the inputs of a lead to no input of the network
          in    a
        """)
  }

  @Test("in any order are read as fast as in the right one", .timeLimit(.minutes(1)))
  func reversed() {
    let count = 2000
    let layers = (0..<count).reversed().map { index in
      layer("l\(index)", inputs: #"[["\#(index == 0 ? "i" : "l\(index - 1)")",0,0,{}]]"#)
    }
    #expect(mistake(functional(layers + [input("i")], to: "l\(count - 1)")) == "no error")
  }

  @Test("of networks that call each other again and again are refused", .timeLimit(.minutes(1)))
  func multiplied() {
    var network = layer("core", inputs: "")
    for depth in 0..<40 {
      let name = "n\(depth)"
      let inner = network.replacing(
        #""inbound_nodes":[]"#, with: #""inbound_nodes":[[["i",0,0,{}]],[["x",0,0,{}]]]"#)
      let inside = depth == 0 ? "core" : "n\(depth - 1)"
      let first = depth == 0 ? 0 : 1  // calls of networks count from 1
      network = #"""
        {"class_name":"Functional","name":"\#(name)","config":{"name":"\#(name)","layers":[\#(input("i")),
        \#(inner.replacing(#"["x",0,0,{}]"#, with: #"["\#(inside)",\#(first),0,{}]"#))],
        "input_layers":[["i",0,0]],"output_layers":[["\#(inside)",\#(first + 1),0]]},"inbound_nodes":[]}
        """#
    }
    #expect(
      mistake(network).hasPrefix(
        "error: the network consists of more than 100000 calls of layers\n"))
  }

  @Test("of layers deep in each other are refused")
  func wrapped() {
    var inner = layer("core")
    for _ in 0..<100 {
      inner = #"{"class_name":"TimeDistributed","config":{"name":"t","layer":\#(inner)}}"#
    }
    #expect(
      mistake(sequential(input("i"), inner)).contains("more than 32 layers are in each other"))
  }

  @Test("of more layers than any network has are refused")
  func many() {
    let layers = [input("i")] + [String](repeating: layer("a"), count: 5001)
    let text =
      #"{"class_name":"Sequential","config":{"layers":[\#(layers.joined(separator: ","))]}}"#
    #expect(mistake(text) == "error: a Sequential has more than 5000 layers")
  }
}
