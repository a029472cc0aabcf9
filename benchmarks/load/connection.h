/* One connection: sockets, the handshake, frames. What texts mean is traffic.c's. */
#ifndef LOAD_CONNECTION_H
#define LOAD_CONNECTION_H

#include "run.h"

void connection_open(Connection *connection);
void connection_event(Connection *connection, uint32_t events);

/* A text frame. False where too much is waiting to be taken by the server. */
bool connection_send(Connection *connection, const char *text, size_t size);

void connection_close(Connection *connection); /* in good order, within CLOSE_TIMEOUT */
void connection_reset(Connection *connection); /* at once, so that the server sees a reset */

/* It ended unasked. The first reason of a run is kept. */
void connection_fail(Connection *connection, const char *reason, ...) __attribute__((format(printf, 2, 3)));

#define CLOSE_TIMEOUT SECOND

static inline bool is_opening(const Connection *connection)
{
    return connection->state >= CONNECTING && connection->state <= GREETING;
}

#endif
