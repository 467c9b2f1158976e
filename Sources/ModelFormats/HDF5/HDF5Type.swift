import CHDF5
import NeuralNetworks
import TensorGraph

/// Types of elements, in HDF5's words and ours.
enum HDF5Type {
  /// What elements of the type `id` are read as; nothing when they are no numbers.
  static func stored(_ id: hid_t) -> StoredType? {
    let size = H5Tget_size(id)
    let isSigned = H5Tget_sign(id) == H5T_SGN_2
    switch (H5Tget_class(id), size) {
    case (H5T_FLOAT, 2): return .same(.float16)
    case (H5T_FLOAT, 4): return .same(.float32)
    case (H5T_FLOAT, 8): return .same(.float64)
    case (H5T_INTEGER, 1): return .same(isSigned ? .int8 : .uint8)
    case (H5T_INTEGER, 2): return isSigned ? .int16 : .uint16
    case (H5T_INTEGER, 4): return isSigned ? .same(.int32) : .uint32
    case (H5T_INTEGER, 8): return isSigned ? .same(.int64) : .uint64
    case (H5T_ENUM, 1) where isBool(id): return .same(.bool)
    // Keras writes bfloat16 as bytes without meaning, and the meaning as an attribute.
    case (H5T_OPAQUE, 2): return .same(.bfloat16)
    default: return nil
    }
  }

  /// A type of the library for elements in memory.
  static func memory(_ type: StoredType) throws(FormatError) -> HDF5Handle {
    switch type {
    case .int16: try copy(hdf5_native_int16())
    case .uint16: try copy(hdf5_native_uint16())
    case .uint32: try copy(hdf5_native_uint32())
    case .uint64: try copy(hdf5_native_uint64())
    case .same(let dtype): try file(dtype)
    }
  }

  /// A type of the library for elements of `dtype` in a file: little-endian, as in memory.
  static func file(_ dtype: DType) throws(FormatError) -> HDF5Handle {
    switch dtype {
    case .float32: return try copy(hdf5_ieee_f32le())
    case .float64: return try copy(hdf5_ieee_f64le())
    case .int8: return try copy(hdf5_std_i8le())
    case .uint8: return try copy(hdf5_std_u8le())
    case .int32: return try copy(hdf5_std_i32le())
    case .int64: return try copy(hdf5_std_i64le())
    case .float16:
      // IEEE 754 half: 1 bit of sign, 5 of exponent with bias 15, 10 of fraction.
      let half = try copy(hdf5_ieee_f32le())
      try check(H5Tset_fields(half.id, 15, 10, 5, 0, 10), failed)
      try check(H5Tset_size(half.id, 2), failed)
      try check(H5Tset_ebias(half.id, 15), failed)
      return half
    case .bool:
      let bool = try HDF5Handle(H5Tenum_create(hdf5_std_i8le()), H5Tclose, orThrow: failed)
      for (name, value) in [("FALSE", 0), ("TRUE", 1)] {
        var value = Int8(value)
        try check(H5Tenum_insert(bool.id, name, &value), failed)
      }
      return bool
    case .bfloat16: return try HDF5Handle(H5Tcreate(H5T_OPAQUE, 2), H5Tclose, orThrow: failed)
    }
  }

  /// A string type of `size` bytes: filled up with zeros, or of variable length, ended by one.
  static func string(_ size: Int, isUTF8: Bool) throws(FormatError) -> HDF5Handle {
    let type = try copy(hdf5_c_string())
    try check(H5Tset_size(type.id, size), failed)
    try check(
      H5Tset_strpad(type.id, size == hdf5_variable() ? H5T_STR_NULLTERM : H5T_STR_NULLPAD), failed)
    try check(H5Tset_cset(type.id, isUTF8 ? H5T_CSET_UTF8 : H5T_CSET_ASCII), failed)
    return type
  }

  private static let failed = "a type of HDF5 cannot be made"

  private static func copy(_ id: hid_t) throws(FormatError) -> HDF5Handle {
    try HDF5Handle(H5Tcopy(id), H5Tclose, orThrow: failed)
  }

  /// Whether `id` is how h5py writes truth values: FALSE 0, TRUE 1.
  private static func isBool(_ id: hid_t) -> Bool {
    guard H5Tget_nmembers(id) == 2 else { return false }
    return (0..<2).allSatisfy { index in
      var value: Int8 = -1
      guard H5Tget_member_value(id, UInt32(index), &value) >= 0,
        let name = H5Tget_member_name(id, UInt32(index))
      else { return false }
      defer { H5free_memory(name) }
      return String(cString: name) == ["FALSE", "TRUE"][index] && value == Int8(index)
    }
  }
}
