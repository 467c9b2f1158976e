import TensorGraph

extension NetworkConfiguration {
  /// Every mistake in the layers that `object`, a network, describes, in their order.
  package static func mistakes(
    in object: JSONValue, registry: LayerRegistry
  ) -> [ConfigurationError] {
    NetworkReader(registry: registry).mistakes(in: object)
  }
}

extension NetworkReader {
  /// Every mistake in `network` and in the networks in it, as far as layers have them by themselves.
  func mistakes(in network: JSONValue) -> [ConfigurationError] {
    var found: [ConfigurationError] = []
    var waiting = [(object: network, depth: 0)]
    while let (object, depth) = waiting.popLast() {
      guard depth < 64, let className = object["class_name"]?.string else { continue }
      if className == "InputLayer" { continue }
      let name = object["config"]?["name"]?.string ?? object["name"]?.string
      if FileOperation.isOne(object) {
        let operation = FileOperation(object)
        if operation.isOfTensorFlow, !operation.isKnown { found.append(operation.unsupported) }
        continue
      }
      let inner = Self.inner(of: object)
      waiting += inner.reversed().map { ($0, depth + 1) }
      if isNetwork(object) { continue }
      if !registry.knows(object) {
        var mistake = ConfigurationError("there is no layer \(className)", layer: name)
        mistake.unknown = className
        found.append(mistake)
      } else if inner.isEmpty {
        do throws(ConfigurationError) {
          _ = try registry.layer(object)
        } catch {
          var mistake = error
          mistake.layer = mistake.layer ?? name
          found.append(mistake)
        }
      }
    }
    return found
  }

  /// The layers in a network or in a layer.
  private static func inner(of object: JSONValue) -> [JSONValue] {
    let config = object["config"]
    let lists = config?.array ?? (config?["layers"]?.array ?? []) + (config?["cells"]?.array ?? [])
    return (lists + ["layer", "backward_layer", "cell"].compactMap { config?[$0] }).filter {
      $0["class_name"]?.string != nil
    }
  }
}
