import Foundation
import ModelFormats
import Strata
import Testing

@Suite("Mistakes with Keras files")
struct KerasErrorsTests {
  private func load(_ data: Data) throws -> Model {
    try KerasFile.model(data, file: "m.keras", engine: ReferenceEngine())
  }

  /// `layer_dense.keras` with other weights.
  private func with(_ weights: (HDF5Writer) throws -> Void) throws -> Data {
    let file = try HDF5Writer()
    try weights(file)
    return try rebuilt(
      kerasFile("layer_dense.keras"), replacing: ["model.weights.h5": file.image()])
  }

  @Test("in the weights are one error")
  func weights() throws {
    let data = try with { file in
      try file.add("layers/dense/vars/0", Tensor([3, 5], [Float](repeating: 0, count: 15)))
      try file.add("layers/dense/vars/2", Tensor([1], [Float(0)]))
      try file.add("layers/dense_1/vars/0", Tensor([1], [Float(0)]))
      try file.add("layers/dropout/seed_generator/vars/0", Tensor([2], [Int64(1), 2]))
    }
    #expect(
      message { try load(data) } == """
        error: the weights in the file do not fit its network
          got   missing: dense/bias (layers/dense/vars/1); of other shapes: dense/kernel is [3, 5] \
        instead of [5, 3] (layers/dense/vars/0); not in the network: layers/dense/vars/2, \
        layers/dense_1/vars/0
          in    m.keras model.weights.h5
        """)
  }

  @Test("in the layers are one error")
  func layers() throws {
    let whole = try kerasFile("mlp_uncompiled.keras")
    let text = String(decoding: try ZipReader(whole).bytes(of: "config.json"), as: UTF8.self)
    let changed = text.replacing(#""class_name": "Dense""#, with: #""class_name": "Dance""#)
    #expect(
      message { try load(rebuilt(whole, replacing: ["config.json": Data(changed.utf8)])) } == """
        error: the file names what is not known
          got   layers Dance (dense, dense_1)
          in    m.keras config.json
          help  give your own layers in the registry: LayerRegistry(adding: […]); or make the \
        model in code, and load the weights by name: loadWeights(from:byName: true)
        """)
    let one = text.replacing(
      #""class_name": "Dense""#, with: #""class_name": "Danse""#, maxReplacements: 1)
    #expect(
      message { try load(rebuilt(whole, replacing: ["config.json": Data(one.utf8)])) } == """
        error: the file names what is not known
          got   layers Danse (dense)
          in    m.keras config.json
          help  did you mean Dense?; give your own layers in the registry: \
        LayerRegistry(adding: […]); or make the model in code, and load the weights by name: \
        loadWeights(from:byName: true)
        """)
  }

  @Test("in the optimizer's variables are errors")
  func optimizer() throws {
    let whole = try kerasFile("mlp_adam.keras")
    let theirs = try HDF5File(image: ZipReader(whole).bytes(of: "model.weights.h5"))
    func copy(_ change: (String, Tensor) -> Tensor?) throws -> Data {
      let file = try HDF5Writer()
      for path in try theirs.datasets() {
        if let value = change(path, try theirs.tensor(path)) { try file.add(path, value) }
      }
      return try rebuilt(whole, replacing: ["model.weights.h5": file.image()])
    }
    let fewer = try copy { path, value in path.hasSuffix("vars/9") ? nil : value }
    #expect(message { try load(fewer) }.contains("adam has 10 variables for 4 trained weights"))
    let other = try copy { path, value in path.hasSuffix("vars/3") ? value.rows(0..<1) : value }
    #expect(message { try load(other) }.contains("3 is [1, 8] instead of [12, 8]"))
    #expect(try KerasFile.model(other, compile: false, engine: ReferenceEngine()).optimizer == nil)
  }

  @Test("of the file are errors")
  func files() throws {
    #expect(
      message { try Model.load(from: "/nowhere/m.keras") } == """
        error: /nowhere/m.keras cannot be read
          got   No such file or directory
        """)
    #expect(
      message { try load(Fixtures.data("small.h5")) } == """
        error: this is not a .keras file
          got   an HDF5 file
          in    m.keras
          help  save the model as .keras
        """)
    let zip = try ZipWriter()
    try zip.add("readme.txt", Data("no model".utf8))
    #expect(message { try load(zip.finish()) }.contains("the archive has no entry config.json"))
  }

  @Test("of layers without a name in files are found before anything is written")
  func unnamed() throws {
    final class Doubled: Layer {
      func call(_ x: Symbol, _ context: LayerContext) -> Symbol { x + x }
    }
    try withTemporaryFolder { folder in
      let path = folder + "/m.keras"
      let model = try Model(input: [4]) { Doubled() }
      #expect(message { try model.save(to: path) }.contains("no layer that files can name"))
      #expect(!Files.exists(path))
    }
  }
}

@Suite("Files written whole or not at all")
struct WholeFileTests {
  private let old = Data("old".utf8), new = Data(repeating: 7, count: 100_000)

  @Test("replace what was there, keep its permissions, and follow links")
  func replaced() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/file", link = folder + "/link"
      try Files.write(old, to: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
      try Files.write(new, to: link)
      #expect(try Files.contents(of: path) == new)
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["file", "link"])
    }
  }

  @Test("stay as they were when there is no space, and nothing is left beside them")
  func noSpace() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/file"
      try Files.write(old, to: path)
      var calls = 0
      let text = message {
        try Files.write(new, to: path) { file, bytes, count in
          calls += 1
          if calls == 1 {
            errno = EINTR
            return -1
          }
          if calls == 2 { return write(file, bytes, count / 2) }
          errno = ENOSPC
          return -1
        }
      }
      #expect(
        text == """
          error: \(path) cannot be written
            got   No space left on device
            help  make 100000 bytes of space in \(folder), or write elsewhere
          """)
      #expect(calls == 3)
      #expect(try Files.contents(of: path) == old)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  @Test("are errors where they cannot be")
  func refused() throws {
    try withTemporaryFolder { folder in
      #expect(
        message { try Files.write(new, to: folder + "/none/file") } == """
          error: \(folder)/none/file cannot be written
            got   No such file or directory
            help  make the folder \(folder)/none first
          """)
      #expect(message { try Files.write(new, to: folder) }.contains("a folder"))
      #expect(message { try Files.write(new, to: "/dev/null") }.contains("a device or a pipe"))
      guard geteuid() != 0 else { return }  // the superuser may write anywhere
      try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder)
      defer {
        try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
      }
      #expect(message { try Files.write(new, to: folder + "/file") }.contains("permissions of"))
    }
  }
}
