// oneDNN's C API, and functions for those of its macros that Swift does not import.
#pragma once

#include <oneapi/dnnl/dnnl.h>

/// `DNNL_MEMORY_ALLOCATE`: the handle that lets the library allocate the buffer of a memory.
static inline void *onednn_memory_allocate(void) { return DNNL_MEMORY_ALLOCATE; }

/// `DNNL_MEMORY_NONE`: the handle of a memory that gets its buffer later.
static inline void *onednn_memory_none(void) { return DNNL_MEMORY_NONE; }

/// `DNNL_RUNTIME_DIM_VAL`: a dimension, stride or offset that is known only at execution.
static inline dnnl_dim_t onednn_runtime_dim(void) { return DNNL_RUNTIME_DIM_VAL; }

/// `DNNL_RUNTIME_SIZE_VAL`: the size of a memory descriptor with such a dimension.
static inline size_t onednn_runtime_size(void) { return DNNL_RUNTIME_SIZE_VAL; }

/// `DNNL_RUNTIME_F32_VAL`: a float argument that is known only at execution.
static inline float onednn_runtime_f32(void) { return DNNL_RUNTIME_F32_VAL; }

/// `DNNL_ARG_ATTR_MULTIPLE_POST_OP(index)`: the post-op at `index`; combined with its argument.
static inline int onednn_arg_post_op(int index) { return DNNL_ARG_ATTR_MULTIPLE_POST_OP(index); }

/// The tensor of the binary post-op at `index`.
static inline int onednn_arg_binary_post_op(int index) {
  return DNNL_ARG_ATTR_MULTIPLE_POST_OP(index) | DNNL_ARG_SRC_1;
}

/// The slopes of the PReLU post-op at `index`.
static inline int onednn_arg_prelu_post_op(int index) {
  return DNNL_ARG_ATTR_MULTIPLE_POST_OP(index) | DNNL_ARG_WEIGHTS;
}

/// `DNNL_ARG_ATTR_SCALES | argument`: the scales of `argument`, such as `DNNL_ARG_SRC`.
static inline int onednn_arg_scales(int argument) { return DNNL_ARG_ATTR_SCALES | argument; }

/// `DNNL_ARG_ATTR_ZERO_POINTS | argument`: the zero points of `argument`.
static inline int onednn_arg_zero_points(int argument) {
  return DNNL_ARG_ATTR_ZERO_POINTS | argument;
}
