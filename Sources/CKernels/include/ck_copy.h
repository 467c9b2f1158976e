// Moving elements without reading them: any type of 1, 2, 4 or 8 bytes.
#ifndef CK_COPY_H
#define CK_COPY_H

#include <stddef.h>
#include <stdint.h>

enum { CK_MAXIMUM_RANK = 8 };

// dst[i · dst_strides] = src[i · src_strides] for every index i within `sizes`, `rank` of them, at
// most CK_MAXIMUM_RANK. Strides are in elements and may be negative; a source stride of 0
// broadcasts. Transposes, slices, flips, broadcasts, and the parts of concatenations and paddings
// are all this. The destination's elements must be distinct and overlap nothing of the source.
void ck_copy(void *dst, const int64_t *dst_strides, const void *src, const int64_t *src_strides,
             const int64_t *sizes, int rank, int element_size);

// dst[i] = *value for i < count.
void ck_fill(void *dst, int64_t count, const void *value, int element_size);

#endif
