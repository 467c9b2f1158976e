import Foundation
import ModelFormats
import Strata
import Testing

/// Runs where `Scripts/golden/environment` has installed Keras; `make test` does that first.
@Suite(
  "Files that Strata wrote, in Keras", .enabled(if: Files.exists(KerasInPython.interpreter)))
struct KerasWritingTests {
  @Test("are loaded, predict, evaluate and hold the optimizer's variables alike")
  func inKeras() throws {
    var cases: [Written] = []
    for golden in KerasCase.all("keras_files") {
      let arrays = try golden.arrays()
      let model = try Model.load(from: golden.file("file"))
      let targets = golden.entry["targets"]?.object ?? [:]
      let names = targets.count > 1 ? model.structure.outputNames : Array(targets.keys)
      cases.append(
        Written(
          name: golden.name, model: model,
          inputs: try golden.names("inputs").map { try #require(arrays[$0]) },
          targets: try names.map { try #require(targets[$0]?.string.flatMap { arrays[$0] }) }))
    }
    for layer in try KerasInPython.layers() { cases.append(layer) }
    cases += try KerasInPython.colors() + KerasInPython.images()
    cases += [try trained(), try connected(), try branches()]
    cases += try KerasInPython.options() + KerasInPython.recurrentLayers()
    let classes = Set(cases.flatMap { $0.model.structure.layers.map(\.layer.className) })
    let unwritten = LayerRegistry.all.map { $0.className }.filter {
      !classes.contains($0) && !KerasInPython.elsewhere.contains($0)
    }
    #expect(unwritten.isEmpty)

    // Every model in a file of today and in one of the older form, which Keras then writes again.
    let files =
      cases.map { ($0, "keras") }
      + cases.filter { !Self.notInOlderFiles.contains($0.name) }.map { ($0, "h5") }
    try withTemporaryFolder { folder in
      var list: [JSONValue] = []
      for (index, (written, ending)) in files.enumerated() {
        func save(_ tensors: [Tensor], _ kind: String) throws -> JSONValue {
          .array(
            try tensors.enumerated().map { place, tensor in
              let file = "\(index).\(kind).\(place).npy"
              try Files.write(NumPy.data(tensor), to: "\(folder)/\(file)")
              return .string(file)
            })
        }
        try written.model.save(to: "\(folder)/\(index).\(ending)")
        list.append([
          "model": .string("\(index).\(ending)"),
          "resave": .string("\(index).again.\(ending)"), "inputs": try save(written.inputs, "x"),
          "targets": .object(
            Dictionary(
              zip(
                written.model.structure.outputNames,
                try save(written.targets, "y").array ?? []), uniquingKeysWith: { $1 })),
        ])
      }
      let results = try KerasInPython.run(list, in: folder)
      #expect(results.count == files.count)
      for (index, ((written, ending), result)) in zip(files, results).enumerated() {
        var named = written
        named.name += " in .\(ending)"
        try compare(named, result, folder)
        guard result["error"] == nil, result["unsaved"] == nil else {
          #expect(result["unsaved"] == nil || ending == "h5", "\(named.name)")
          continue
        }
        if written.name == "stateful" { continue }  // Keras writes the states it has come to
        let again = try Model.load(from: "\(folder)/\(index).again.\(ending)")
        // A layer in a layer may be called otherwise.
        #expect(again.weights.values == written.model.weights.values, "\(named.name)")
        #expect(try again.predict(written.inputs) == written.model.predict(written.inputs))
      }
    }
  }

  /// The models that Keras itself cannot read in its older form of files: those with weights in
  /// `bfloat16`, which it leaves as bytes.
  private static let notInOlderFiles: Set<String> = ["typed"]

  private func compare(_ written: Written, _ result: JSONValue, _ folder: String) throws {
    let (name, model) = (written.name, written.model)
    #expect(result["error"] == nil, "\(name)")
    #expect(result["warnings"] == [], "\(name)")
    #expect(result["frozen"] == .array(written.frozen.map(JSONValue.string)), "\(name)")
    func arrays(_ key: String) throws -> [Tensor] {
      try (result[key]?.array ?? []).compactMap(\.string).map {
        try NumPy.array(path: "\(folder)/\($0)")
      }
    }
    model.resetStates()
    let outputs = try model.predict(written.inputs), theirs = try arrays("outputs")
    #expect(outputs.count == theirs.count, "\(name)")
    for (ours, theirs) in zip(outputs, theirs) {
      #expect(largestDifference(ours, theirs) < written.tolerance, "\(name)")
    }
    if let optimizer = OptimizerLayout(model, try WeightLayout(model)) {
      // Keras 3 begins the optimizer of an older file anew: it asks a network for its own weights,
      // of which it has none, when it makes the variables.
      let isOlder = name.hasSuffix(".h5")
      let ours = optimizer.values(of: model), theirs = try isOlder ? [] : arrays("optimizer")
      #expect(isOlder || ours.count == theirs.count, "\(name)")
      for (ours, theirs) in zip(ours, theirs) {
        #expect(ours == theirs.cast(to: ours.dtype), "\(name)")
      }
      guard !written.targets.isEmpty else { return }
      let logs = try model.evaluate(
        TrainingData(inputs: written.inputs, targets: written.targets))
      let evaluation = result["evaluation"]?.object ?? [:]
      #expect(Set(logs.keys) == Set(evaluation.keys), "\(name)")
      for (key, value) in logs {
        let expected = try #require(evaluation[key]?.number)
        #expect(
          (value - expected).magnitude < 10 * written.tolerance * max(1, expected.magnitude),
          "\(name) \(key)")
      }
    }
  }

  /// A model that was compiled and trained, with a frozen layer.
  private func trained() throws -> Written {
    let model = try Model(input: [6, 6, 2], name: "trained", seed: 3) {
      Conv2D(4, kernelSize: 3, activation: .relu)
      BatchNormalization()
      Dropout(0.25)
      Flatten()
      Dense(5)
      Dense(3, activation: .softmax)
    }
    try model.freeze("dense")
    try model.compile(
      optimizer: .sgd(learningRate: 0.05, momentum: 0.9, nesterov: true),
      loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    let x = KerasInPython.numbers([16, 6, 6, 2])
    let y = Tensor([16], (0..<16).map { Int32($0 % 3) })
    try model.fit(x, y, batchSize: 8, epochs: 3, verbose: .silent)
    return Written(
      name: "trained", model: model, inputs: [x], targets: [y], frozen: ["dense"])
  }

  /// Two inputs, two outputs, a layer used twice, and models in models.
  private func connected() throws -> Written {
    let a = Input([5], name: "left"), b = Input([5], name: "right")
    let shared = Dense(4, activation: .tanh, name: "shared")
    let inner = Input([4])
    let functional = Functional(
      inputs: [inner], outputs: [Add()(Dense(4)(inner), inner)], name: "residual")
    let joined = Concatenate()(functional(shared(a)), shared(b))
    let sequential = Sequential(name: "head") {
      Dense(6, activation: .gelu)
      LayerNormalization()
    }
    let features = sequential(joined)
    let model = try Model(
      inputs: [a, b],
      outputs: [
        Dense(3, activation: .softmax, name: "kind")(features), Dense(1, name: "size")(features),
      ],
      name: "connected", seed: 5)
    try model.compile(
      optimizer: .adamW(learningRate: 0.01),
      losses: ["kind": .sparseCategoricalCrossentropy, "size": .meanSquaredError],
      metrics: ["kind": [.accuracy]], lossWeights: ["size": 0.5])
    let inputs = [KerasInPython.numbers([12, 5]), KerasInPython.numbers([12, 5], from: 7)]
    let targets = [
      Tensor([12], (0..<12).map { Int32($0 % 3) }), KerasInPython.numbers([12, 1], from: 3),
    ]
    try model.fit(
      TrainingData(inputs: inputs, targets: targets), batchSize: 4, epochs: 2, verbose: .silent)
    return Written(name: "connected", model: model, inputs: inputs, targets: targets)
  }

  /// Two branches, of which Keras thinks the masked one longer than it is.
  private func branches() throws -> Written {
    let x = Input([5, 3], name: "x")
    let masked = LSTM(2, name: "read_a")(Masking(name: "skip")(Dense(3, name: "a")(x)))
    let plain = LSTM(2, name: "read_b")(Identity(name: "pass")(Dense(3, name: "b")(x)))
    let model = try Model(inputs: x, outputs: Add()(plain, masked), seed: 4)
    return Written(name: "branches", model: model, inputs: [KerasInPython.numbers([2, 5, 3])])
  }
}
