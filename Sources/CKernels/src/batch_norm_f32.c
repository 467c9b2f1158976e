#define T float
#define GET(v) (v)
#define PUT(v) (v)
#define LOOPS ck_batch_norm_f32_loops
#include "batch_norm_body.h"
