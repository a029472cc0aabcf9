/* What every file here uses: time, failing, and bytes that grow. */
#ifndef LOAD_BASE_H
#define LOAD_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)
#define NEVER INT64_MAX

/* Monotonic, in nanoseconds, as all times are. */
int64_t now_ns(void);

/* Says a sentence on stderr and ends the program: 2 for a plan that can't be run. */
_Noreturn void refuse(const char *sentence, ...) __attribute__((format(printf, 1, 2)));

/* Memory that is there, zeroed; the program ends where it is not. */
void *allocate(size_t count, size_t size);
void *grown(void *memory, size_t count, size_t size);
char *copied(const char *text);

/* xorshift64*: fast, and good enough for masks and jitter. */
uint64_t random_bits(void);
double random_fraction(void);

typedef struct {
    char *data;
    size_t size, capacity;
} Buffer;

void buffer_reserve(Buffer *buffer, size_t more);
void buffer_add(Buffer *buffer, const void *data, size_t size);
void buffer_print(Buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
