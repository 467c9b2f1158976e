/// Where the mask of an output comes from, as far as Keras's order of layers depends on it.
///
/// In Keras a mask is computed by operations of its own, from what the layer that makes it is
/// given. A layer that takes the mask stands that many operations after it, which can put the
/// layers before in another order, and files count layers by that order.
struct MaskOrigin {
  /// The call that makes the mask.
  let call: LayerCall
  /// The number of operations between the inputs of that call and the mask.
  let length: Int

  /// The masks of the outputs of `calls`, each of which comes after those it needs.
  ///
  /// Masks that several are joined to, and those of models in models, are left out.
  static func all(of calls: [LayerCall]) -> [ObjectIdentifier: MaskOrigin] {
    var origins: [ObjectIdentifier: MaskOrigin] = [:]
    for call in calls {
      let given = call.inputs.first.flatMap { origins[ObjectIdentifier($0.call)] }
      origins[ObjectIdentifier(call)] =
        switch call.layer {
        case is Masking: MaskOrigin(call: call, length: 2)
        case let layer as Embedding where layer.maskZero: MaskOrigin(call: call, length: 1)
        case let layer as any RecurrentLayer: layer.returnSequences ? given : nil
        case let layer as Bidirectional: layer.layer.returnSequences ? given : nil
        case is any MultiHeadLayer, is TimeDistributed: given
        default: call.layer.masking == .passed && call.inputs.count == 1 ? given : nil
        }
    }
    return origins
  }

  /// Whether `layer` is given the masks of its inputs.
  static func isTaken(by layer: any Layer) -> Bool {
    layer is any RecurrentLayer || layer is Bidirectional || layer is TimeDistributed
      || layer is GlobalAveragePooling1D || layer is Softmax || layer is any Network
      || layer.takesMask
  }
}
