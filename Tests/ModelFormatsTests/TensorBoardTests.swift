import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Event files")
struct TensorBoardTests {
  @Test("are read as they were written")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      let path = try Self.example(in: folder + "/logs/run")
      let entries = try EventFile.read(path: path)
      #expect(
        entries.map(\.tag) == ["loss", "loss", "weights", "note", "pictures", "", "other/deep"])
      #expect(entries.map(\.step) == [3, -4, 1, 2, 5, 0, Int(Int64.max)])
      #expect(entries[0].wallTime == 1234.5)
      #expect(entries[0].content == .scalar(0.5))
      guard case .scalar(let number) = entries[1].content else {
        Issue.record("no scalar")
        return
      }
      #expect(number.isNaN)
      #expect(
        entries[2].content
          == .histogram(Histogram([1, 2, 2.5, 4], bucketCount: 3)))
      #expect(entries[3].content == .text(["**Größe** 数"]))
      guard case .images(let pictures) = entries[4].content else {
        Issue.record("no pictures")
        return
      }
      #expect(
        try pictures.map { try ImageFile.image($0) }
          == [Tensor([1, 2, 3], [0, 1, 2, 3, 4, 255] as [UInt8])])
      guard case .graph(let nodes) = entries[5].content else {
        Issue.record("no graph")
        return
      }
      #expect(nodes.map(\.name) == ["input_layer", "dense", "dense_1"])
      #expect(nodes.map(\.operation) == ["InputLayer", "Dense", "Dense"])
      #expect(nodes.map(\.inputs) == [[], ["input_layer"], ["dense"]])
      #expect(entries[6].content == .scalar(.infinity))
    }
  }

  @Test("have the checksums of the standard")
  func checksums() throws {
    // Of the appendix of RFC 3720, as records of TensorFlow carry them.
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.checksum([UInt8](0..<32)) == 0x46dd_794e)
  }

  @Test("of a program that still writes are read up to their last whole record")
  func partialEnds() throws {
    try withTemporaryFolder { folder in
      let data = try Files.contents(of: Self.example(in: folder + "/run"))
      var counts: Set<Int> = []
      for count in 0..<data.count {
        let prefix = Data(data.prefix(count))
        counts.insert(try EventFile.read(prefix).count)
        if case .some = try? EventFile.read(prefix, allowingPartialEnd: false) {
          #expect(RecordFile.isWhole(prefix))
        }
      }
      #expect(counts == Set(0...6))
    }
  }

  @Test("with changed bytes are refused, and what is not an event file")
  func damage() throws {
    try withTemporaryFolder { folder in
      let data = try Files.contents(of: Self.example(in: folder + "/run"))
      for place in stride(from: 0, to: data.count, by: 7) {
        var changed = data
        changed[place] ^= 0x10
        #expect(throws: FormatError.self) {
          try EventFile.read(changed, allowingPartialEnd: false)
        }
      }
      // With checksums that fit, so that the messages themselves are tried.
      var random = SplitMix(state: 3)
      try RecordFile.forEachRecord(in: data, allowingPartialEnd: false) { record, _ in
        for _ in 0..<300 {
          var changed = Data(record)
          for _ in 0..<2 {
            let place = changed.indices.randomElement(using: &random) ?? 0
            changed[place] = .random(in: 0...255, using: &random)
          }
          let header = data.prefix(Int(data[0]) + 16)
          _ = try? EventFile.read(header + RecordFile.record(changed))
        }
      }
      #expect(
        message { try EventFile.read(Data("no events at all".utf8), file: "log") }
          == """
          error: this is not a file of records, or its length is damaged here
            in    log byte 0
            help  event files of TensorBoard have names like events.out.tfevents.…
          """)
      #expect(
        message { try EventFile.read(RecordFile.record(Data())) }
          == """
          error: this is not a file of TensorBoard's events
            got   no version in its first record
            in    byte 0
          """)
    }
  }

  @Test("cannot be begun in a file, or gone on with when closed")
  func mistakes() throws {
    try withTemporaryFolder { folder in
      try Files.write(Data(), to: folder + "/file")
      #expect(
        message { try EventWriter(directory: folder + "/file/run") }
          .hasPrefix("error: the folder \(folder)/file/run cannot be made"))
      let writer = try EventWriter(directory: folder)
      try writer.close()
      try writer.close()
      try writer.scalar("late", 1, step: 0)
      #expect(
        message { try writer.flush() }
          == "error: \(writer.path) cannot be written\n  got   it is closed")
      #expect(
        message { try writer.images("x", Tensor(Float(1)), step: 0) } == """
          error: pictures need the axes [count, height, width, channels]
            got   float32[]
          """)
    }
  }

  @Test("count numbers in buckets as TensorBoard does")
  func histograms() {
    func counts(_ numbers: [Double], _ count: Int = 4) -> [Double] {
      Histogram(numbers, bucketCount: count).buckets.map(\.count)
    }
    #expect(counts([0, 1, 2, 3, 4]) == [1, 1, 1, 2])
    #expect(counts([2, 2, 2]) == [0, 0, 0, 3])
    #expect(counts([]) == [0, 0, 0, 0])
    #expect(counts([.nan, .infinity, 1, 2, -.infinity]) == [1, 0, 0, 1])
    #expect(counts([1], 0) == [1])
    let wide = Histogram([-Double.greatestFiniteMagnitude, .greatestFiniteMagnitude])
    #expect(wide.buckets.allSatisfy { $0.lower.isFinite && $0.upper.isFinite })
    #expect(wide.buckets.reduce(0) { $0 + $1.count } == 2)
    let narrow = Histogram([0, Double.leastNonzeroMagnitude])
    #expect(narrow.buckets.reduce(0) { $0 + $1.count } == 2)
  }

  /// A file with one of everything.
  static func example(in folder: String) throws -> String {
    let writer = try EventWriter(directory: folder)
    try writer.scalar("loss", 0.5, step: 3, wallTime: 1234.5)
    try writer.scalar("loss", .nan, step: -4)
    try writer.histogram(
      "weights", Tensor([2, 2], [1, 2, 2.5, 4] as [Float]), step: 1, bucketCount: 3)
    try writer.text("note", "**Größe** 数", step: 2)
    try writer.images("pictures", Tensor([1, 2, 3], [0, 1, 2, 3, 4, 255] as [UInt8]), step: 5)
    let model = try Model(input: [4]) {
      Dense(3)
      Dense(2)
    }
    try writer.graph(model)
    try writer.scalar("other/deep", .infinity, step: .max)
    try writer.close()
    return writer.path
  }
}

extension RecordFile {
  /// Whether `data` end with a record.
  fileprivate static func isWhole(_ data: Data) -> Bool {
    (try? forEachRecord(in: data, allowingPartialEnd: false) { _, _ in }) != nil
  }
}
