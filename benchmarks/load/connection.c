#define _GNU_SOURCE
#include "connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "traffic.h"
#include "websocket.h"

enum { READ_SIZE = 256 << 10, MAX_UNSENT = 8 << 20, MAX_HEAD = 16 << 10, CONNECTIONS_PER_SOURCE = 20000 };

/* ---- ends */

static void release(Connection *connection)
{
    close(connection->fd); /* which takes it out of epoll, too */
    connection->fd = -1;
    connection->in.size = connection->message.size = connection->out.size = connection->flushed = 0;
    if (is_opening(connection)) run.opening--;
    if (connection->state == READY) run.ready--;
    if (connection->state == CLOSING) run.closing--;
    connection->state = CLOSED;
}

void connection_fail(Connection *connection, const char *reason, ...)
{
    bool was_ready = connection->state == READY, was_closing = connection->state == CLOSING;
    release(connection);
    if (was_closing) return;
    if (!run.first_failure.size) {
        char text[300];
        va_list arguments;
        va_start(arguments, reason);
        vsnprintf(text, sizeof text, reason, arguments);
        va_end(arguments);
        buffer_add(&run.first_failure, text, strlen(text));
    }
    if (was_ready) run.closed++;
    else run.openings[run.round].failed++;
    if (run.on_end) run.on_end(connection);
}

void connection_reset(Connection *connection)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    release(connection);
}

/* ---- writing */

static bool push(Connection *connection, const char *data, size_t size)
{
    Buffer *out = &connection->out;
    ssize_t taken = 0;
    if (out->size - connection->flushed > MAX_UNSENT) return false;
    if (!out->size) taken = send(connection->fd, data, size, MSG_NOSIGNAL);
    if (taken < 0) taken = 0; /* full, or broken: the latter is told when reading */
    if ((size_t)taken == size) return true;
    if (!out->size) loop_watch(connection, true);
    buffer_add(out, data + taken, size - (size_t)taken);
    return true;
}

static void flush(Connection *connection)
{
    Buffer *out = &connection->out;
    size_t waiting = out->size - connection->flushed;
    ssize_t taken = send(connection->fd, out->data + connection->flushed, waiting, MSG_NOSIGNAL);
    if (taken < 0) return;
    connection->flushed += (size_t)taken;
    if (connection->flushed < out->size) return;
    out->size = connection->flushed = 0;
    loop_watch(connection, false);
}

static bool send_frame(Connection *connection, int opcode, const char *payload, size_t size)
{
    static Buffer frame;
    frame.size = 0;
    frame_write(&frame, opcode, payload, size);
    return push(connection, frame.data, frame.size);
}

bool connection_send(Connection *connection, const char *text, size_t size)
{
    return send_frame(connection, OP_TEXT, text, size);
}

void connection_close(Connection *connection)
{
    send_frame(connection, OP_CLOSE, "\x03\xe8", 2); /* 1000 */
    if (is_opening(connection)) run.opening--;
    if (connection->state == READY) run.ready--;
    connection->state = CLOSING;
    connection->since = run.now;
    run.closing++;
}

/* ---- opening */

static int port_of(const Connection *connection)
{
    return run.plan.ports.items[connection->index % run.plan.ports.count];
}

/* A source address has some 28,000 ports for one server; those of closed connections rest for a minute. */
static struct sockaddr_in source_of(const Connection *connection)
{
    int sources = 1 + run.total / CONNECTIONS_PER_SOURCE;
    if (run.plan.mode == MODE_CONNECT || run.plan.mode == MODE_STORM) sources += 7;
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(connection->index % sources));
    return address;
}

void connection_open(Connection *connection)
{
    int yes = 1;
    struct sockaddr_in source = source_of(connection), target = {.sin_family = AF_INET};
    target.sin_port = htons((uint16_t)port_of(connection));
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) refuse("No more sockets can be opened: %s.", strerror(errno));
    connection->generation++;
    connection->state = CONNECTING;
    connection->since = run.now;
    run.opening++;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(connection->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (bind(connection->fd, (struct sockaddr *)&source, sizeof source) < 0 ||
        (connect(connection->fd, (struct sockaddr *)&target, sizeof target) < 0 && errno != EINPROGRESS)) {
        connection_fail(connection, "Connecting to port %d: %s.", port_of(connection), strerror(errno));
        return;
    }
    loop_add(connection);
}

