import CHDF5
import NeuralNetworks
import TensorGraph

extension HDF5File {
  /// The array at `path`. 16-bit integers become `int32`, unsigned ones of more bits `int64`.
  ///
  /// Throws when there is none, its elements are no numbers, or it declares more bytes than the
  /// file can hold.
  public func tensor(_ path: String) throws(FormatError) -> Tensor {
    try reading(path) { () throws(FormatError) in
      let dataset = try open(path)
      guard H5Iget_type(dataset.id) == H5I_DATASET else {
        throw FormatError("this is not an array but a group")
      }
      let fileType = try HDF5Handle(
        H5Dget_type(dataset.id), H5Tclose, orThrow: "the type of the array cannot be read")
      let space = try HDF5Handle(
        H5Dget_space(dataset.id), H5Sclose, orThrow: "the shape of the array cannot be read")
      let dims = try Self.dims(space.id)
      let type = try storedType(fileType.id, of: dataset.id)
      guard let count = elementCount(dims, itemSize: type.byteCount) else {
        throw Self.tooLarge(dims)
      }
      try checkStorage(of: dataset.id, dims, byteCount: count * type.byteCount)
      let memoryType = try HDF5Type.memory(type)
      return try type.tensor(Shape(dims)) { bytes throws(FormatError) in
        guard count > 0 else { return }
        try check(
          H5Dread(
            dataset.id, memoryType.id, hdf5_all(), hdf5_all(), hdf5_default(), bytes.baseAddress),
          "the array cannot be read")
      }
    }
  }

  private func storedType(
    _ fileType: hid_t, of dataset: hid_t
  ) throws(FormatError) -> StoredType {
    guard let type = HDF5Type.stored(fileType) else {
      throw FormatError("the elements of the array are no numbers that can be read")
    }
    if case .same(.bfloat16) = type {
      guard try strings("dtype", at: dataset) == ["bfloat16"] else {
        throw FormatError("the elements of the array are bytes without meaning")
      }
    }
    return type
  }

  static func dims(_ space: hid_t) throws(FormatError) -> [Int] {
    let rank = H5Sget_simple_extent_ndims(space)
    guard rank >= 0, rank <= 32, H5Sget_simple_extent_type(space) != H5S_NULL else {
      throw FormatError("the shape of the array cannot be read")
    }
    var sizes = [hsize_t](repeating: 0, count: Int(rank))
    if rank > 0, H5Sget_simple_extent_dims(space, &sizes, nil) < 0 {
      throw FormatError("the shape of the array cannot be read", got: HDF5Library.lastError)
    }
    var dims: [Int] = []
    for size in sizes {
      guard let dim = Int(exactly: size) else {
        throw FormatError("the array is too large", got: "an axis of \(size)")
      }
      dims.append(dim)
    }
    return dims
  }

  static func tooLarge(_ dims: [Int]) -> FormatError {
    FormatError("the array declares more bytes than the file can hold", got: "\(Shape(dims))")
  }

  /// Checks how the elements are kept, before anything is allocated for them.
  private func checkStorage(
    of dataset: hid_t, _ dims: [Int], byteCount size: Int
  ) throws(FormatError) {
    let plist = try HDF5Handle(
      H5Dget_create_plist(dataset), H5Pclose, orThrow: "the layout of the array cannot be read")
    guard H5Pget_external_count(plist.id) == 0 else {
      throw FormatError("the array is kept in another file")
    }
    var ratio = 1
    let filters = H5Pget_nfilters(plist.id)
    guard filters >= 0, filters <= 32 else {
      throw FormatError("the filters of the array cannot be read")
    }
    for index in 0..<UInt32(filters) {
      var (flags, count, config): (UInt32, Int, UInt32) = (0, 0, 0)
      let filter = H5Pget_filter2(plist.id, index, &flags, &count, nil, 0, nil, &config)
      switch filter {
      case 1: ratio = 1032  // deflate, at most
      case 2: break  // shuffle
      default:
        throw FormatError(
          "the array is compressed by a filter that is not supported", got: "filter \(filter)",
          hint: "save it without compression or with gzip")
      }
    }
    switch H5Pget_layout(plist.id) {
    case H5D_COMPACT, H5D_CONTIGUOUS:
      guard size <= byteCount else { throw Self.tooLarge(dims) }
    case H5D_CHUNKED:
      guard size / ratio <= byteCount, size <= 1 << 26 || size / 100 <= byteCount else {
        throw Self.tooLarge(dims)
      }
      // A chunk is read as a whole, even when the array is smaller.
      var chunk = [hsize_t](repeating: 0, count: dims.count)
      guard H5Pget_chunk(plist.id, Int32(dims.count), &chunk) == Int32(dims.count),
        let elements = elementCount(chunk.map { Int(truncatingIfNeeded: $0) }, itemSize: 8),
        elements / ratio <= byteCount + 1 << 20
      else { throw FormatError("the chunks of the array are too large") }
    default: throw FormatError("the array is put together from others")
    }
  }
}
