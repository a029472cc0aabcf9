#include "histogram.h"

#include <math.h>

enum { STEPS = 1 << HISTOGRAM_BITS };

/* Below 2 * STEPS a bucket is one value; above, STEPS buckets share an octave. */
static int bucket_of(uint64_t value)
{
    if (value < 2 * STEPS) return (int)value;
    int octave = 63 - __builtin_clzll(value) - HISTOGRAM_BITS;
    return (octave << HISTOGRAM_BITS) + (int)(value >> octave);
}

static double middle_of(int bucket)
{
    if (bucket < 2 * STEPS) return bucket;
    int octave = (bucket >> HISTOGRAM_BITS) - 1;
    double low = ldexp((bucket & (STEPS - 1)) + STEPS, octave);
    return low + ldexp(0.5, octave);
}

void histogram_add(Histogram *histogram, int64_t value)
{
    if (value < 0) value = 0;
    histogram->buckets[bucket_of((uint64_t)value)]++;
    histogram->count++;
    if (value > histogram->max) histogram->max = value;
}

double histogram_quantile(const Histogram *histogram, double fraction)
{
    if (!histogram->count) return 0;
    double wanted = ceil(fraction * (double)histogram->count);
    uint64_t passed = 0;
    for (int bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        passed += histogram->buckets[bucket];
        if (passed && (double)passed >= wanted) return fmin(middle_of(bucket), (double)histogram->max);
    }
    return (double)histogram->max;
}
