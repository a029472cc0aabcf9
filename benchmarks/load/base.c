#define _GNU_SOURCE
#include "base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

void refuse(const char *sentence, ...)
{
    va_list arguments;
    va_start(arguments, sentence);
    vfprintf(stderr, sentence, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory) refuse("There is not enough memory for this plan.");
    return memory;
}

void *grown(void *memory, size_t count, size_t size)
{
    void *larger = reallocarray(memory, count ? count : 1, size);
    if (!larger) refuse("There is not enough memory for this plan.");
    return larger;
}

char *copied(const char *text)
{
    return strcpy(allocate(strlen(text) + 1, 1), text);
}

uint64_t random_bits(void)
{
    static uint64_t state;
    while (!state)
        if (getrandom(&state, sizeof state, 0) < 0) state = (uint64_t)now_ns();
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(2685821657736338717);
}

double random_fraction(void)
{
    return (double)(random_bits() >> 11) / (double)(UINT64_C(1) << 53);
}

void buffer_reserve(Buffer *buffer, size_t more)
{
    if (buffer->size + more <= buffer->capacity) return;
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < buffer->size + more) capacity *= 2;
    buffer->data = grown(buffer->data, capacity, 1);
    buffer->capacity = capacity;
}

void buffer_add(Buffer *buffer, const void *data, size_t size)
{
    if (!size) return;
    buffer_reserve(buffer, size);
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
}

void buffer_print(Buffer *buffer, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size >= (int)sizeof text) size = sizeof text - 1;
    if (size > 0) buffer_add(buffer, text, (size_t)size);
}
