import Foundation
import NeuralNetworks
import TensorGraph
import Testing

@Suite struct DatasetSourcesTests {
  /// A folder for files that is gone at the end.
  private func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func write(_ text: String, _ folder: URL, _ path: String) throws {
    let file = folder.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  private func message(_ make: () throws -> Dataset) -> String {
    do {
      _ = try make().elements(limit: 100)
      return "nothing"
    } catch { return "\(error)" }
  }

  @Test("windows are Keras's", arguments: try TrainingGolden.all("datasets"))
  func windows(_ golden: TrainingGolden) throws {
    guard golden.entry["kind"]?.string == "windows" else { return }
    let arrays = try golden.arrays(), options = golden.entry
    func number(_ name: String) -> Int? { options[name]?.int }
    let dataset = try Dataset(
      timeSeries: arrays.array("data"), targets: arrays["targets"],
      sequenceLength: number("sequence_length") ?? 0,
      sequenceStride: number("sequence_stride") ?? 1, samplingRate: number("sampling_rate") ?? 1,
      startIndex: number("start_index"), endIndex: number("end_index"))
    let count = try arrays.array("windows").shape[0]
    #expect(dataset.count == count)
    let batch = try dataset.batch(count).elements()[0]
    #expect(try batch.inputs == [arrays.array("windows")])
    #expect(batch.targets == arrays["window_targets"].map { [$0] } ?? [])
    let single = try dataset.elements()
    #expect(
      single.map(\.inputs[0].numbers)
        == (0..<count).map { batch.inputs[0].rows($0..<$0 + 1).numbers })
  }

  @Test("windows do as with lists, for random numbers")
  func randomWindows() throws {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<200 {
      let (steps, length) = (1 + random.below(30), 1 + random.below(6))
      let (stride, rate) = (1 + random.below(4), 1 + random.below(4))
      let start = random.below(steps), end = start + 1 + random.below(steps - start)
      let expected = Swift.stride(from: start, to: end, by: stride)
        .map { first in (0..<length).map { first + $0 * rate } }
        .filter { ($0.last ?? 0) < end }
      func make() throws -> Dataset {
        try Dataset(
          timeSeries: Tensor([steps], (0..<steps).map { Int32($0) }), sequenceLength: length,
          sequenceStride: stride, samplingRate: rate, startIndex: start, endIndex: end)
      }
      if expected.isEmpty {
        #expect(throws: FormatError.self) { try make() }
      } else {
        let windows = try make().elements()
        #expect(windows.map { $0.inputs[0].numbers.map { Int($0) } } == expected)
      }
    }
  }

