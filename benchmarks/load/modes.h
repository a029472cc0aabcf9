/* What the four modes do, from the first connection to the last sample. */
#ifndef LOAD_MODES_H
#define LOAD_MODES_H

#include "run.h"

void mode_run(void);

typedef struct {
    int64_t began; /* the return */
    int away;      /* how many were cut off */
    bool *current; /* whether a connection has caught up */
    uint64_t back, caught_up;
    double back_s, caught_up_s;
    Histogram back_after, caught_up_after;
} Storm;

extern Storm storm;

#endif
