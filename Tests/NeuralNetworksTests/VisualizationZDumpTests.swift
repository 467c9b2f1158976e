import Foundation
import Strata
import Testing
@Suite struct VisualizationZDump {
  @Test func dump() throws {
    let dir = "/tmp/strata/pics/"
    try FileManager.default.createDirectory(atPath: dir, withIntermediateDirectories: true)
    func w(_ n: String, _ s: String) throws { try s.write(toFile: dir + n + ".svg", atomically: true, encoding: .utf8) }
    let small = try Model(input: [3], name: "first_network", seed: 4) {
      Dense(4, activation: .relu, biasInitializer: .randomNormal(), name: "hidden")
      Dense(3, activation: .softmax, name: "output")
    }
    try w("small", small.plot(inputNames: ["weight", "height", "ears"], outputNames: ["cat", "dog", "human"]))
    try w("small_x", small.plot(sample: Tensor([3], [0.9, -0.4, 0.1] as [Float]), inputNames: ["weight", "height", "ears"], outputNames: ["cat", "dog", "human"]))
    let iris = try Model(input: [4], name: "iris") {
      Dense(128, activation: .relu)
      Dense(3, activation: .softmax)
    }
    try w("iris", iris.plot(sample: Tensor([4], [5.1, 3.5, 1.4, 0.2] as [Float]), inputNames: ["sepal length", "sepal width", "petal length", "petal width"], outputNames: ["setosa", "versicolor", "virginica"]))
    let mlp = try Model(input: [28, 28], dtype: .uint8, name: "mlp") {
      Rescaling(1 / 255.0)
      Flatten()
      Dense(128, activation: .relu)
      Dropout(0.2)
      Dense(10, activation: .softmax)
    }
    try w("mlp", mlp.plot(outputNames: ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]))
    let cnn = try Model(input: [28, 28, 1], name: "cnn") {
      Conv2D(32, kernelSize: 3, activation: .relu)
      MaxPooling2D()
      Conv2D(64, kernelSize: 3, activation: .relu)
      MaxPooling2D()
      Flatten()
      Dropout(0.5)
      Dense(10, activation: .softmax)
    }
    try w("cnn", cnn.plot())
    let a = Input([4], name: "a"), b = Input([4], name: "b"), shared = Dense(8)
    let (u, v) = (shared(a), shared(b))
    let j = Concatenate()([u, v, a])
    let o = Dense(3)(Add()([Dense(8)(j), u]))
    try w("fun", Model(inputs: [a, b], outputs: [o, Dense(1)(v)]).plot())
  }
}
