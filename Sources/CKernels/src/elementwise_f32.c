#include "vector_math.h"

#define T float
#define LANES CK_LANES_F32
#define OWN_DTYPE CK_F32
#define RUN_BLOCKS ck_run_blocks_f32
#define M(name) cm_##name
#define LOOP CK_LOOP16
#define TRIG_LIMIT CM_TRIG_LIMIT
#define LIBM(name) name##f
#include "elementwise_body.h"
