/* A WebSocket load generator: a plan in JSON on stdin, its result in JSON on stdout.
 *
 * One thread on epoll. plan.c reads the plan, modes.c carries it out in turns of loop.c, connection.c speaks
 * WebSocket, traffic.c says and hears what the plan wants, ledger.c knows who has to receive what, and
 * report.c prints. Ends with 2 and a sentence on stderr if the plan can't be carried out. Linux only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "modes.h"
#include "report.h"
#include "loop.h"

enum { SPARE_FILES = 64 };

Run run;

static Buffer read_all(int fd)
{
    Buffer text = {0};
    for (;;) {
        buffer_reserve(&text, 65536);
        ssize_t size = read(fd, text.data + text.size, 65536);
        if (size < 0) refuse("The plan can't be read: %s.", strerror(errno));
        if (size == 0) return text;
        text.size += (size_t)size;
    }
}

static void pin(int core)
{
    cpu_set_t cores;
    if (core < 0) return;
    CPU_ZERO(&cores);
    CPU_SET((size_t)core, &cores);
    if (sched_setaffinity(0, sizeof cores, &cores) < 0)
        refuse("Core %d is not to be had: %s.", core, strerror(errno));
}

static void allow_files(int count)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)count + SPARE_FILES;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted;
    if (limit.rlim_max < wanted) limit.rlim_max = wanted; /* root may */
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        refuse("%d connections need as many open files: raise the limit (`ulimit -n %llu`).", count,
               (unsigned long long)wanted);
}

static void prepare(void)
{
    bool sends = run.plan.mode == MODE_PUBLISH || run.plan.mode == MODE_STORM;
    int publishers = sends ? run.plan.publishers : 0;
    run.total = run.plan.connections + publishers;
    snprintf(run.id, sizeof run.id, "%08x", (unsigned)(random_bits() >> 32));
    run.connections = allocate((size_t)run.total, sizeof *run.connections);
    for (int i = 0; i < run.total; i++) run.connections[i] = (Connection){.index = i, .fd = -1};
    run.ledger = ledger_new(run.plan.connections, publishers, run.plan.rooms, run.plan.self_delivery);
}

int main(void)
{
    Buffer plan = read_all(STDIN_FILENO);
    run.plan = plan_read(plan.data, plan.size);
    pin(run.plan.core);
    prepare();
    allow_files(run.total);
    loop_begin();
    mode_run();
    report_print();
    return 0;
}
