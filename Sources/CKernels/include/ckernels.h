// The CPU engine's kernels: plain C over memory that the caller owns.
//
// Every kernel works on dense row-major tensors unless it takes their strides, allocates nothing, keeps no state between calls,
// and gives the same bits for every number of threads. Pointers need the alignment of their
// element type only. Unless a function says otherwise, outputs may not overlap inputs.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "ck_threads.h"
#include "ck_elementwise.h"
#include "ck_random.h"
#include "ck_reduce.h"
#include "ck_rows.h"
#include "ck_normalization.h"
#include "ck_copy.h"
#include "ck_gather.h"
#include "ck_pooling.h"
#include "ck_recurrent.h"
#include "ck_step_product.h"
#include "ck_matmul.h"
#include "ck_tile_product.h"
#include "ck_attention.h"
#include "ck_convolution.h"
#include "ck_depthwise.h"
#include "ck_winograd.h"

#endif
