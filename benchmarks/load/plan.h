/* The plan, read from JSON. `Load` in __init__.py says what each field means and has the defaults. */
#ifndef LOAD_PLAN_H
#define LOAD_PLAN_H

#include "template.h"

typedef enum { MODE_PUBLISH, MODE_IDLE, MODE_CONNECT, MODE_STORM } Mode;

typedef struct {
    Template *items;
    int count;
} Templates;

typedef struct {
    int *items;
    int count;
} Numbers;

typedef struct {
    const char *prefix;
    Template reply;
} Answer;

/* How a connection opens: the subscribers have one, separate publishers have another. */
typedef struct {
    Template path;
    Templates init, resume;
    const char *ready;
} Opening;

typedef struct {
    Mode mode;
    Numbers ports;
    int connections, rooms, first_room;
    int publishers; /* separate ones; 0 where subscribers publish */
    Opening subscriber, publisher;
    const char **tokens;
    int token_count;
    Templates headers; /* whole lines */
    bool engineio;
    Template message;
    int pad;
    double rate;
    int64_t warmup, duration, drain, hold, connect_timeout, retry;
    int connect_concurrency;
    double connect_rate;
    int missed;
    bool cut_by_reset;
    Answer *answers;
    int answer_count;
    const char *ack; /* the part before {call_id} */
    bool ack_has_call_id;
    const char *errors;
    Numbers server_pids, beside_pids;
    bool self_delivery, spin;
    int core; /* -1: any */
} Plan;

/* Ends the program with a sentence if this is no plan. */
Plan plan_read(const char *text, size_t size);

#endif
