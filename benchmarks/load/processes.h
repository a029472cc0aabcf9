/* CPU time and memory of groups of processes, out of /proc. */
#ifndef LOAD_PROCESSES_H
#define LOAD_PROCESSES_H

#include "plan.h"

typedef struct {
    double cpu_s; /* with that of children that have ended */
    double rss_mb;
} Group;

enum { SERVER, BESIDE, FOREIGN, GROUPS }; /* foreign: neither of the two, nor this program */

typedef struct {
    int64_t at;
    Group groups[GROUPS];
    double own_cpu_s;
} Sample;

Sample processes_sample(const Plan *plan);

#endif