  @Test("windows that make no sense")
  func windowMistakes() {
    let data = Tensor([5], [Float](repeating: 0, count: 5))
    let cases: [(make: () throws -> Dataset, says: String)] = [
      (
        { try Dataset(timeSeries: data, sequenceLength: 0) },
        "error: sequenceLength is at least 1\n  got   0"
      ),
      (
        { try Dataset(timeSeries: data, sequenceLength: 1, sequenceStride: 0) },
        "error: sequenceStride is at least 1\n  got   0"
      ),
      (
        { try Dataset(timeSeries: data, sequenceLength: 1, samplingRate: -1) },
        "error: samplingRate is at least 1\n  got   -1"
      ),
      (
        { try Dataset(timeSeries: data, sequenceLength: Int.max, samplingRate: Int.max) },
        """
        error: the time series is shorter than a window
          got   5 steps, windows of 9223372036854775807
          help  make sequenceLength or samplingRate smaller
        """
      ),
      (
        { try Dataset(timeSeries: data, targets: data, sequenceLength: 2, startIndex: 4) },
        """
        error: the time series is shorter than a window
          got   1 steps, windows of 2, 1 targets
          help  make sequenceLength or samplingRate smaller
        """
      ),
      (
        { try Dataset(timeSeries: data, sequenceLength: 2, startIndex: 3, endIndex: 3) },
        """
        error: startIndex and endIndex mark a part of the 5 steps
          got   startIndex 3, endIndex 3
        """
      ),
      (
        { try Dataset(timeSeries: Tensor(Float(1)), sequenceLength: 2) },
        "error: a time series has no axis of time\n  got   float32[]"
      ),
    ]
    for (make, says) in cases { #expect(message(make) == says) }
  }

  @Test("lines of files come one after another")
  func lines() throws {
    try inFolder { folder in
      try write("one\ntwo\r\n\nfour", folder, "a.txt")
      try write("", folder, "b.txt")
      try write("five\n", folder, "c.txt")
      let paths = ["a.txt", "b.txt", "c.txt"].map { folder.appending(path: $0).path() }
      let lines = Dataset(linesOf: paths)
      #expect(
        try lines.elements().map(\.inputs[0].strings) == [
          ["one"], ["two"], [""], ["four"], ["five"],
        ])
      #expect(
        try lines.skip(3).batch(8).elements()[0].inputs[0] == Tensor(["four", "five"]))
      let missing = folder.appending(path: "d.txt").path()
      #expect(
        message { Dataset(linesOf: [missing]) } == """
          error: \(missing) cannot be read
            got   No such file or directory
            in    sample 0 of epoch 0
          """)
    }
  }

  @Test("rows of tables of numbers")
  func tables() throws {
    try inFolder { folder in
      let path = folder.appending(path: "t.csv").path()
      try write("a;kind;b\n1; \"x y\" ;2\n\n-3.5;z;1e2\n", folder, "t.csv")
      let rows = try Dataset(csv: path, target: "kind", classNames: ["z", "x y"]).elements()
      #expect(rows.map(\.inputs[0].numbers) == [[1, 2], [-3.5, 100]])
      #expect(rows.map(\.targets[0]) == [Tensor(Int32(1)), Tensor(Int32(0))])
      #expect(
        message { try Dataset(csv: path, target: "kind", classNames: ["z"]) } == """
          error: column kind holds a class that is not named
            got   x y
            in    \(path) line 2 column 2
            help  classNames are z
          """)
      #expect(
        message { try Dataset(csv: path, target: "a") } == """
          error: column kind holds a string, not a number
            got   x y
            in    \(path) line 2 column 2
            help  read the whole table with CSVTable, which makes features of strings
          """)
      #expect(
        message { try Dataset(csv: path, target: "c") }.hasPrefix("error: there is no column c"))
      try write("a,b\n1,2\n3,4\n5\n", folder, "t.csv")
      let numbers = try Dataset(csv: path, target: "b")
      #expect(
        try numbers.elements(limit: 2).map(\.targets[0]) == [2, 4].map { Tensor([1], [Float($0)]) })
      #expect(try Dataset(csv: path).take(1).elements()[0] == Sample(Tensor([2], [Float(1), 2])))
      #expect(
        message { numbers } == """
          error: a row has 1 cells, the table has 2 columns
            in    \(path) line 4
            help  quote cells that hold the separator
          """)
      try write("a,b\n1,\n", folder, "t.csv")
      #expect(
        message { try Dataset(csv: path) } == """
          error: a value is missing in column column 2
            got   an empty cell
            in    \(path) line 2 column 2
            help  fill it in, or leave the row out
          """)
    }
  }

  @Test("texts of folders come as Keras lists them")
  func folders() throws {
    guard
      let golden = try TrainingGolden.all("datasets").first(where: {
        $0.entry["kind"]?.string == "texts"
      })
    else { throw FormatError("there is no golden case of texts") }
    try inFolder { folder in
      for path in golden.entry["paths"]?.array ?? [] {
        // Each file holds its own name.
        try write(path.string ?? "", folder, path.string ?? "")
      }
      let dataset = try Dataset(textFolder: folder.path())
      #expect(dataset.classNames == golden.entry["class_names"]?.array?.compactMap(\.string))
      let samples = try dataset.elements()
      #expect(
        samples.map { $0.inputs[0].strings[0] }
          == golden.entry["texts"]?.array?.compactMap(\.string))
      #expect(
        samples.map { $0.targets[0].number }
          == golden.entry["labels"]?.array?.compactMap { $0.int.map(Double.init) })
      let hot = try Dataset(textFolder: folder.path(), labelMode: .categorical, maxLength: 3)
      let batch = try hot.batch(100).elements()[0]
      #expect(batch.targets[0].shape == [samples.count, dataset.classNames.count])
      #expect(batch.inputs[0].strings == samples.map { String($0.inputs[0].strings[0].prefix(3)) })
      let two = Array(dataset.classNames.prefix(2).reversed())
      let binary = try Dataset(textFolder: folder.path(), classNames: two, labelMode: .binary)
      #expect(try binary.elements()[0].targets[0] == Tensor([1], [Float(0)]))
      #expect(binary.classNames == two)
      #expect(
        message { try Dataset(textFolder: folder.path(), labelMode: .binary) }.hasPrefix(
          "error: binary labels are for 2 classes"))
      #expect(
        message { try Dataset(textFolder: folder.path(), classNames: ["none"]) }.hasPrefix(
          "error: there is no folder of the class none"))
      #expect(
        message { try Dataset(textFolder: folder.path() + "/none") } == """
          error: \(folder.path())/none cannot be read
            got   No such file or directory
            help  name a folder that has a folder of texts for each class
          """)
    }
  }
}
