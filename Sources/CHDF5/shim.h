// HDF5's C API, and functions for those of its macros that Swift does not import.
#pragma once

#include <hdf5.h>
#include <stdint.h>
#include <string.h>

// Defaults and limits.

/// `H5P_DEFAULT`: the default property list.
static inline hid_t hdf5_default(void) { return H5P_DEFAULT; }

/// `H5S_ALL`: the whole of a data space.
static inline hid_t hdf5_all(void) { return H5S_ALL; }

/// `H5T_VARIABLE`: the size of a string type of variable length.
static inline size_t hdf5_variable(void) { return H5T_VARIABLE; }

// Flags of files.

static inline unsigned hdf5_truncate(void) { return H5F_ACC_TRUNC; }

// Classes of property lists.

static inline hid_t hdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t hdf5_dataset_create(void) { return H5P_DATASET_CREATE; }

// Types of elements.

static inline hid_t hdf5_c_string(void) { return H5T_C_S1; }
static inline hid_t hdf5_ieee_f32le(void) { return H5T_IEEE_F32LE; }
static inline hid_t hdf5_ieee_f64le(void) { return H5T_IEEE_F64LE; }
static inline hid_t hdf5_std_i8le(void) { return H5T_STD_I8LE; }
static inline hid_t hdf5_std_i32le(void) { return H5T_STD_I32LE; }
static inline hid_t hdf5_std_i64le(void) { return H5T_STD_I64LE; }
static inline hid_t hdf5_std_u8le(void) { return H5T_STD_U8LE; }

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
