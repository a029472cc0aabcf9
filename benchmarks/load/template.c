#include "template.h"

#include <string.h>

static const char *const NAMES[] = {
    [PIECE_CONNECTION] = "{i}",          [PIECE_ROOM] = "{room}",   [PIECE_TOKEN] = "{token}",
    [PIECE_MARK] = "{mark}",             [PIECE_SEQ] = "{seq}",     [PIECE_CALL_ID] = "{call_id}",
    [PIECE_RUN] = "{run}",               [PIECE_PAD] = "{pad}",     [PIECE_SEQ_SEEN] = "{seq_seen}",
    [PIECE_EPOCH_SEEN] = "{epoch_seen}",
};

static PieceKind token_at(const char *text)
{
    for (PieceKind kind = PIECE_CONNECTION; kind <= PIECE_EPOCH_SEEN; kind++)
        if (strncmp(text, NAMES[kind], strlen(NAMES[kind])) == 0) return kind;
    return PIECE_TEXT;
}

static void add_piece(Template *template, PieceKind kind, const char *text, size_t size)
{
    if (!size) return;
    template->pieces = grown(template->pieces, (size_t)template->count + 1, sizeof *template->pieces);
    template->pieces[template->count++] = (Piece){kind, text, size};
}

Template template_parse(const char *text)
{
    Template template = {0};
    const char *begin = text;
    while (*text) {
        PieceKind kind = *text == '{' ? token_at(text) : PIECE_TEXT;
        if (kind == PIECE_TEXT) {
            text++;
            continue;
        }
        add_piece(&template, PIECE_TEXT, begin, (size_t)(text - begin));
        add_piece(&template, kind, text, strlen(NAMES[kind]));
        begin = text += strlen(NAMES[kind]);
    }
    add_piece(&template, PIECE_TEXT, begin, (size_t)(text - begin));
    return template;
}

bool template_has(const Template *template, PieceKind kind)
{
    for (int i = 0; i < template->count; i++)
        if (template->pieces[i].kind == kind) return true;
    return false;
}

static void render_pad(int size, Buffer *out)
{
    buffer_reserve(out, (size_t)size);
    memset(out->data + out->size, 'x', (size_t)size);
    out->size += (size_t)size;
}

void template_render(const Template *template, const Values *values, Buffer *out)
{
    for (int i = 0; i < template->count; i++) {
        const Piece *piece = &template->pieces[i];
        switch (piece->kind) {
        case PIECE_TEXT: buffer_add(out, piece->text, piece->size); break;
        case PIECE_CONNECTION: buffer_print(out, "%ld", values->connection); break;
        case PIECE_ROOM: buffer_print(out, "%ld", values->room); break;
        case PIECE_TOKEN: buffer_add(out, values->token, strlen(values->token)); break;
        case PIECE_MARK: buffer_print(out, "~%.*s%08x~", RUN_DIGITS, values->run, values->seq); break;
        case PIECE_SEQ: buffer_print(out, "%u", values->seq); break;
        case PIECE_CALL_ID: buffer_print(out, "%u", values->seq + FIRST_CALL_ID); break;
        case PIECE_RUN: buffer_add(out, values->run, RUN_DIGITS); break;
        case PIECE_PAD: render_pad(values->pad, out); break;
        case PIECE_SEQ_SEEN: buffer_print(out, "%llu", (unsigned long long)values->seq_seen); break;
        case PIECE_EPOCH_SEEN: buffer_add(out, values->epoch_seen, strlen(values->epoch_seen)); break;
        }
    }
}

static bool hex8(const char *text, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < 8; i++) {
        char digit = text[i];
        if (digit >= '0' && digit <= '9') *value = *value << 4 | (uint32_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f') *value = *value << 4 | (uint32_t)(digit - 'a' + 10);
        else return false;
    }
    return true;
}

bool mark_find(const char *text, size_t size, const char *run, uint32_t *seq)
{
    const char *end = text + size;
    while (end - text >= MARK_SIZE && (text = memchr(text, '~', (size_t)(end - text) - MARK_SIZE + 1))) {
        if (memcmp(text + 1, run, RUN_DIGITS) == 0 && text[MARK_SIZE - 1] == '~' &&
            hex8(text + 1 + RUN_DIGITS, seq))
            return true;
        text++;
    }
    return false;
}
