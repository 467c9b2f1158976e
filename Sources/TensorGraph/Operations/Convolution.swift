/// The correlation of images with kernels, and its adjoints.
///
///     y[n, p, f] = Σ x[n, p · stride + t · dilation − low, i] · kernel[t, i, f]
///
/// The sum runs over taps `t` and the channels `i` of the group of `f`. It is linear in the
/// images and in the kernel, so the three parts are each other's gradients, to any order.
///
/// - Images: `[batch, spatial…, channels]`, with 1 to 3 spatial axes
/// - Kernel: `[spatial…, inputChannels / groups, filters]`
public struct Convolution: SingleResultOperation {
  /// Which of the three tensors is computed from the other two.
  public enum Part: Sendable, Hashable {
    /// `y` from `x` and the kernel.
    case output
    /// `dx`, of the given shape, from `dy` and the kernel: the transposed convolution.
    case inputGradient(Shape)
    /// The gradient of the kernel, of the given shape, from `x` and `dy`.
    case kernelGradient(Shape)
  }

  /// Which tensor is computed.
  public let part: Part
  /// The taps of the kernel, and how they move.
  public let window: Window
  /// Into how many groups the channels are cut; a group of filters sees one group of channels.
  public let groups: Int

  /// Creates the part of a convolution.
  public init(part: Part = .output, window: Window, groups: Int = 1) {
    self.part = part
    self.window = window
    self.groups = groups
  }

  /// This convolution with another part.
  private func with(_ part: Part) -> Convolution {
    Convolution(part: part, window: window, groups: groups)
  }

  public var name: String {
    let suffix =
      switch part {
      case .output: ""
      case .inputGradient: " input gradient"
      case .kernelGradient: " kernel gradient"
      }
    return "convolution" + suffix
  }

  /// The shapes of `x`, the kernel and `y` when the operands have the shapes `a` and `b`; the one
  /// that is computed is as stated, or empty when it follows from the others.
  private func roles(_ a: Shape, _ b: Shape) -> (x: Shape, kernel: Shape, y: Shape) {
    switch part {
    case .output: (a, b, [])
    case .inputGradient(let x): (x, b, a)
    case .kernelGradient(let kernel): (a, kernel, b)
    }
  }

  /// The shape of `y`, or why `x` and the kernel do not fit.
  private func outputShape(_ x: Shape, _ kernel: Shape) throws(ShapeError) -> Shape {
    guard (3...5).contains(x.rank) else {
      throw ShapeError(
        "convolution expects [batch, spatial…, channels] with 1 to 3 spatial axes, got \(x)")
    }
    guard kernel.rank == x.rank, Array(kernel.dims.dropLast(2)) == window.sizes else {
      throw ShapeError("the kernel \(kernel) does not fit an image \(x) with as many axes")
    }
    guard groups > 0, x[-1] % groups == 0, kernel[-1] % groups == 0 else {
      throw ShapeError(
        "\(x[-1]) channels and \(kernel[-1]) filters cannot be cut into \(groups) groups")
    }
    guard kernel[-2] == x[-1] / groups else {
      throw ShapeError(
        "the kernel \(kernel) takes \(kernel[-2]) channels\(groups == 1 ? "" : " a group"), "
          + "the image has \(x[-1] / groups)")
    }
    var y = try window.outputShape(x, noun: "kernel")
    y[-1] = kernel[-1]
    return y
  }

  public func resultType(_ x: [TensorType]) throws(ShapeError) -> TensorType {
    guard x[0].dtype == x[1].dtype, x[0].dtype.isFloatingPoint else {
      throw ShapeError(
        "convolution expects floating-point operands of one type", hint: "cast one of them")
    }
    let shapes = roles(x[0].shape, x[1].shape)
    let y = try outputShape(shapes.x, shapes.kernel)
    switch part {
    case .output: return TensorType(x[0].dtype, y)
    case .inputGradient(let shape), .kernelGradient(let shape):
      guard shapes.y == y else {
        throw ShapeError("\(name) expects an output gradient \(y), got \(shapes.y)")
      }
      return TensorType(x[0].dtype, shape)
    }
  }

  public func gradient(_ x: [Symbol], _ y: Symbol, _ dy: Symbol) -> [Symbol?] {
    let (a, b) = (x[0], x[1])
    func emit(_ part: Part, _ a: Symbol, _ b: Symbol) -> Symbol {
      y.trace.emit(with(part), [a, b])
    }
    return switch part {
    case .output:
      [emit(.inputGradient(a.shape), dy, b), emit(.kernelGradient(b.shape), a, dy)]
    case .inputGradient: [emit(.output, dy, b), emit(.kernelGradient(b.shape), dy, a)]
    case .kernelGradient: [emit(.inputGradient(a.shape), b, dy), emit(.output, a, dy)]
    }
  }

  public func evaluate(_ x: [ReferenceTensor], _ type: TensorType) -> ReferenceTensor {
    var shapes = roles(x[0].shape, x[1].shape)
    if part == .output { shapes.y = type.shape }
    let a = x[0].numbers, b = x[1].numbers
    var result = [Double](repeating: 0, count: type.shape.count)

    let spatial = shapes.x.spatial
    let (pixels, places) = (spatial.reduce(1, *), shapes.y.spatial.reduce(1, *))
    let (channels, filters) = (shapes.kernel[-2], shapes.y[-1])
    let filtersPerGroup = filters / groups
    for image in 0..<shapes.x[0] {
      window.forEachTap(on: spatial) { place, tap, pixel in
        for filter in 0..<filters {
          let group = filter / filtersPerGroup
          let atX = (image * pixels + pixel) * shapes.x[-1] + group * channels
          let atY = (image * places + place) * filters + filter
          for i in 0..<channels {
            let atKernel = (tap * channels + i) * filters + filter
            switch part {
            case .output: result[atY] += a[atX + i] * b[atKernel]
            case .inputGradient: result[atX + i] += a[atY] * b[atKernel]
            case .kernelGradient: result[atKernel] += a[atX + i] * b[atY]
            }
          }
        }
      }
    }
    return ReferenceTensor(type.shape, result)
  }
}
