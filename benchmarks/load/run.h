/* One run: the plan, the connections and what was counted. There is one, so it is global. */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include "histogram.h"
#include "ledger.h"
#include "plan.h"
#include "processes.h"

typedef enum {
    CLOSED,
    QUEUED,     /* to be opened when there is room for a handshake */
    WAITING,    /* for its next try */
    CONNECTING, /* TCP */
    UPGRADING,  /* HTTP */
    JOINING,    /* Engine.IO and Socket.IO */
    GREETING,   /* for the frame that makes it ready */
    READY,
    CLOSING,
} State;

typedef struct {
    int index, fd;
    uint32_t generation; /* counts its sockets, so that an event of an earlier one is noticed */
    State state;
    bool resumes;  /* greets with `resume` instead of `init` */
    int64_t since; /* when the opening or the closing began; of WAITING, when it ends */
    Buffer in, message, out; /* an unfinished frame, an unfinished message, what the socket did not take */
    size_t flushed;          /* of `out` */
    uint64_t seq_seen;
    char epoch_seen[EPOCH_MAX + 1];
} Connection;

/* Messages at fixed moments, whatever is answered. Message n of the schedule has seq n. */
typedef struct {
    int64_t begin;
    uint32_t total, measured_from; /* seq */
} Schedule;

typedef struct {
    uint64_t ok, failed;
    double seconds;
    Histogram latency;
} Openings;

typedef struct {
    Plan plan;
    char id[RUN_DIGITS + 1];
    int64_t now;  /* of the latest look at the clock */
    int64_t spun; /* how long it looked for deliveries in vain */

    int total; /* subscribers, then separate publishers */
    Connection *connections;
    int opening, ready, closing, waiting; /* how many connections are in such a state */
    Openings openings[2];                 /* the first ones, and those of a storm's return */
    int round;                            /* which of the two */

    /* What a mode does beside the counting; NULL for nothing. `on_end`: it failed, or ended unasked. */
    void (*on_ready)(Connection *connection);
    void (*on_new)(Connection *connection);
    void (*on_end)(Connection *connection);

    Ledger ledger;
    Schedule schedule;
    int *senders, sender_count;
    uint64_t sent, unsent, acknowledged, errors, closed;
    uint64_t frames, reads, deliveries; /* `deliveries` with those of other times than `latency` measures */
    int64_t last_sent, last_delivery;
    Histogram latency, first_quarter, last_quarter, ack_latency, send_lag;
    Buffer first_error, first_failure;

    Sample before, connected; /* before the first connection, after the last */
    Sample begin, end;        /* of measuring */
    uint64_t deliveries_at_begin;
} Run;

extern Run run;

#endif
