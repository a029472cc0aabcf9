#define _GNU_SOURCE
#include "processes.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

typedef struct {
    int pid, parent;
    unsigned long long ticks;
    long pages;
    bool of_kernel;
} Process;

static const unsigned KERNEL_THREAD = 0x00200000; /* PF_KTHREAD */

static bool read_process(int pid, Process *process)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file) return false;
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = 0;
    char *after_name = strrchr(text, ')'); /* a name may hold anything */
    unsigned long long own_user, own_system, children_user, children_system;
    unsigned flags;
    *process = (Process){.pid = pid};
    if (!after_name || sscanf(after_name + 1,
                              " %*c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %llu %llu %llu %llu"
                              " %*d %*d %*d %*d %*u %*u %ld",
                              &process->parent, &flags, &own_user, &own_system, &children_user,
                              &children_system, &process->pages) != 7)
        return false;
    process->of_kernel = flags & KERNEL_THREAD;
    process->ticks = own_user + own_system + children_user + children_system;
    return true;
}

static int by_pid(const void *left, const void *right)
{
    return ((const Process *)left)->pid - ((const Process *)right)->pid;
}

static Process *read_all(int *count)
{
    Process *found = NULL;
    DIR *directory = opendir("/proc");
    *count = 0;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        Process process;
        int pid = atoi(entry->d_name);
        if (pid <= 0 || !read_process(pid, &process)) continue;
        found = grown(found, (size_t)*count + 1, sizeof *found);
        found[(*count)++] = process;
    }
    if (directory) closedir(directory);
    if (found) qsort(found, (size_t)*count, sizeof *found, by_pid);
    return found;
}

static bool is_in(const Numbers *pids, int pid)
{
    for (int i = 0; i < pids->count; i++)
        if (pids->items[i] == pid) return true;
    return false;
}

static bool descends(const Process *all, int count, const Process *process, const Numbers *roots)
{
    for (int hops = 0; process && hops < count; hops++) {
        if (is_in(roots, process->pid)) return true;
        Process parent = {.pid = process->parent};
        process = bsearch(&parent, all, (size_t)count, sizeof parent, by_pid);
    }
    return false;
}

static double own_cpu_s(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return fmax(0, (double)used.tv_sec + (double)(used.tv_nsec - run.spun) / SECOND);
}

Sample processes_sample(const Plan *plan)
{
    double tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK), page_mb = (double)sysconf(_SC_PAGESIZE) / (1 << 20);
    Sample sample = {.at = now_ns(), .own_cpu_s = own_cpu_s()};
    int count;
    Process *all = read_all(&count);
    for (int i = 0; i < count; i++) {
        if (all[i].pid == getpid() || all[i].of_kernel) continue;
        int group = descends(all, count, &all[i], &plan->server_pids)   ? SERVER
                    : descends(all, count, &all[i], &plan->beside_pids) ? BESIDE
                                                                        : FOREIGN;
        sample.groups[group].cpu_s += (double)all[i].ticks * tick_s;
        sample.groups[group].rss_mb += (double)all[i].pages * page_mb;
    }
    free(all);
    return sample;
}
