#define _GNU_SOURCE
#include "json.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 16 };

typedef struct {
    const char *at, *end;
} Reader;

static Json *read_value(Reader *reader, int depth);

static void skip_space(Reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at) reader->at++;
}

static bool take(Reader *reader, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0) return false;
    reader->at += size;
    return true;
}

static Json *node(JsonType type)
{
    Json *json = allocate(1, sizeof *json);
    json->type = type;
    return json;
}

static int read_hex4(Reader *reader)
{
    int value = 0;
    for (int i = 0; i < 4; i++, reader->at++) {
        if (reader->at == reader->end) return -1;
        char digit = *reader->at;
        if (digit >= '0' && digit <= '9') value = value * 16 + digit - '0';
        else if ((digit | 32) >= 'a' && (digit | 32) <= 'f') value = value * 16 + (digit | 32) - 'a' + 10;
        else return -1;
    }
    return value;
}

static void add_utf8(Buffer *out, int code)
{
    char bytes[4];
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const int lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size; i-- > 1; code >>= 6) bytes[i] = (char)(0x80 | (code & 0x3F));
    bytes[0] = (char)(lead[size] | code);
    buffer_add(out, bytes, size);
}

static bool read_unicode_escape(Reader *reader, Buffer *out)
{
    int code = read_hex4(reader);
    if (code >= 0xD800 && code < 0xDC00) {
        if (!take(reader, "\\u")) return false;
        int low = read_hex4(reader);
        if (low < 0xDC00 || low > 0xDFFF) return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    if (code <= 0 || (code >= 0xDC00 && code < 0xE000)) return false; /* strings end at NUL here */
    add_utf8(out, code);
    return true;
}

static bool read_escape(Reader *reader, Buffer *out)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (reader->at == reader->end) return false;
    char name = *reader->at++;
    if (name == 'u') return read_unicode_escape(reader, out);
    const char *found = name ? strchr(names, name) : NULL;
    if (!found) return false;
    buffer_add(out, &values[found - names], 1);
    return true;
}

static char *read_string(Reader *reader)
{
    Buffer out = {0};
    if (!take(reader, "\"")) return NULL;
    while (reader->at < reader->end && *reader->at != '"') {
        if ((unsigned char)*reader->at < 0x20) return NULL;
        if (*reader->at != '\\') {
            buffer_add(&out, reader->at++, 1);
        } else {
            reader->at++;
            if (!read_escape(reader, &out)) return NULL;
        }
    }
    if (!take(reader, "\"")) return NULL;
    buffer_add(&out, "", 1);
    return out.data;
}

static bool read_members(Reader *reader, Json *parent, char closing, int depth)
{
    char end[2] = {closing, 0};
    Json **tail = &parent->first;
    for (skip_space(reader); !take(reader, end); skip_space(reader)) {
        if (parent->count && !take(reader, ",")) return false;
        skip_space(reader);
        char *key = NULL;
        if (parent->type == JSON_OBJECT) {
            if (!(key = read_string(reader))) return false;
            skip_space(reader);
            if (!take(reader, ":")) return false;
        }
        Json *member = read_value(reader, depth + 1);
        if (!member) return false;
        member->key = key;
        *tail = member;
        tail = &member->next;
        parent->count++;
    }
    return true;
}

static Json *read_number(Reader *reader)
{
    char text[64];
    size_t size = 0;
    const char *at = reader->at;
    while (at < reader->end && size < sizeof text - 1 && strchr("+-.0123456789eE", *at) && *at)
        text[size++] = *at++;
    text[size] = 0;
    char *rest;
    Json *json = node(JSON_NUMBER);
    json->number = strtod(text, &rest);
    if (!size || *rest) return NULL;
    reader->at = at;
    return json;
}

static Json *read_value(Reader *reader, int depth)
{
    skip_space(reader);
    if (reader->at == reader->end || depth > MAX_DEPTH) return NULL;
    if (*reader->at == '"') {
        Json *json = node(JSON_STRING);
        json->string = read_string(reader);
        return json->string ? json : NULL;
    }
    if (take(reader, "{")) {
        Json *json = node(JSON_OBJECT);
        return read_members(reader, json, '}', depth) ? json : NULL;
    }
    if (take(reader, "[")) {
        Json *json = node(JSON_ARRAY);
        return read_members(reader, json, ']', depth) ? json : NULL;
    }
    if (take(reader, "null")) return node(JSON_NULL);
    bool truth = take(reader, "true");
    if (truth || take(reader, "false")) {
        Json *json = node(JSON_BOOL);
        json->truth = truth;
        return json;
    }
    return read_number(reader);
}

Json *json_parse(const char *text, size_t size, size_t *at)
{
    Reader reader = {text, text + size};
    Json *json = read_value(&reader, 0);
    skip_space(&reader);
    *at = (size_t)(reader.at - text);
    return reader.at == reader.end ? json : NULL;
}

/* How many bytes the UTF-8 character at `text` has; 0 where it is none. */
static size_t character_size(const unsigned char *text, size_t size)
{
    unsigned char lead = text[0];
    size_t wanted = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (wanted > size) return 0;
    for (size_t i = 1; i < wanted; i++)
        if ((text[i] >> 6) != 2) return 0;
    return wanted;
}

void json_quote(Buffer *out, const char *text, size_t size)
{
    buffer_add(out, "\"", 1);
    for (size_t i = 0; i < size;) {
        unsigned char byte = (unsigned char)text[i];
        size_t width = character_size((const unsigned char *)text + i, size - i);
        if (byte == '"' || byte == '\\') buffer_print(out, "\\%c", byte);
        else if (byte < 0x20) buffer_print(out, "\\u%04x", byte);
        else if (!width) buffer_add(out, "?", 1);
        else buffer_add(out, text + i, width);
        i += width ? width : 1;
    }
    buffer_add(out, "\"", 1);
}
