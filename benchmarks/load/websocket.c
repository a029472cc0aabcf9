#include "websocket.h"

#include <string.h>

FrameVerdict frame_read(const char *data, size_t size, Frame *frame, size_t *used)
{
    const unsigned char *bytes = (const unsigned char *)data;
    if (size < 2) return FRAME_PARTIAL;
    if (bytes[0] & 0x70 || bytes[1] & 0x80) return FRAME_WRONG; /* reserved bits; a server does not mask */
    uint64_t length = bytes[1];
    size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (size < 2 + extra) return FRAME_PARTIAL;
    if (extra) length = 0;
    for (size_t i = 0; i < extra; i++) length = length << 8 | bytes[2 + i];
    if (length > MAX_FRAME) return FRAME_WRONG;
    frame->final = bytes[0] & 0x80;
    frame->opcode = bytes[0] & 0x0F;
    if (frame->opcode >= OP_CLOSE && (length > 125 || !frame->final)) return FRAME_WRONG;
    if (size - 2 - extra < length) return FRAME_PARTIAL;
    frame->payload = data + 2 + extra;
    frame->size = (size_t)length;
    *used = 2 + extra + (size_t)length;
    return FRAME_WHOLE;
}

static size_t write_length(unsigned char *head, size_t size)
{
    size_t bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
    head[0] = (unsigned char)(0x80 | (bytes == 0 ? size : bytes == 2 ? 126 : 127));
    for (size_t i = bytes; i > 0; i--, size >>= 8) head[i] = (unsigned char)size;
    return 1 + bytes;
}

void frame_write(Buffer *out, int opcode, const char *payload, size_t size)
{
    unsigned char head[16], mask[4];
    head[0] = (unsigned char)(0x80 | opcode);
    size_t head_size = 1 + write_length(head + 1, size);
    uint64_t bits = random_bits();
    memcpy(mask, &bits, sizeof mask);
    memcpy(head + head_size, mask, sizeof mask);
    buffer_add(out, head, head_size + sizeof mask);
    buffer_reserve(out, size);
    for (size_t i = 0; i < size; i++) out->data[out->size + i] = (char)(payload[i] ^ mask[i & 3]);
    out->size += size;
}

void websocket_key(char key[25])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint64_t bits[2] = {random_bits(), random_bits()};
    for (int i = 0; i < 21; i++) {
        key[i] = digits[bits[i / 11] & 63];
        bits[i / 11] >>= 6;
    }
    strcpy(key + 21, "A=="); /* the 22nd digit holds two bits only */
}
