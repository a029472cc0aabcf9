/* The physical limit of fan-out: a WebSocket server that does nothing but copy frames to the sockets of a room.
 *
 * A room is the path of the request. Each data frame that comes from a client goes to every socket of its room:
 * with one send() per frame and socket, or, with --join, with one send() per socket and turn of the event loop for
 * all frames that came in that turn. It parses no text, knows no user and stores nothing.
 *
 *     cc -O2 -o fanout fanout.c && ./fanout PORT [--join]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_EVENTS = 512, MAX_PATH = 256, MAX_REQUEST = 8192, READ_BYTES = 1 << 20, BUCKETS = 1024 };

typedef struct {
    char *bytes;
    size_t length, capacity;
} Buffer;

typedef struct Room Room;

typedef struct {
    int fd;
    Room *room; /* NULL until the handshake is done */
    size_t place; /* its index in room->sockets */
    Buffer in, out;
} Socket;

struct Room {
    char path[MAX_PATH];
    Socket **sockets;
    size_t count, capacity;
    Buffer turn; /* with --join: the frames of this turn */
    Room *next_in_bucket, *next_with_frames;
};

static Room *buckets[BUCKETS];
static Room *with_frames;
static bool join;
static int poller;

static void *must(void *memory) {
    if (!memory) {
        perror("memory");
        exit(1);
    }
    return memory;
}

