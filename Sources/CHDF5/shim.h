// HDF5's C API, functions for those of its macros that Swift does not import, and one name for
// calls whose signature depends on the version of the library (1.10 or newer).
#pragma once

#include <hdf5.h>
#include <stdint.h>
#include <string.h>

// Defaults and limits.

/// `H5P_DEFAULT`: the default property list.
static inline hid_t hdf5_default(void) { return H5P_DEFAULT; }

/// `H5S_ALL`: the whole of a data space.
static inline hid_t hdf5_all(void) { return H5S_ALL; }

/// `H5S_UNLIMITED`: the maximum of a dimension that may grow without limit.
static inline hsize_t hdf5_unlimited(void) { return H5S_UNLIMITED; }

/// `H5T_VARIABLE`: the size of a string type of variable length.
static inline size_t hdf5_variable(void) { return H5T_VARIABLE; }

// Flags of files.

static inline unsigned hdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned hdf5_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned hdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned hdf5_exclusive(void) { return H5F_ACC_EXCL; }

// Classes of property lists.

static inline hid_t hdf5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t hdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t hdf5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t hdf5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t hdf5_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t hdf5_dataset_transfer(void) { return H5P_DATASET_XFER; }
static inline hid_t hdf5_attribute_create(void) { return H5P_ATTRIBUTE_CREATE; }
static inline hid_t hdf5_link_create(void) { return H5P_LINK_CREATE; }

// Types of elements in memory.

static inline hid_t hdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t hdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t hdf5_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t hdf5_native_int16(void) { return H5T_NATIVE_INT16; }
static inline hid_t hdf5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t hdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t hdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t hdf5_native_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t hdf5_native_uint32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t hdf5_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t hdf5_native_bool(void) { return H5T_NATIVE_HBOOL; }
static inline hid_t hdf5_c_string(void) { return H5T_C_S1; }

// Types of elements in files.

static inline hid_t hdf5_ieee_f32le(void) { return H5T_IEEE_F32LE; }
static inline hid_t hdf5_ieee_f32be(void) { return H5T_IEEE_F32BE; }
static inline hid_t hdf5_ieee_f64le(void) { return H5T_IEEE_F64LE; }
static inline hid_t hdf5_ieee_f64be(void) { return H5T_IEEE_F64BE; }
static inline hid_t hdf5_std_i8le(void) { return H5T_STD_I8LE; }
static inline hid_t hdf5_std_i8be(void) { return H5T_STD_I8BE; }
static inline hid_t hdf5_std_i16le(void) { return H5T_STD_I16LE; }
static inline hid_t hdf5_std_i16be(void) { return H5T_STD_I16BE; }
static inline hid_t hdf5_std_i32le(void) { return H5T_STD_I32LE; }
static inline hid_t hdf5_std_i32be(void) { return H5T_STD_I32BE; }
static inline hid_t hdf5_std_i64le(void) { return H5T_STD_I64LE; }
static inline hid_t hdf5_std_i64be(void) { return H5T_STD_I64BE; }
static inline hid_t hdf5_std_u8le(void) { return H5T_STD_U8LE; }
static inline hid_t hdf5_std_u8be(void) { return H5T_STD_U8BE; }
static inline hid_t hdf5_std_u16le(void) { return H5T_STD_U16LE; }
static inline hid_t hdf5_std_u16be(void) { return H5T_STD_U16BE; }
static inline hid_t hdf5_std_u32le(void) { return H5T_STD_U32LE; }
static inline hid_t hdf5_std_u32be(void) { return H5T_STD_U32BE; }
static inline hid_t hdf5_std_u64le(void) { return H5T_STD_U64LE; }
static inline hid_t hdf5_std_u64be(void) { return H5T_STD_U64BE; }
static inline hid_t hdf5_object_reference(void) { return H5T_STD_REF_OBJ; }

// Errors.

/// Switches off the messages that the library prints when a call fails. The setting belongs to
/// the calling thread where the library is built for several threads.
static inline void hdf5_silence_errors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

/// The text and its capacity in bytes, which `hdf5_error_message` hands to the walk of the stack.
struct hdf5_error_text {
  char *text;
  size_t capacity;
};

static inline herr_t hdf5_keep_first_error(unsigned n, const H5E_error2_t *error, void *context) {
  struct hdf5_error_text *out = (struct hdf5_error_text *)context;
  if (n == 0 && error->desc != NULL) {
    strncpy(out->text, error->desc, out->capacity - 1);
    out->text[out->capacity - 1] = 0;
  }
  return 0;
}

/// Writes what the library says about the last failure on this thread at its origin, the
/// innermost call, to `text`, cut to `capacity` bytes (at least 1) with the ending zero; the empty
/// string when there is none.
static inline void hdf5_error_message(char *text, size_t capacity) {
  struct hdf5_error_text out = {text, capacity};
  text[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, hdf5_keep_first_error, &out);
}

// Calls that changed between versions. The numbered macros of the library do not import.

/// What an object in a file is: its type, the number of its hard links and of its attributes,
/// and an identity: two paths lead to the same object of one file when `identity` is equal.
typedef struct {
  H5O_type_t type;
  unsigned links;
  hsize_t attributes;
  uint64_t identity[2];
} hdf5_object_info_t;

/// Fills `info` for the object at the path `name` from `location`; `"."` is `location` itself.
/// Negative when there is no such object.
static inline herr_t hdf5_object_info(hid_t location, const char *name, hdf5_object_info_t *info) {
  memset(info, 0, sizeof *info);
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t found;
  herr_t status = H5Oget_info_by_name3(
      location, name, &found, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS, H5P_DEFAULT);
  if (status < 0) return status;
  memcpy(info->identity, &found.token, sizeof info->identity);
#else
  H5O_info_t found;
  herr_t status = H5Oget_info_by_name2(
      location, name, &found, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS, H5P_DEFAULT);
  if (status < 0) return status;
  info->identity[0] = found.addr;
#endif
  info->type = found.type;
  info->links = found.rc;
  info->attributes = found.num_attrs;
  return status;
}

/// The kind of the link `name` in the group `location`: hard, soft, external;
/// `H5L_TYPE_ERROR` when there is no such link.
static inline H5L_type_t hdf5_link_type(hid_t location, const char *name) {
#if H5_VERSION_GE(1, 12, 0)
  H5L_info2_t found;
  return H5Lget_info2(location, name, &found, H5P_DEFAULT) < 0 ? H5L_TYPE_ERROR : found.type;
#else
  H5L_info_t found;
  return H5Lget_info(location, name, &found, H5P_DEFAULT) < 0 ? H5L_TYPE_ERROR : found.type;
#endif
}

/// The number of links in the group `location`; negative when it is not a group.
static inline int64_t hdf5_link_count(hid_t location) {
  H5G_info_t found;
  return H5Gget_info(location, &found) < 0 ? -1 : (int64_t)found.nlinks;
}

/// Frees the strings and sequences of variable length that reading put in `buffer`.
static inline herr_t hdf5_reclaim(hid_t type, hid_t space, void *buffer) {
#if H5_VERSION_GE(1, 12, 0)
  return H5Treclaim(type, space, H5P_DEFAULT, buffer);
#else
  return H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
#endif
}