static void request_upgrade(Connection *connection)
{
    static Buffer request;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        connection_fail(connection, "Connecting to port %d: %s.", port_of(connection), strerror(error));
        return;
    }
    char key[25];
    Values values = traffic_values(connection);
    websocket_key(key);
    request.size = 0;
    buffer_print(&request, "GET ");
    template_render(&traffic_opening(connection)->path, &values, &request);
    buffer_print(&request, " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", port_of(connection));
    buffer_print(&request, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    buffer_print(&request, "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n", key);
    for (int i = 0; i < run.plan.headers.count; i++)
        template_render(&run.plan.headers.items[i], &values, &request);
    buffer_print(&request, "\r\n");
    connection->state = UPGRADING;
    loop_watch(connection, false);
    push(connection, request.data, request.size);
}

/* How much of `data` is the answer to the request; 0 until it is whole. */
static size_t take_upgrade(Connection *connection, const char *data, size_t size)
{
    const char *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end && size < MAX_HEAD) return 0;
    if (!end || size < 12 || memcmp(data, "HTTP/1.1 101", 12) != 0) {
        int line = (int)strcspn(data, "\r\n");
        connection_fail(connection, "The handshake was answered with %.*s.", line < 100 ? line : 100, data);
        return 0;
    }
    traffic_upgraded(connection);
    return (size_t)(end - data) + 4;
}

/* ---- reading */

static void take_close(Connection *connection, const Frame *frame)
{
    const unsigned char *code = (const unsigned char *)frame->payload;
    if (frame->size < 2) {
        connection_fail(connection, "The server closed a connection without a code.");
        return;
    }
    send_frame(connection, OP_CLOSE, frame->payload, 2);
    connection_fail(connection, "The server closed a connection with code %d: %.*s.", code[0] << 8 | code[1],
                    (int)frame->size - 2, frame->payload + 2);
}

static void take_part(Connection *connection, const Frame *frame)
{
    Buffer *message = &connection->message;
    if (message->size + frame->size > MAX_FRAME) {
        connection_fail(connection, "The server sent a message of more than %d bytes.", MAX_FRAME);
        return;
    }
    buffer_add(message, frame->payload, frame->size);
    if (!frame->final) return;
    Buffer whole = *message;
    *message = (Buffer){0}; /* the text may end the connection */
    traffic_text(connection, whole.size ? whole.data : "", whole.size);
    free(whole.data);
}

static void take_frame(Connection *connection, const Frame *frame)
{
    switch (frame->opcode) {
    case OP_TEXT:
    case OP_BINARY:
        run.frames++;
        if (frame->final) traffic_text(connection, frame->payload, frame->size);
        else take_part(connection, frame);
        break;
    case OP_CONTINUATION: take_part(connection, frame); break;
    case OP_PING: send_frame(connection, OP_PONG, frame->payload, frame->size); break;
    case OP_CLOSE: take_close(connection, frame); break;
    }
}

/* Handles all that is whole; how much that was. */
static size_t take_all(Connection *connection, const char *data, size_t size)
{
    size_t done = 0;
    if (connection->state == UPGRADING) done = take_upgrade(connection, data, size);
    while (connection->state >= JOINING && connection->state <= READY) {
        Frame frame;
        size_t used = 0;
        FrameVerdict verdict = frame_read(data + done, size - done, &frame, &used);
        if (verdict == FRAME_PARTIAL) break;
        if (verdict == FRAME_WRONG) {
            connection_fail(connection, "The server sent a frame that is not allowed.");
            break;
        }
        take_frame(connection, &frame);
        done += used;
    }
    return connection->state == CLOSING ? size : done;
}

static void receive(Connection *connection)
{
    static char data[MAX_FRAME + 64 + READ_SIZE + 1];
    size_t kept = connection->in.size;
    if (kept) memcpy(data, connection->in.data, kept);
    ssize_t size = recv(connection->fd, data + kept, READ_SIZE, 0);
    run.now = now_ns();
    run.reads++;
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) {
        connection_fail(connection, "The server ended a connection%s%s.", size < 0 ? ": " : "",
                        size < 0 ? strerror(errno) : " without a close frame");
        return;
    }
    size_t whole = kept + (size_t)size;
    data[whole] = 0;
    size_t done = take_all(connection, data, whole);
    if (connection->fd < 0) return;
    connection->in.size = 0;
    buffer_add(&connection->in, data + done, whole - done);
}

void connection_event(Connection *connection, uint32_t events)
{
    if (connection->state == CONNECTING) {
        request_upgrade(connection);
        return;
    }
    if (events & EPOLLOUT) flush(connection);
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) receive(connection);
}
