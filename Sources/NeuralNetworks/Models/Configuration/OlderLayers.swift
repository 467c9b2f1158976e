import TensorGraph

/// What Keras 1 and 2 call layers and hyperparameters, and what Keras 3 calls them.
enum OlderLayers {
  /// The class and the hyperparameters under the names of today.
  static func current(_ className: String, _ config: JSONValue) -> (String, JSONValue) {
    guard var members = config.object else { return (className, config) }
    var name = classNames[className] ?? className
    if name == "Merge" { name = merging(&members) }
    renameFirst(&members, of: name)
    adjust(&members, className, as: name)
    return (name, .object(members))
  }

  private static let classNames: [String: String] = {
    var names = [
      // What Keras itself calls its class.
      "GroupedQueryAttention": "GroupQueryAttention", "AtrousConvolution1D": "Conv1D",
      "AtrousConvolution2D": "Conv2D",
      "BatchNormalizationV1": "BatchNormalization", "BatchNormalizationV2": "BatchNormalization",
      "CuDNNGRU": "GRU", "CuDNNLSTM": "LSTM", "Deconvolution2D": "Conv2DTranspose",
      "Deconvolution3D": "Conv3DTranspose", "GRUV1": "GRU", "GRUV2": "GRU", "LSTMV1": "LSTM",
      "LSTMV2": "LSTM", "SyncBatchNormalization": "BatchNormalization", "ThresholdedReLU": "ReLU",
    ]
    for axes in ["1D", "2D", "3D"] {
      names["Convolution" + axes] = "Conv" + axes
      names["Convolution\(axes)Transpose"] = "Conv\(axes)Transpose"
      names["SeparableConvolution" + axes] = "SeparableConv" + axes
      for global in ["", "Global"] {
        names["\(global)MaxPool\(axes)"] = "\(global)MaxPooling\(axes)"
        names["\(global)AvgPool\(axes)"] = "\(global)AveragePooling\(axes)"
      }
    }
    return names
  }()

  /// The layer that a Merge of Keras 1 is, by its mode.
  private static func merging(_ config: inout [String: JSONValue]) -> String {
    let mode = config["mode"]?.string ?? ""
    let axis = config["concat_axis"], dotAxes = config["dot_axes"]
    let kept = config.filter { ["name", "trainable", "dtype"].contains($0.key) }
    switch mode {
    case "sum", "mul", "ave", "max":
      config = kept
      return ["sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum"][mode] ?? "Merge"
    case "concat":
      config = kept.merging(["axis": axis ?? -1]) { $1 }
      return "Concatenate"
    case "dot", "cos":
      config = kept.merging(["axes": dotAxes ?? -1, "normalize": .bool(mode == "cos")]) { $1 }
      return "Dot"
    default: return "Merge"
    }
  }

  /// Renames the hyperparameters of Keras 1.
  private static func renameFirst(_ config: inout [String: JSONValue], of className: String) {
    let isEmbedding = className.hasSuffix("Embedding")
    let kernel = isEmbedding ? "embeddings" : "kernel"
    var names = [
      "init": className == "PReLU" ? "alpha_initializer" : kernel + "_initializer",
      "inner_init": "recurrent_initializer", "gamma_init": "gamma_initializer",
      "beta_init": "beta_initializer", "W_regularizer": kernel + "_regularizer",
      "U_regularizer": "recurrent_regularizer", "b_regularizer": "bias_regularizer",
      "W_constraint": kernel + "_constraint", "b_constraint": "bias_constraint",
      "inner_activation": "recurrent_activation", "dropout_W": "dropout",
      "dropout_U": "recurrent_dropout", "nb_filter": "filters", "filter_length": "kernel_size",
      "subsample": "strides", "subsample_length": "strides", "border_mode": "padding",
      "atrous_rate": "dilation_rate", "p": "rate", "pool_length": "pool_size",
      "dim_ordering": "data_format",
    ]
    if !isEmbedding { names["output_dim"] = "units" }
    if className == "GaussianNoise" { names["sigma"] = "stddev" }
    if className.hasSuffix("Pooling1D") { names["stride"] = "strides" }
    if className == "UpSampling1D" { names["length"] = "size" }
    if className == "Discretization" { names["bins"] = "bin_boundaries" }
    for (older, name) in names {
      guard let value = config[older], config[name] == nil else { continue }
      config[older] = nil
      config[name] = value
    }
    // A Bidirectional has an `output_dim` of nothing, and Dense no `bias` that is a number.
    if case .bool? = config["bias"], config["use_bias"] == nil {
      config["use_bias"] = config.removeValue(forKey: "bias")
    }
    for sizes in [["nb_row", "nb_col"], ["kernel_dim1", "kernel_dim2", "kernel_dim3"]] {
      let values = sizes.compactMap { config[$0] }
      guard values.count == sizes.count else { continue }
      for size in sizes { config[size] = nil }
      config["kernel_size"] = .array(values)
    }
    switch config["data_format"]?.string {
    case "tf": config["data_format"] = "channels_last"
    case "th": config["data_format"] = "channels_first"
    case "default": config["data_format"] = .null
    default: break
    }
    if config.removeValue(forKey: "forget_bias_init")?.string == "zero" {
      config["unit_forget_bias"] = false
    }
    config["consume_less"] = nil
    for (key, value) in config where key.hasSuffix("_regularizer") {
      guard let members = value.object, members["class_name"] == nil else { continue }
      config[key] = [
        "class_name": "L1L2", "config": .object(members.filter { ["l1", "l2"].contains($0.key) }),
      ]
    }
  }

  /// Settles what older layers of the class say otherwise, and drops what follows from the rest.
  private static func adjust(
    _ config: inout [String: JSONValue], _ older: String, as className: String
  ) {
    func drop(_ keys: String...) { for key in keys { config[key] = nil } }
    if !className.hasSuffix("Embedding") { drop("input_dim") }
    switch className {
    case "BatchNormalization":
      if let axes = config["axis"]?.array, axes.count == 1 { config["axis"] = axes[0] }
      if config["mode"] == 0 || config["mode"] == 2 { drop("mode") }
      if config["renorm"] != .bool(true) { drop("renorm_clipping", "renorm_momentum") }
    case "GRU" where older == "CuDNNGRU": config["reset_after"] = true
    case "GRU", "GRUCell":
      // The first GRUs resets before their product, and do not say so.
      if config["reset_after"] == nil, config["implementation"] != nil {
        config["reset_after"] = false
      }
    case "Embedding":
      drop("input_length")
      if config["dropout"] == 0 || config["dropout"] == 0.0 { drop("dropout") }
      if ["int32", "int64"].contains(config["dtype"]?.string) { drop("dtype") }
    case "ReLU" where older == "ThresholdedReLU":
      config["threshold"] = config.removeValue(forKey: "theta") ?? 1
    case "DepthwiseConv1D", "DepthwiseConv2D":
      drop("filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint")
    case "SeparableConv1D", "SeparableConv2D":
      drop("kernel_initializer", "kernel_regularizer", "kernel_constraint")
    case "MultiHeadAttention": drop("query_shape", "key_shape", "value_shape")
    case "Bidirectional", "TimeDistributed": drop("num_constants", "input_num_constants")
    default: break
    }
    let hasGroups = ["Conv1D", "Conv2D", "Conv3D"].contains(className)
    if !hasGroups, className.contains("Conv"), config["groups"] == 1 { drop("groups") }
    if className.contains("Conv") { drop("rank") }
    if config["causal"] == .bool(false) { drop("causal") }
  }
}
