/* Counts of durations in log-linear buckets: 128 to an octave, so that a quantile is less than 1 % off. */
#ifndef LOAD_HISTOGRAM_H
#define LOAD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BITS 7
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_BITS) << HISTOGRAM_BITS)

typedef struct {
    uint64_t count, buckets[HISTOGRAM_BUCKETS];
    int64_t max;
} Histogram;

void histogram_add(Histogram *histogram, int64_t value);

/* The value that a fraction of all does not exceed: the middle of its bucket. 0 where there are none. */
double histogram_quantile(const Histogram *histogram, double fraction);

#endif
