#include "modes.h"

#include <math.h>

#include "connection.h"
#include "loop.h"
#include "traffic.h"

static const int64_t START_PAUSE = 50 * MILLISECOND; /* between the last preparation and the first message */
static const int64_t LINGER = 100 * MILLISECOND;     /* for duplicates, after the last expected delivery */

Storm storm;

static void connect_all(void)
{
    int64_t began = now_ns(), progress = began;
    int ready = 0;
    for (int i = 0; i < run.total; i++) loop_enqueue(&run.connections[i]);
    while (loop_queued() || run.opening) {
        loop_turn(progress + run.plan.connect_timeout + SECOND);
        if (run.ready > ready) progress = run.now;
        ready = run.ready;
        if (run.now > progress + run.plan.connect_timeout) loop_give_up();
    }
    run.openings[0].seconds = (double)(now_ns() - began) / SECOND;
    run.connected = processes_sample(&run.plan);
}

static void pass(int64_t duration)
{
    int64_t end = now_ns() + duration;
    do loop_turn(end);
    while (run.now < end);
}

static void begin_measuring(void)
{
    run.begin = processes_sample(&run.plan);
    run.deliveries_at_begin = run.deliveries;
}

/* All who are ready are expected to receive; those of them who publish take turns. */
static void take_places(void)
{
    run.senders = allocate((size_t)run.total, sizeof *run.senders);
    for (int i = 0; i < run.total; i++) {
        bool publisher = i >= run.plan.connections;
        if (run.connections[i].state != READY) continue;
        if (!publisher) ledger_join(&run.ledger, i);
        if (publisher == (run.plan.publishers > 0)) run.senders[run.sender_count++] = i;
    }
}

/* ---- publish */

static void send_all(void)
{
    int64_t last = traffic_due_at(run.schedule.total);
    while (run.ledger.count < run.schedule.total) loop_turn(last);
}

static void publish(void)
{
    double seconds = (double)run.plan.duration / SECOND, warm_up_s = (double)run.plan.warmup / SECOND;
    connect_all();
    take_places();
    begin_measuring();
    if (run.sender_count) {
        run.schedule.measured_from = (uint32_t)lround(warm_up_s * run.plan.rate);
        run.schedule.begin = now_ns() + START_PAUSE;
        run.schedule.total = run.schedule.measured_from + (uint32_t)lround(seconds * run.plan.rate);
        if (run.plan.warmup) {
            pass(START_PAUSE + run.plan.warmup);
            begin_measuring();
        }
    }
    send_all();
    for (int64_t end = now_ns() + run.plan.drain;
         run.ledger.delivered < run.ledger.expected && run.ready && run.now < end;)
        loop_turn(end);
    run.end = processes_sample(&run.plan);
    pass(LINGER);
}

/* ---- idle */

static void idle(void)
{
    connect_all();
    begin_measuring();
    pass(run.plan.hold);
    run.end = processes_sample(&run.plan);
}

/* ---- connect */

/* Opens as many as there are slots, each time with the next connection that is closed. */
static void fill_slots(void)
{
    static int next;
    int slots = run.plan.connect_concurrency;
    for (int tried = 0; tried < run.total && run.opening + loop_queued() < slots; tried++) {
        Connection *connection = &run.connections[next++ % run.total];
        if (connection->state == CLOSED) loop_enqueue(connection);
    }
    next %= run.total;
}

static void open_and_close(int64_t duration)
{
    int64_t end = now_ns() + duration;
    do {
        fill_slots();
        loop_turn(end < run.now + MILLISECOND ? end : run.now + MILLISECOND);
    } while (run.now < end);
}

static void connect_again_and_again(void)
{
    run.connected = run.before; /* none stay */
    run.on_ready = connection_close;
    open_and_close(run.plan.warmup);
    run.openings[0] = (Openings){0};
    begin_measuring();
    open_and_close(run.plan.duration);
    run.end = processes_sample(&run.plan);
    run.openings[0].seconds = (double)(run.end.at - run.begin.at) / SECOND;
}

/* ---- storm */

static bool is_subscriber(const Connection *connection)
{
    return connection->index < run.plan.connections;
}

static void cut_all(void)
{
    run.now = now_ns();
    for (int i = 0; i < run.plan.connections; i++) {
        Connection *connection = &run.connections[i];
        if (connection->state != READY) continue;
        if (run.plan.cut_by_reset) connection_reset(connection);
        else connection_close(connection);
        connection->resumes = true;
        storm.away++;
    }
}

/* Publishes what the others miss, until it is acknowledged, or as long as the plan holds. */
static void publish_missed(void)
{
    run.schedule.begin = now_ns() + START_PAUSE;
    run.schedule.total = (uint32_t)(run.plan.missed * run.plan.rooms);
    send_all();
    if (!*run.plan.ack) {
        pass(run.plan.hold);
        return;
    }
    for (int64_t end = now_ns() + run.plan.drain; run.acknowledged < run.sent && run.now < end;)
        loop_turn(end);
}

static void note_caught_up(Connection *connection)
{
    if (!is_subscriber(connection) || connection->state != READY || storm.current[connection->index]) return;
    if (run.ledger.places[connection->index].received < (uint32_t)run.plan.missed) return;
    storm.current[connection->index] = true;
    storm.caught_up++;
    storm.caught_up_s = (double)(run.now - storm.began) / SECOND;
    histogram_add(&storm.caught_up_after, run.now - storm.began);
}

static void note_back(Connection *connection)
{
    storm.back_s = (double)(run.now - storm.began) / SECOND;
    histogram_add(&storm.back_after, run.now - storm.began);
    note_caught_up(connection);
}

static void try_again(Connection *connection)
{
    if (!is_subscriber(connection)) return;
    loop_enqueue_after(connection, (int64_t)((0.5 + random_fraction()) * (double)run.plan.retry));
}

static void return_all(void)
{
    run.on_ready = note_back;
    run.on_new = note_caught_up;
    run.on_end = try_again;
    run.round = 1;
    storm.began = run.now = now_ns();
    for (int i = 0; i < run.plan.connections; i++)
        if (run.connections[i].resumes) loop_enqueue(&run.connections[i]);
    int64_t end = storm.began + run.plan.drain;
    while ((int)storm.caught_up < storm.away && run.now < end) loop_turn(end);
    run.openings[1].seconds = (double)(run.now - storm.began) / SECOND;
    for (int i = 0; i < run.plan.connections; i++)
        storm.back += run.connections[i].resumes && run.connections[i].state == READY;
}

static void drop_and_return(void)
{
    connect_all();
    take_places();
    storm.current = allocate((size_t)run.total, sizeof *storm.current);
    cut_all();
    if (run.sender_count) publish_missed();
    for (int64_t end = now_ns() + 2 * CLOSE_TIMEOUT; run.closing && run.now < end;) loop_turn(end);
    begin_measuring();
    return_all();
    run.end = processes_sample(&run.plan);
    pass(LINGER);
}

void mode_run(void)
{
    run.before = processes_sample(&run.plan);
    switch (run.plan.mode) {
    case MODE_PUBLISH: publish(); break;
    case MODE_IDLE: idle(); break;
    case MODE_CONNECT: connect_again_and_again(); break;
    case MODE_STORM: drop_and_return(); break;
    }
}
