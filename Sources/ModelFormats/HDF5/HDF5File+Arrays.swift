import NeuralNetworks
import TensorGraph

extension HDF5File {
  /// The array at `path`. 16-bit integers become `int32`, unsigned ones of more bits `int64`.
  ///
  /// Throws when there is none, its elements are no numbers, or it declares more bytes than the
  /// file can hold.
  public func tensor(_ path: String) throws(FormatError) -> Tensor {
    try reading(path) { source throws(FormatError) in
      let header = try open(path, &source)
      guard header.kind == .dataset, let typeMessage = header[.datatype],
        let spaceMessage = header[.dataspace]
      else {
        throw FormatError("this is not an array but a group")
      }
      let (type, isBigEndian) = try Self.elements(HDF5.Datatype(typeMessage), of: header, &source)
      guard !spaceMessage.isShared, let dims = try HDF5.Dataspace(spaceMessage.body).dims else {
        throw FormatError("the shape of the array cannot be read")
      }
      guard let count = elementCount(dims, itemSize: type.byteCount) else {
        throw Self.tooLarge(dims)
      }
      let storage = try HDF5.Storage(
        header, dims, itemSize: type.byteCount, byteCount: count * type.byteCount, &source)
      return try type.tensor(Shape(dims)) { bytes throws(FormatError) in
        guard count > 0 else { return }
        try storage.read(into: bytes)
        if isBigEndian { swapByteOrder(bytes, itemSize: type.byteCount) }
      }
    }
  }

  private static func elements(
    _ type: HDF5.Datatype, of header: HDF5.ObjectHeader, _ source: inout HDF5.Source
  ) throws(FormatError) -> (StoredType, isBigEndian: Bool) {
    switch type {
    case .number(let type, let isBigEndian): return (type, isBigEndian)
    case .opaquePair:
      var heap = HDF5.GlobalHeap()
      let meaning = try HDF5.Attribute.all(of: header).first { $0.name == "dtype" }
      guard try meaning?.strings(&heap, &source) == ["bfloat16"] else {
        throw FormatError("the elements of the array are bytes without meaning")
      }
      return (.same(.bfloat16), false)
    default: throw FormatError("the elements of the array are no numbers that can be read")
    }
  }

  static func tooLarge(_ dims: [Int]) -> FormatError {
    FormatError("the array declares more bytes than the file can hold", got: "\(Shape(dims))")
  }
}
