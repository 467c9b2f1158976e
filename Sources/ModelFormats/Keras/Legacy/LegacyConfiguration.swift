import NeuralNetworks

/// The configurations of Keras's older files, made of those of `.keras` files.
enum LegacyConfiguration {
  /// A network or a layer: a class and its hyperparameters.
  ///
  /// Layers within other layers stay as they are, and so do those that Keras gets wrong when it
  /// reads the older form: with a list for an axis, which it loses, or with a word such as `dot`,
  /// which it takes for a function of its own.
  static func network(_ object: JSONValue) -> JSONValue {
    guard var members = object.object, var config = members["config"]?.object else { return object }
    let isNetwork = ["Sequential", "Functional"].contains(members["class_name"]?.string)
    if isNetwork, let layers = config["layers"]?.array {
      config["layers"] = .array(layers.map(network))
      members["config"] = .object(config)
    } else if config["axis"]?.array != nil
      || config.contains(where: { $0 != "name" && functions.contains($1.string ?? "") })
    {
      return object
    }
    if let name = members["registered_name"]?.string, name.contains(">") {
      members["class_name"] = .string(name)
    }
    if members["class_name"] == "GroupQueryAttention" {  // exported by Keras under another name
      members["class_name"] = "GroupedQueryAttention"
    }
    for key in ["module", "registered_name", "build_config"] { members[key] = nil }
    return .object(members)
  }

  /// The functions that Keras has beside its layers.
  private static let functions: Set<String> = [
    "add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract",
    "deserialize", "serialize",
  ]

  /// How a model was compiled: the optimizer is apart.
  static func training(_ settings: JSONValue) -> JSONValue {
    var members = settings.object ?? [:]
    let optimizer = members.removeValue(forKey: "optimizer") ?? .null
    members["optimizer_config"] = [
      "class_name": optimizer["class_name"] ?? .null, "config": optimizer["config"] ?? [:],
    ]
    return .object(members)
  }
}
