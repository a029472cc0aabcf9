/* RFC 6455 from the client's side, bytes in and bytes out. No extension is offered. */
#ifndef LOAD_WEBSOCKET_H
#define LOAD_WEBSOCKET_H

#include "base.h"

enum { OP_CONTINUATION = 0, OP_TEXT = 1, OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };

typedef struct {
    int opcode;
    bool final;
    const char *payload;
    size_t size;
} Frame;

typedef enum { FRAME_WHOLE, FRAME_PARTIAL, FRAME_WRONG } FrameVerdict;

enum { MAX_FRAME = 16 << 20 };

/* The frame at the start of `data`, and in `*used` how many bytes it takes there. */
FrameVerdict frame_read(const char *data, size_t size, Frame *frame, size_t *used);

/* Adds a final frame with a random mask. */
void frame_write(Buffer *out, int opcode, const char *payload, size_t size);

/* 16 random bytes in base64. */
void websocket_key(char key[25]);

#endif
