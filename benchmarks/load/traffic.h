/* What is said on connections: greetings, messages at their time, and the meaning of what comes. */
#ifndef LOAD_TRAFFIC_H
#define LOAD_TRAFFIC_H

#include "run.h"

const Opening *traffic_opening(const Connection *connection);
Values traffic_values(const Connection *connection);

void traffic_upgraded(Connection *connection);
void traffic_text(Connection *connection, const char *text, size_t size);

/* Sends the messages of the schedule whose time has come. */
void traffic_send_due(void);
int64_t traffic_next_due(void);
int64_t traffic_due_at(uint32_t seq);

#endif
