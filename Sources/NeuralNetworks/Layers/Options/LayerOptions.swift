import TensorGraph

/// What any layer can be given beside its own hyperparameters, by Keras's names.
///
///     Dense(64, options: [.kernelRegularizer(.l2(1e-4)), .trainable(false)])
///
/// No layer looks at them: names, penalties, constraints, element types and the order of axes are
/// applied from outside, where a layer is called and where its weights are declared.
public struct LayerOptions: Sendable, Hashable {
  /// The name given by the user.
  public internal(set) var name: String?
  /// Whether training moves the weights.
  public internal(set) var isTrainable = true
  /// The element types; without them, those of the layer around this one.
  public internal(set) var dtype: DTypePolicy?
  /// Where the channels are, for layers over images.
  public internal(set) var dataFormat: DataFormat?
  /// What the layer's random numbers follow from; without it, the seed of the model.
  public internal(set) var seed: Int?
  /// The penalty on what the layer gives.
  public internal(set) var activityRegularizer: Regularizer?
  /// The penalties on weights, by Keras's word for the weight: `kernel`, `recurrent`, …
  public internal(set) var regularizers: [String: Regularizer] = [:]
  /// What weights are held to, by Keras's word for the weight.
  public internal(set) var constraints: [String: Constraint] = [:]

  /// Creates the options in `options`.
  public init(_ options: [LayerOption] = []) {
    for option in options { option.apply(&self) }
  }

  /// Creates `options` for a layer of this name.
  init(_ name: String?, _ options: LayerOptions) {
    self = options
    self.name = name ?? options.name
  }

  /// The weights that penalties or constraints are for, by Keras's words.
  var roles: Set<String> { Set(regularizers.keys).union(constraints.keys) }

  /// What is wrong with a penalty, if anything is.
  var mistake: String? {
    ([activityRegularizer].compactMap(\.self) + regularizers.values).compactMap(\.mistake).min()
  }

  /// Keras's word for the weight at `path` in hyperparameters: `kernel` for `query/kernel`, and
  /// `recurrent` for `recurrent_kernel`.
  static func role(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix("_kernel") ? String(name.dropLast("_kernel".count)) : name
  }
}

extension LayerOptions: ExpressibleByArrayLiteral {
  public init(arrayLiteral options: LayerOption...) { self.init(options) }
}

/// One of the options of a layer.
public struct LayerOption: Sendable {
  let apply: @Sendable (inout LayerOptions) -> Void

  /// Whether training moves the weights.
  public static func trainable(_ isTrainable: Bool) -> LayerOption {
    LayerOption { $0.isTrainable = isTrainable }
  }
  /// The element types of weights and of the computation.
  public static func dtype(_ policy: DTypePolicy) -> LayerOption {
    LayerOption { $0.dtype = policy }
  }
  /// Where the channels of images are.
  public static func dataFormat(_ format: DataFormat) -> LayerOption {
    LayerOption { $0.dataFormat = format }
  }
  /// What the layer's random numbers follow from.
  public static func seed(_ seed: Int) -> LayerOption { LayerOption { $0.seed = seed } }
  /// The penalty on what the layer gives.
  public static func activityRegularizer(_ regularizer: Regularizer) -> LayerOption {
    LayerOption { $0.activityRegularizer = regularizer }
  }

  /// The penalty on the weight `name`, such as one of a layer of your own.
  public static func regularizer(_ name: String, _ r: Regularizer) -> LayerOption {
    LayerOption { $0.regularizers[LayerOptions.role(of: name)] = r }
  }
  /// What the weight `name`, such as one of a layer of your own, is held to.
  public static func constraint(_ name: String, _ c: Constraint) -> LayerOption {
    LayerOption { $0.constraints[LayerOptions.role(of: name)] = c }
  }

  /// The penalty on `kernel`.
  public static func kernelRegularizer(_ r: Regularizer) -> LayerOption {
    regularizer("kernel", r)
  }
  /// The penalty on `bias`.
  public static func biasRegularizer(_ r: Regularizer) -> LayerOption { regularizer("bias", r) }
  /// The penalty on `recurrent_kernel`.
  public static func recurrentRegularizer(_ r: Regularizer) -> LayerOption {
    regularizer("recurrent", r)
  }
  /// The penalty on `embeddings`.
  public static func embeddingsRegularizer(_ r: Regularizer) -> LayerOption {
    regularizer("embeddings", r)
  }
  /// The penalty on `depthwise_kernel`.
  public static func depthwiseRegularizer(_ r: Regularizer) -> LayerOption {
    regularizer("depthwise", r)
  }
  /// The penalty on `pointwise_kernel`.
  public static func pointwiseRegularizer(_ r: Regularizer) -> LayerOption {
    regularizer("pointwise", r)
  }
  /// The penalty on `gamma`.
  public static func gammaRegularizer(_ r: Regularizer) -> LayerOption { regularizer("gamma", r) }
  /// The penalty on `beta`.
  public static func betaRegularizer(_ r: Regularizer) -> LayerOption { regularizer("beta", r) }
  /// The penalty on `alpha`.
  public static func alphaRegularizer(_ r: Regularizer) -> LayerOption { regularizer("alpha", r) }

  /// What `kernel` is held to.
  public static func kernelConstraint(_ c: Constraint) -> LayerOption { constraint("kernel", c) }
  /// What `bias` is held to.
  public static func biasConstraint(_ c: Constraint) -> LayerOption { constraint("bias", c) }
  /// What `recurrent_kernel` is held to.
  public static func recurrentConstraint(_ c: Constraint) -> LayerOption {
    constraint("recurrent", c)
  }
  /// What `embeddings` is held to.
  public static func embeddingsConstraint(_ c: Constraint) -> LayerOption {
    constraint("embeddings", c)
  }
  /// What `depthwise_kernel` is held to.
  public static func depthwiseConstraint(_ c: Constraint) -> LayerOption {
    constraint("depthwise", c)
  }
  /// What `pointwise_kernel` is held to.
  public static func pointwiseConstraint(_ c: Constraint) -> LayerOption {
    constraint("pointwise", c)
  }
  /// What `gamma` is held to.
  public static func gammaConstraint(_ c: Constraint) -> LayerOption { constraint("gamma", c) }
  /// What `beta` is held to.
  public static func betaConstraint(_ c: Constraint) -> LayerOption { constraint("beta", c) }
  /// What `alpha` is held to.
  public static func alphaConstraint(_ c: Constraint) -> LayerOption { constraint("alpha", c) }
}
