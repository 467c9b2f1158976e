import FoundationEssentials
import Glibc
import NeuralNetworks
import TensorGraph

/// The data sets that `Scripts/datasets` fetches, as samples.
enum FetchedData {
  /// The characters of Shakespeare's texts, in order of their codes.
  static let characters = [UInt8](
    "\n !\"&'()*,-./0123456789:;?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz{}".utf8)

  /// Passages of 100 characters `int32[samples, 100]`, and for each the one after it. The last
  /// tenth is for the test.
  static func shakespeare(_ part: DataPart) throws(FormatError) -> TrainingData {
    let path = try DataCatalog.path("shakespeare/shakespeare.txt")
    let text = try Files.contents(of: path)
    var codes = [Int32](repeating: -1, count: 256)
    for (code, character) in characters.enumerated() { codes[Int(character)] = Int32(code) }
    let numbers = text.withUnsafeBytes { bytes in bytes.map { codes[Int($0)] } }
    if let place = numbers.firstIndex(of: -1) {
      throw FormatError("this is not the text it should be", file: path, at: .byte(place))
    }
    let count = (numbers.count - 1) / 100
    guard count > 1 else { throw FormatError("the text is too short", file: path) }
    let data = try TrainingData(
      x: Tensor([count, 100], Array(numbers[..<(100 * count)])),
      y: Tensor([count, 100], Array(numbers[1...(100 * count)])),
      classNames: characters.map { $0 == 10 ? "\\n" : String(UnicodeScalar($0)) })
    let parts = try data.split(validationFraction: 0.1)
    return part == .training ? parts.training : parts.validation
  }

  /// Windows of a time series, `float32[samples, window, 1]`, and the entry after each; the last
  /// `testCount` are for the test.
  static func series(
    _ file: String, column: String, window: Int, testCount: Int, _ part: DataPart
  ) throws(FormatError) -> TrainingData {
    let path = try DataCatalog.path(file)
    let table = try CSVTable(Files.contents(of: path), file: path)
    guard case .numbers(let numbers) = try table.columns[table.columnIndex(column)],
      numbers.count > window + testCount
    else {
      throw FormatError("this is not the table it should be", file: path)
    }
    let count = numbers.count - window
    let data = try TrainingData(
      x: Tensor([count, window, 1], (0..<count).flatMap { numbers[$0..<$0 + window] }),
      y: Tensor([count, 1], Array(numbers[window...])))
    return data.rows(part == .training ? 0..<count - testCount : count - testCount..<count)
  }

  /// Reviews, `string[samples]`, and 0 for the bad and 1 for the good ones; a fifth of them, drawn
  /// by lot, is for the test.
  static func reviews(_ part: DataPart) throws(FormatError) -> TrainingData {
    var (texts, labels): ([UnsafeRawBufferPointer.SubSequence], [Int32]) = ([], [])
    let contents = try ["negative", "positive"].map { name throws(FormatError) in
      [UInt8](try Files.contents(of: DataCatalog.path("imdb-reviews/\(name).txt")))
    }
    let x = contents[0].withUnsafeBytes { negative in
      contents[1].withUnsafeBytes { positive in
        for (label, bytes) in [negative, positive].enumerated() {
          let lines = lines(bytes)
          texts += lines
          labels += [Int32](repeating: Int32(label), count: lines.count)
        }
        return Tensor([texts.count], utf8: texts)
      }
    }
    let data = try TrainingData(
      x: x, y: Tensor([labels.count], labels), classNames: ["negative", "positive"])
    let order = shuffledOrder(count: data.sampleCount, seed: 0, epoch: 0).map(Int.init)
    let trainingCount = data.sampleCount * 4 / 5
    return try data.subset(
      rows: Array(part == .training ? order[..<trainingCount] : order[trainingCount...]))
  }

  /// The lines in `bytes`, each with an end.
  private static func lines(_ bytes: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer.SubSequence]
  {
    var (lines, start): ([UnsafeRawBufferPointer.SubSequence], Int) = ([], 0)
    while start < bytes.count, let base = bytes.baseAddress,
      let end = memchr(base + start, 10, bytes.count - start)
    {
      let place = base.distance(to: UnsafeRawPointer(end))
      lines.append(bytes[start..<place])
      start = place + 1
    }
    return lines
  }

  /// Vowels as twelve coefficients a step, `float32[samples, 29, 12]` with zeros after the end, and
  /// the speaker.
  static func japaneseVowels(_ part: DataPart) throws(FormatError) -> TrainingData {
    let prefix = "japanese-vowels/" + (part == .training ? "train" : "test")
    return try TrainingData(
      x: NumPy.array(path: DataCatalog.path(prefix + "-x.npy")),
      y: NumPy.array(path: DataCatalog.path(prefix + "-y.npy")),
      classNames: (1...9).map { "speaker \($0)" })
  }
}
