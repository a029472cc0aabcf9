/* The event loop: one epoll, one timer, and the queue of connections to open. */
#ifndef LOAD_LOOP_H
#define LOAD_LOOP_H

#include "run.h"

void loop_begin(void);
void loop_add(Connection *connection); /* told when it can be written: it is connecting */
void loop_watch(Connection *connection, bool writable);

/* Opens it when there is room for a handshake; now, or after a pause. */
void loop_enqueue(Connection *connection);
void loop_enqueue_after(Connection *connection, int64_t pause);

/* How many are in the queue. Those that are given up count as failed. */
int loop_queued(void);
void loop_give_up(void);

/* Sends and opens what is due, waits for events, until `deadline` at most, and handles them. */
void loop_turn(int64_t deadline);

#endif
