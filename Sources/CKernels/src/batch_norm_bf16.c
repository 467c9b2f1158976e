#define T uint16_t
#define GET(v) cm_from_bf16(v)
#define PUT(v) cm_to_bf16(v)
#define LOOPS ck_batch_norm_bf16_loops
#include "batch_norm_body.h"
