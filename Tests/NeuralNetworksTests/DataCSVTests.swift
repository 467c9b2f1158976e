import NeuralNetworks
import TensorGraph
import Testing

@Suite("Comma-separated values")
struct CSVTests {
  private func table(_ text: String, separator: Character? = nil) throws -> CSVTable {
    try CSVTable(Array(text.utf8), file: "x.csv", separator: separator)
  }

  @Test(
    "are read in every notation",
    arguments: [
      "a,b\n1,x\n2.5,y\n", "a,b\n1,x\n2.5,y", "a,b\r\n1,x\r\n2.5,y\r\n", "a,b\r1,x\r2.5,y",
      "a;b\n1;x\n2.5;y\n", "a\tb\n1\tx\n2.5\ty\n", "\u{FEFF}a,b\n1,x\n2.5,y\n",
      "\"a\",\"b\"\n\"1\",\"x\"\n\"2.5\",\"y\"\n", "a, b\n 1 , x \n 2.5 , \"y\" \n",
      "\n\na,b\n\n1,x\n\r\n2.5,y\n\n", "a,b\n1e0,x\n+25E-1,y\n", "a,b\n1.,x\n02.50,y\n",
    ])
  func notations(text: String) throws {
    let table = try table(text)
    #expect(table.names == ["a", "b"])
    #expect(table.columns == [.numbers([1, 2.5]), .categories([0, 1], names: ["x", "y"])])
  }

  @Test("may hold separators, line ends and quotes in quotes")
  func quotes() throws {
    let table = try table("text,n\n\"a, \"\"b\"\"\nc\",1\n\"\"\"\",2\n")
    #expect(table.columns[0] == .categories([1, 0], names: ["\"", "a, \"b\"\nc"]))
    #expect(table.columns[1] == .numbers([1, 2]))
  }

  @Test("have numbers as near as Float can be")
  func numbers() throws {
    let cells = [
      "0.1", "-0", "16777217", "3.4028235e38", "1e-45", "123456789012345678901234567890", "-inf",
      "0.000000000000000000000000000000000001", "9007199254740993", "1e400", "5e-324", "00012",
    ]
    let table = try table("x\n" + cells.joined(separator: "\n"))
    let expected = cells.map { Float(Double($0) ?? .nan) }
    #expect(table.columns == [.numbers(expected)])
  }

  @Test("without a header get numbered columns")
  func headers() throws {
    let table = try table("1,x\n2,y\n")
    #expect(table.names == ["column 1", "column 2"])
    #expect(table.rowCount == 2)
    #expect(try self.table(",b\n1,2\n").names == ["column 1", "b"])
    let forced = try CSVTable(Array("x,y\nz,w\n".utf8), hasHeader: false)
    #expect(forced.rowCount == 2)
  }

  @Test("whose column turns out to hold text are read as text")
  func lateText() throws {
    let rows = (0..<1000).map { "\($0),1.0\n" }.joined()
    let table = try table("a,b\n" + rows + "1000,no\n")
    #expect(
      table.columns[1]
        == .categories([Int32](repeating: 0, count: 1000) + [1], names: ["1.0", "no"]))
    #expect(table.columns[0] == .numbers((0...1000).map(Float.init)))
  }

  @Test(
    "report where they are wrong",
    arguments: [
      (
        "a,b\n1,2\n3,\n",
        """
        error: a value is missing in column b
          got   an empty cell
          in    x.csv line 3 column 2
          help  fill it in, or leave the row out
        """
      ),
      (
        "a,b\n\"x\ny\",2\nNaN,1\n",
        """
        error: a value is missing in column a
          got   NaN
          in    x.csv line 4 column 1
          help  fill it in, or leave the row out
        """
      ),
      (
        "a,b\n1,2\n3,4,5,6\n",
        """
        error: a row has 4 cells, the table has 2 columns
          in    x.csv line 3
          help  quote cells that hold the separator ,
        """
      ),
      (
        "a,b\n1,2\n3\n",
        """
        error: a row has 1 cells, the table has 2 columns
          in    x.csv line 3
          help  quote cells that hold the separator ,
        """
      ),
      (
        "a,b\n1,\"2\n3,4\n",
        """
        error: a quote is not closed
          in    x.csv line 2
        """
      ),
      (
        "a,b\n1,\"2\"x\n",
        """
        error: text follows a closing quote
          in    x.csv line 2
          help  inside of quotes, write a quote twice
        """
      ),
      (
        "a,b\n",
        """
        error: the table has a header and no rows
          in    x.csv line 1
        """
      ),
      (
        "",
        """
        error: the table is empty
          got   0 bytes
          in    x.csv
        """
      ),
    ])
  func errors(text: String, expected: String) {
    #expect {
      try table(text)
    } throws: { "\($0)" == expected }
  }

  @Test("become features and class labels")
  func trainingData() throws {
    let table = try table("size,color,kind\n1,red,b\n2,blue,a\n3,red,b\n")
    let data = try table.trainingData(target: "kind")
    #expect(data.inputs == [Tensor([3, 3], [Float(1), 0, 1, 2, 1, 0, 3, 0, 1])])
    #expect(table.featureNames(except: 2) == ["size", "color=blue", "color=red"])
    #expect(data.targets == [Tensor([3], [Int32(1), 0, 1])])
    #expect(data.classNames == ["a", "b"])
    #expect(try table.trainingData(target: "3") == data)
    #expect(
      throws: FormatError(
        "there is no column knid", got: "size, color, kind", file: "x.csv",
        hint: "did you mean kind?")
    ) { try table.trainingData(target: "knid") }
    #expect(throws: FormatError.self) { try table.trainingData(target: "0") }
    #expect(throws: FormatError.self) { try table.trainingData(target: "4") }
    #expect(throws: FormatError.self) { try table.trainingData(target: "kind", as: .numbers) }
    #expect(throws: FormatError.self) { try self.table("a\n1\n").trainingData(target: "a") }
  }

  @Test("with whole numbers for a target are classes, with others a regression")
  func targets() throws {
    let whole = try table("x,y\n1,7\n2,3\n3,7\n").trainingData(target: "y")
    #expect(whole.targets == [Tensor([3], [Int32(1), 0, 1])])
    #expect(whole.classNames == ["3", "7"])
    let numbers = try table("x,y\n1,7\n2,3.5\n").trainingData(target: "y")
    #expect(numbers.targets == [Tensor([2, 1], [Float(7), 3.5])])
    let asked = try table("x,y\n1,7\n2,3\n").trainingData(target: "y", as: .numbers)
    #expect(asked.targets == [Tensor([2, 1], [Float(7), 3])])
    let many = "x,y\n" + (0..<101).map { "1,\($0)\n" }.joined()
    #expect(try table(many).trainingData(target: "y").classNames.isEmpty)
  }

  @Test("survive any bytes")
  func abused() {
    let text = Array("a,b,\"c d\"\n1,x,\"y \"\"z\"\"\n\"\r\n2.5e3,\"\",é\r\n-4,w;,\tq\n".utf8)
    let marks = Array(",;\t\"\r\n .-+eE0123456789N?".utf8) + [0, 0xff, 0xc3]
    var state: UInt64 = 1
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for round in 0..<20_000 {
      var bytes = Array(text.prefix(round % 2 == 0 ? text.count : random(text.count + 1)))
      for _ in 0..<random(5) where !bytes.isEmpty {
        bytes[random(bytes.count)] = marks[random(marks.count)]
      }
      _ = try? CSVTable(bytes).trainingData(target: "1")
    }
  }
}