static void append(Buffer *buffer, const void *bytes, size_t length) {
    if (buffer->length + length > buffer->capacity) {
        buffer->capacity = 2 * (buffer->length + length);
        buffer->bytes = must(realloc(buffer->bytes, buffer->capacity));
    }
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

static void drop_front(Buffer *buffer, size_t length) {
    memmove(buffer->bytes, buffer->bytes + length, buffer->length - length);
    buffer->length -= length;
}

/* ---- the handshake: SHA-1 (RFC 3174) and base64 (RFC 4648) of the client's key */

static uint32_t rotate(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

static void sha1_block(uint32_t state[5], const uint8_t *block) {
    uint32_t w[80];
    for (int t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | block[4 * t + 1] << 16 | block[4 * t + 2] << 8 | block[4 * t + 3];
    for (int t = 16; t < 80; t++) w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int t = 0; t < 80; t++) {
        uint32_t mix, constant;
        if (t < 20) mix = (b & c) | (~b & d), constant = 0x5A827999;
        else if (t < 40) mix = b ^ c ^ d, constant = 0x6ED9EBA1;
        else if (t < 60) mix = (b & c) | (b & d) | (c & d), constant = 0x8F1BBCDC;
        else mix = b ^ c ^ d, constant = 0xCA62C1D6;
        uint32_t next = rotate(a, 5) + mix + e + constant + w[t];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

static void sha1(const char *text, uint8_t digest[20]) {
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint8_t padded[128] = {0};
    size_t length = strlen(text), whole = length + 9 <= 64 ? 64 : 128; /* a key and its GUID are 60 bytes */
    memcpy(padded, text, length);
    padded[length] = 0x80;
    for (int i = 0; i < 8; i++) padded[whole - 1 - i] = (uint8_t)((uint64_t)length * 8 >> (8 * i));
    for (size_t at = 0; at < whole; at += 64) sha1_block(state, padded + at);
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const uint8_t *bytes, size_t length, char *text) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t three = bytes[i] << 16 | (left > 1 ? bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
        *text++ = alphabet[three >> 18];
        *text++ = alphabet[three >> 12 & 63];
        *text++ = left > 1 ? alphabet[three >> 6 & 63] : '=';
        *text++ = left > 2 ? alphabet[three & 63] : '=';
    }
    *text = '\0';
}

/* ---- sockets and rooms */

static void watch(Socket *socket, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.ptr = socket};
    epoll_ctl(poller, operation, socket->fd, &event);
}

static void write_to(Socket *socket, const char *bytes, size_t length) {
    if (!socket->out.length) {
        ssize_t sent = send(socket->fd, bytes, length, MSG_NOSIGNAL);
        if (sent == (ssize_t)length || (sent < 0 && errno != EAGAIN)) return; /* epoll tells of a dead one */
        if (sent > 0) bytes += sent, length -= (size_t)sent;
        watch(socket, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    }
    append(&socket->out, bytes, length);
}

static void write_waiting(Socket *socket) {
    ssize_t sent = send(socket->fd, socket->out.bytes, socket->out.length, MSG_NOSIGNAL);
    if (sent <= 0) return;
    drop_front(&socket->out, (size_t)sent);
    if (!socket->out.length) watch(socket, EPOLLIN, EPOLL_CTL_MOD);
}

static Room *room_of(const char *path) {
    uint32_t hash = 2166136261u;
    for (const char *c = path; *c; c++) hash = (hash ^ (uint8_t)*c) * 16777619u;
    Room **bucket = &buckets[hash % BUCKETS];
    for (Room *room = *bucket; room; room = room->next_in_bucket)
        if (!strcmp(room->path, path)) return room;
    Room *room = must(calloc(1, sizeof *room));
    snprintf(room->path, sizeof room->path, "%s", path);
    room->next_in_bucket = *bucket;
    return *bucket = room;
}

static void enter(Room *room, Socket *socket) {
    if (room->count == room->capacity) {
        room->capacity = room->capacity ? 2 * room->capacity : 16;
        room->sockets = must(realloc(room->sockets, room->capacity * sizeof *room->sockets));
    }
    socket->room = room;
    socket->place = room->count;
    room->sockets[room->count++] = socket;
}

static void end(Socket *socket) {
    Room *room = socket->room;
    if (room) {
        Socket *last = room->sockets[--room->count];
        room->sockets[socket->place] = last;
        last->place = socket->place;
    }
    close(socket->fd);
    free(socket->in.bytes);
    free(socket->out.bytes);
    free(socket);
}

static void send_to_all(Room *room, const char *bytes, size_t length) {
    for (size_t i = 0; i < room->count; i++) write_to(room->sockets[i], bytes, length);
}

static void fan_out(Room *room, const char *frame, size_t length) {
    if (!join) {
        send_to_all(room, frame, length);
        return;
    }
    if (!room->turn.length) room->next_with_frames = with_frames, with_frames = room;
    append(&room->turn, frame, length);
}

static void end_turn(void) {
    for (; with_frames; with_frames = with_frames->next_with_frames) {
        send_to_all(with_frames, with_frames->turn.bytes, with_frames->turn.length);
        with_frames->turn.length = 0;
    }
}

/* ---- reading: each takes what is complete off the front of socket->in; false: end the socket */

static bool read_request(Socket *socket) {
    char *head = socket->in.bytes, path[MAX_PATH], key[128], accept[64], answer[256];
    char *head_end = memmem(head, socket->in.length, "\r\n\r\n", 4);
    if (!head_end) return socket->in.length < MAX_REQUEST;
    *head_end = '\0';
    char *key_header = strcasestr(head, "Sec-WebSocket-Key:");
    if (!key_header || sscanf(head, "GET %255s", path) != 1 || sscanf(key_header + 18, " %60s", key) != 1)
        return false;
    uint8_t digest[20];
    strcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    sha1(key, digest);
    base64(digest, sizeof digest, accept);
    int length = snprintf(answer, sizeof answer,
                          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    write_to(socket, answer, (size_t)length);
    enter(room_of(path), socket);
    drop_front(&socket->in, (size_t)(head_end + 4 - head));
    return true;
}

static bool read_frames(Socket *socket) {
    size_t at = 0;
    while (socket->in.length - at >= 6) {
        uint8_t *frame = (uint8_t *)socket->in.bytes + at;
        size_t length = frame[1] & 127, head = length == 126 ? 4 : 2;
        if (!(frame[1] & 128) || length == 127) return false; /* unmasked, or longer than anybody sends here */
        if (length == 126) length = (size_t)frame[2] << 8 | frame[3];
        if (socket->in.length - at < head + 4 + length) break;
        uint8_t *mask = frame + head, *payload = mask + 4, opcode = frame[0] & 15;
        for (size_t i = 0; i < length; i++) payload[i] ^= mask[i % 4];
        at += head + 4 + length;
        if (opcode == 8) return false;
        if (opcode != 1 && opcode != 2) continue;
        uint8_t *unmasked = payload - head; /* the same frame without its mask */
        memmove(unmasked, frame, head);
        unmasked[1] &= 127;
        fan_out(socket->room, (char *)unmasked, head + length);
    }
    drop_front(&socket->in, at);
    return true;
}

static bool read_from(Socket *socket) {
    static char bytes[READ_BYTES];
    ssize_t received = recv(socket->fd, bytes, sizeof bytes, 0);
    if (received <= 0) return received < 0 && errno == EAGAIN;
    append(&socket->in, bytes, (size_t)received);
    if (!socket->room && !read_request(socket)) return false;
    return !socket->room || read_frames(socket);
}

/* ---- the loop */

static void accept_all(int listener) {
    int fd, yes = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        Socket *socket = must(calloc(1, sizeof *socket));
        socket->fd = fd;
        watch(socket, EPOLLIN, EPOLL_CTL_ADD);
    }
}

static int listen_on(int port) {
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        perror("listen");
        exit(1);
    }
    return listener;
}

int main(int count, char **words) {
    if (count < 2) {
        fprintf(stderr, "usage: %s PORT [--join]\n", words[0]);
        return 2;
    }
    join = count > 2 && !strcmp(words[2], "--join");
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    poller = epoll_create1(0);
    int listener = listen_on(atoi(words[1]));
    struct epoll_event listening = {.events = EPOLLIN, .data.ptr = NULL}, events[MAX_EVENTS];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &listening);
    for (;;) {
        int ready = epoll_wait(poller, events, MAX_EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            Socket *socket = events[i].data.ptr;
            if (!socket) {
                accept_all(listener);
                continue;
            }
            if (events[i].events & EPOLLOUT) write_waiting(socket);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !read_from(socket)) end(socket);
        }
        end_turn();
    }
}
