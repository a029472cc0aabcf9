/* What the four modes do, from the first connection to the last sample. */
#ifndef LOAD_MODES_H
#define LOAD_MODES_H

#include "run.h"

void mode_run(void);

typedef struct {
    uint64_t back, caught_up, attempts;
    double back_s, caught_up_s;
    Histogram back_after, caught_up_after;
} Storm;

extern Storm storm;

#endif
