/* Texts with tokens such as {i} or {mark}; braces around anything else stay as they are. */
#ifndef LOAD_TEMPLATE_H
#define LOAD_TEMPLATE_H

#include "base.h"

enum { RUN_DIGITS = 8, MARK_SIZE = 2 * RUN_DIGITS + 2, EPOCH_MAX = 40, FIRST_CALL_ID = 1000 };

typedef enum {
    PIECE_TEXT,
    PIECE_CONNECTION,
    PIECE_ROOM,
    PIECE_TOKEN,
    PIECE_MARK,
    PIECE_SEQ,
    PIECE_CALL_ID,
    PIECE_RUN,
    PIECE_PAD,
    PIECE_SEQ_SEEN,
    PIECE_EPOCH_SEEN,
} PieceKind;

typedef struct {
    PieceKind kind;
    const char *text;
    size_t size;
} Piece;

typedef struct {
    Piece *pieces;
    int count;
} Template;

typedef struct {
    long connection, room;
    const char *token;
    const char *run;
    int pad;
    uint32_t seq; /* of the message; also in its mark and its call id */
    uint64_t seq_seen;
    const char *epoch_seen;
} Values;

/* `text` must outlive the template. */
Template template_parse(const char *text);
bool template_has(const Template *template, PieceKind kind);
void template_render(const Template *template, const Values *values, Buffer *out);

/* Finds the mark of this run, if there is one, and the message that it stands for. */
bool mark_find(const char *text, size_t size, const char *run, uint32_t *seq);

#endif
