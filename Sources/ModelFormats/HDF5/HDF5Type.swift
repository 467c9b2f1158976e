import CHDF5
import NeuralNetworks
import TensorGraph

/// Types of elements, as the library makes them for files.
enum HDF5Type {
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
    case .string: throw FormatError("an array of strings cannot be written")
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
}
