import NeuralNetworks
import Strata
import TensorGraph
import TestKit
import Testing

@Suite("What layers that move parts of images draw")
struct PreprocessingImagesDrawsTests {
  private func draws(
    _ layer: any RandomAugmentation, _ shape: Shape = [2000, 3, 4, 1]
  ) throws -> [[Double]] {
    try Drawing(layer).outputs(
      for: [Tensor(zeros: TensorType(.float32, shape))], isTraining: true, random: (3, 4),
      engine: CPUEngine()
    ).map(\.numbers)
  }

  @Test("Numbers fill their range")
  func ranges() throws {
    let turn = 2 * Double.pi
    let table: [(layer: any RandomAugmentation, ends: [ClosedRange<Double>])] = [
      (RandomRotation(0.5), [-0.5 * turn...0.5 * turn]),
      (RandomRotation([-0.25, 1]), [-0.25 * turn...turn]),
      (RandomZoom(0.5), [0.5...1.5, 0.5...1.5]),
      (RandomZoom([0.1, 0.2], -0.3), [1.1...1.2, 0.7...1.3]),
      (RandomTranslation(0.5, [0.25, 0.5]), [1...2, -1.5...1.5]),
      (RandomShear(0.5, [0, 0.25]), [-0.5...0.5, -0.25...0.25]),
    ]
    for (layer, ends) in table {
      let drawn = try draws(layer)
      #expect(drawn.count == ends.count && drawn.count == layer.drawnCount)
      for (numbers, range) in zip(drawn, ends) {
        let slack = 0.01 * (range.upperBound - range.lowerBound)
        let low = numbers.min() ?? .nan, high = numbers.max() ?? .nan
        #expect(numbers.count == 2000)
        #expect(range.lowerBound - 1e-5 <= low && low <= range.lowerBound + slack)
        #expect(range.upperBound - slack <= high && high <= range.upperBound + 1e-5)
      }
    }
  }

  @Test("Zooms of one factor keep the shape, those of two do not")
  func zooms() throws {
    let one = try draws(RandomZoom(0.5)), two = try draws(RandomZoom(0.5, 0.5))
    #expect(one[0] == one[1])
    #expect(two[0] != two[1])
  }

  @Test("Choices have their probability")
  func probabilities() throws {
    func share(_ layer: any RandomAugmentation) throws -> Double {
      try draws(layer)[0].reduce(0, +) / 2000
    }
    #expect(try (share(RandomFlip()) - 0.5).magnitude < 0.04)
    #expect(try (share(RandomPerspective(1)) - 0.5).magnitude < 0.04)
    #expect(try (share(RandomErasing([0.8, 0.8])) - 0.8).magnitude < 0.04)
    #expect(try share(RandomGaussianBlur([1, 1])) == 1)
    #expect(try share(RandomElasticTransform([0, 0.001])) <= 0.002 * 2000)
  }

  @Test("Every place to cut at is drawn, and none outside")
  func crops() throws {
    var rows: Set<Double> = [], columns: Set<Double> = []
    for seed in 0..<60 {
      let drawn = try Drawing(RandomCrop(3, 4)).outputs(
        for: [Tensor(zeros: TensorType(.float32, [2, 6, 6, 1]))], isTraining: true,
        random: (UInt64(seed), 0), engine: CPUEngine()
      ).map(\.numbers)
      #expect(drawn.map(\.count) == [1, 1])
      rows.insert(drawn[0][0])
      columns.insert(drawn[1][0])
    }
    #expect(rows == [0, 1, 2, 3] && columns == [0, 1, 2])
    #expect(try draws(RandomCrop(3, 4), [2, 3, 9, 1]).isEmpty)
  }

  @Test("Rectangles lie in the image and have their size")
  func rectangles() throws {
    let drawn = try draws(RandomErasing(scale: [0.04, 0.25], fillValue: 0), [2000, 10, 20, 1])
    #expect(drawn.count == 3)
    for image in 0..<2000 {
      for (axis, size) in [(0, 20.0), (1, 10.0)] {
        let start = drawn[1][2 * image + axis], length = drawn[2][2 * image + axis]
        #expect(start >= 0 && start + length <= size + 1e-4)
        #expect(length >= 0.2 * size - 1e-4 && length <= 0.5 * size + 1e-4)
      }
    }
  }

  @Test("Corners are moved by their share")
  func corners() throws {
    let points = try draws(RandomPerspective(scale: 0.5), [2000, 11, 21, 1])[1]
    for image in 0..<2000 {
      let own = Array(points[image * 8..<image * 8 + 8])
      #expect(own[0] == 0 && own[1] == 0 && own[3] == 0 && own[4] == 0)
      #expect((own[2] - 20).magnitude <= 5 && (own[6] - 20).magnitude <= 5)
      #expect((own[5] - 10).magnitude <= 2.5 && (own[7] - 10).magnitude <= 2.5)
    }
  }
}

/// What a layer draws for images of the shape of the input.
private final class Drawing: MultiInputLayer {
  let layer: any RandomAugmentation

  init(_ layer: any RandomAugmentation) { self.layer = layer }

  func call(_ inputs: [Symbol], _ context: LayerContext) -> [Symbol] {
    layer.drawn(for: inputs[0].shape, context)
  }
}
