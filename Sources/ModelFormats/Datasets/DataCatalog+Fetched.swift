import NeuralNetworks
import TensorGraph

extension DataCatalog {
  /// The data sets that `Scripts/datasets` fetches.
  static var fetched: [NamedDataset] {
    [
      NamedDataset(
        name: "shakespeare", summary: "Shakespeare's works, to predict the next character",
        location: folder + "/shakespeare", license: "public domain",
        byteCount: 50_573 * 100 * 8, inputs: TensorType(.int32, [45_515, 100]), testCount: 5058,
        classNames: FetchedData.characters.map { $0 == 10 ? "\\n" : String(UnicodeScalar($0)) },
        fetchCommand: fetchCommand("shakespeare")
      ) { part throws(FormatError) in try FetchedData.shakespeare(part) },
      NamedDataset(
        name: "sunspots",
        summary: "the sunspots of 24 years, to predict those of the next",
        location: folder + "/sunspots", license: "public domain", byteCount: 285 * 25 * 4,
        inputs: TensorType(.float32, [226, 24, 1]), testCount: 59, classNames: [],
        fetchCommand: fetchCommand("sunspots")
      ) { part throws(FormatError) in
        try FetchedData.series(
          "sunspots/sunspots.csv", column: "SUNACTIVITY", window: 24, testCount: 59, part)
      },
      NamedDataset(
        name: "airline",
        summary: "the passengers of 12 months, to predict those of the next",
        location: folder + "/airline", license: "BSD-3-Clause", byteCount: 132 * 13 * 4,
        inputs: TensorType(.float32, [108, 12, 1]), testCount: 24, classNames: [],
        fetchCommand: fetchCommand("airline")
      ) { part throws(FormatError) in
        try FetchedData.series(
          "airline/airline.csv", column: "Passengers", window: 12, testCount: 24, part)
      },
      NamedDataset(
        name: "imdb-reviews", summary: "reviews of films, bad and good ones",
        location: folder + "/imdb-reviews", license: "research, not to be passed on",
        byteCount: 33_333_752, inputs: TensorType(.string, [19_923]), testCount: 4981,
        classNames: ["negative", "positive"], fetchCommand: fetchCommand("imdb-reviews")
      ) { part throws(FormatError) in try FetchedData.reviews(part) },
      NamedDataset(
        name: "japanese-vowels", summary: "two vowels spoken by nine men, of different lengths",
        location: folder + "/japanese-vowels", license: "CC BY 4.0",
        byteCount: 640 * (29 * 12 + 1) * 4, inputs: TensorType(.float32, [270, 29, 12]),
        testCount: 370, classNames: (1...9).map { "speaker \($0)" },
        fetchCommand: fetchCommand("japanese-vowels")
      ) { part throws(FormatError) in try FetchedData.japaneseVowels(part) },
    ]
  }
}
