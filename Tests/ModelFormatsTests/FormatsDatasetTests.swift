import Foundation
import ModelFormats
import NeuralNetworks
import TensorGraph
import Testing

@Suite("Data sets")
struct DatasetTests {
  @Test("IDX files are read, compressed or not")
  func idx() throws {
    #expect(try IDX.array(path: Fixtures.path("u1.idx")) == Fixtures.count(.uint8))
    #expect(try IDX.array(path: Fixtures.path("u1.idx.gz")) == Fixtures.count(.uint8))
    let numbers: [Int32] = [-1, 2, 3, 4, 5, 600]
    #expect(try IDX.array(path: Fixtures.path("i2.idx")) == Tensor([2, 3], numbers))
    #expect(
      message { try IDX.array(Data([0, 0, 8, 1, 0, 0, 0, 9]), file: "x") } == """
        error: the file does not hold as many elements as its header says
          got   0 bytes for [9] elements of 1 bytes
          in    x byte 8
          help  the file may be incomplete: copy it again
        """)
    let many = Data([0, 0, 8, 3] + [UInt8](repeating: 0xff, count: 12))
    #expect(throws: FormatError.self) { try IDX.array(many) }
  }

  @Test(
    "IDX files survive truncation and changed bytes", arguments: ["u1.idx", "u1.idx.gz", "i2.idx"])
  func abused(name: String) throws {
    abuse(try Fixtures.data(name)) { data throws(FormatError) in
      _ = try IDX.array(data)
    }
  }

  @Test(
    "Fashion-MNIST is complete",
    .enabled(if: Files.exists(FashionMNIST.folder), "the package is not installed"))
  func fashion() throws {
    let data: (training: TrainingData, test: TrainingData) = try FashionMNIST.load()
    let images = data.training.inputs[0]
    #expect(images.type == TensorType(.uint8, [60_000, 28, 28]))
    #expect(data.test.inputs[0].type == TensorType(.uint8, [10_000, 28, 28]))
    let sum = images.withUnsafeBytes { $0.reduce(0) { $0 + Int($1) } }
    #expect(abs(Double(sum) / Double(images.count) - 72.9404) < 5e-5)
    let labels = data.training.targets[0]
    #expect(labels.dtype == .int32)
    #expect(labels.scalars(as: Int32.self).prefix(5) == [9, 0, 0, 3, 0])
  }

  @Test("Fashion-MNIST that is not installed says how to install it")
  func notInstalled() {
    #expect(
      message { try FashionMNIST.load(.test, from: "/nowhere") } == """
        error: Fashion-MNIST is not installed
          got   no file /nowhere/t10k-labels-idx1-ubyte.gz
          help  make setup, or apt-get install dataset-fashion-mnist
        """)
  }

  @Test("a data set that was not fetched is an error with the command that fetches it")
  func notFetched() {
    #expect(
      message { try DataCatalog.path("nothing/data.csv") } == """
        error: the data set nothing is not there
          got   no file \(DataCatalog.folder)/nothing/data.csv
          help  Scripts/datasets nothing fetches it
        """)
  }

  @Test(
    "the catalog describes what it loads",
    arguments: DataCatalog.all.filter { $0.isPresent && $0.location != FashionMNIST.folder })
  func catalog(dataset: NamedDataset) throws {
    let training = try dataset.load(.training)
    let test = try dataset.load(.test)
    #expect(training.inputs.map(\.type) == [dataset.inputs])
    #expect(test.sampleCount == dataset.testCount)
    #expect(training.classNames == dataset.classNames)
    let bytes = (training.tensors + test.tensors).reduce(0) { $0 + $1.byteCount }
    #expect(bytes == dataset.byteCount)
    #expect(training.inputs[0] != test.inputs[0])
    if !dataset.classNames.isEmpty {
      let labels = Set(training.targets[0].scalars(as: Int32.self))
      #expect(labels == Set(0..<Int32(dataset.classNames.count)))
    }
  }

  @Test("an unknown name gets the nearest known one")
  func unknown() {
    #expect(
      message { try DataCatalog.dataset(named: "fashon-mnist") } == """
        error: there is no data set fashon-mnist
          got   fashion-mnist, iris, spirals, moons, circles, xor, blobs, sine, shakespeare, \
        sunspots, airline, imdb-reviews, japanese-vowels
          help  did you mean fashion-mnist?
        """)
  }
}
