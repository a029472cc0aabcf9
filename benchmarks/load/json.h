/* JSON text to a tree. The tree lives as long as the program. */
#ifndef LOAD_JSON_H
#define LOAD_JSON_H

#include "base.h"

typedef enum { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonType;

typedef struct Json Json;
struct Json {
    JsonType type;
    bool truth;
    double number;
    char *string;
    char *key;          /* of a member of an object */
    Json *first, *next; /* members and elements, in order */
    int count;
    bool taken; /* a reader asked for this member: what is left at the end is unknown */
};

/* NULL where the text is not JSON; `*at` is then the offset of what is wrong. */
Json *json_parse(const char *text, size_t size, size_t *at);

/* Adds a string with quotes and escapes; what is not UTF-8 becomes a question mark. */
void json_quote(Buffer *out, const char *text, size_t size);

#endif
