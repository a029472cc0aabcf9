#define _GNU_SOURCE
#include "loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>

#include "connection.h"
#include "traffic.h"

enum { EVENTS_PER_TURN = 256 };
static const int64_t SWEEP_INTERVAL = 20 * MILLISECOND;
static const uint64_t TIMER = UINT64_MAX;

static int epoll, timer;
static int64_t timer_at = NEVER, next_sweep, next_opening;
static int *queue, queue_head, queue_size; /* a ring of all connections' indexes */

void loop_begin(void)
{
    epoll = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (epoll < 0 || timer < 0) refuse("No event loop: %s.", strerror(errno));
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = TIMER};
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
    prctl(PR_SET_TIMERSLACK, 1000);
    queue = allocate((size_t)run.total, sizeof *queue);
}

static struct epoll_event event_of(const Connection *connection, bool writable)
{
    struct epoll_event event = {.events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN};
    event.data.u64 = (uint64_t)connection->generation << 32 | (uint32_t)connection->index;
    return event;
}

void loop_add(Connection *connection)
{
    struct epoll_event event = event_of(connection, true);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event) < 0)
        refuse("A connection can't be watched: %s.", strerror(errno));
}

void loop_watch(Connection *connection, bool writable)
{
    struct epoll_event event = event_of(connection, writable);
    epoll_ctl(epoll, EPOLL_CTL_MOD, connection->fd, &event);
}

/* ---- the queue */

void loop_enqueue(Connection *connection)
{
    if (connection->state == WAITING) run.waiting--;
    connection->state = QUEUED;
    queue[(queue_head + queue_size++) % run.total] = connection->index;
}

void loop_enqueue_after(Connection *connection, int64_t pause)
{
    connection->state = WAITING;
    connection->since = run.now + pause;
    run.waiting++;
}

int loop_queued(void)
{
    return queue_size;
}

static Connection *dequeue(void)
{
    Connection *connection = &run.connections[queue[queue_head]];
    queue_head = (queue_head + 1) % run.total;
    queue_size--;
    return connection;
}

void loop_give_up(void)
{
    while (queue_size) {
        dequeue()->state = CLOSED;
        run.openings[run.round].failed++;
    }
}

static bool has_room(void)
{
    return queue_size && run.opening < run.plan.connect_concurrency;
}

static void open_due(void)
{
    while (has_room() && run.now >= next_opening) {
        if (run.plan.connect_rate > 0) {
            if (next_opening < run.now - 100 * MILLISECOND) next_opening = run.now;
            next_opening += (int64_t)(SECOND / run.plan.connect_rate);
        }
        connection_open(dequeue());
    }
}

/* ---- time */

/* Ends what takes too long, and queues what has waited long enough. */
static void sweep(void)
{
    next_sweep = run.now + SWEEP_INTERVAL;
    for (int i = 0; i < run.total; i++) {
        Connection *connection = &run.connections[i];
        if (is_opening(connection) && run.now - connection->since > run.plan.connect_timeout)
            connection_fail(connection, "A handshake took longer than %.1f s.",
                            (double)run.plan.connect_timeout / SECOND);
        else if (connection->state == CLOSING && run.now - connection->since > CLOSE_TIMEOUT)
            connection_reset(connection);
        else if (connection->state == WAITING && run.now >= connection->since)
            loop_enqueue(connection);
    }
}

static int64_t earliest(int64_t deadline)
{
    int64_t due = traffic_next_due();
    if (due < deadline) deadline = due;
    if (has_room() && next_opening < deadline) deadline = next_opening;
    if (run.opening + run.closing + run.waiting && next_sweep < deadline) deadline = next_sweep;
    return deadline;
}

static void set_timer(int64_t at)
{
    if (at == timer_at) return;
    struct itimerspec when = {0};
    if (at != NEVER) when.it_value = (struct timespec){at / SECOND, at % SECOND};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
    timer_at = at;
}

/* Waits for what the kernel brings. While deliveries are on their way a spinning plan asks again and again instead: a
 * receiver that sleeps has to be woken by the very send() that is measured. What that takes is not counted as work. */
static int wait_for(struct epoll_event *events, bool due)
{
    bool spin = run.plan.spin && run.ledger.delivered < run.ledger.expected;
    int count = epoll_wait(epoll, events, EVENTS_PER_TURN, due || spin ? 0 : -1);
    int64_t now = now_ns();
    if (spin && !count) run.spun += now - run.now;
    run.now = now;
    return count;
}

void loop_turn(int64_t deadline)
{
    struct epoll_event events[EVENTS_PER_TURN];
    run.now = now_ns();
    traffic_send_due();
    open_due();
    if (run.now >= next_sweep) sweep();
    deadline = earliest(deadline);
    set_timer(deadline);
    int count = wait_for(events, deadline <= run.now);
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 == TIMER) continue;
        Connection *connection = &run.connections[(uint32_t)events[i].data.u64];
        if (connection->fd >= 0 && connection->generation == events[i].data.u64 >> 32)
            connection_event(connection, events[i].events);
        traffic_send_due();
    }
}
