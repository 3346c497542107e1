/* The floor of a handoff between two threads: a number in one cache line, and nothing else. Prints nanoseconds, one
   handoff a line. Without a period the number goes to the other processor and back as fast as it can, nobody sleeps,
   and a handoff is half of the way. With one the sender keeps to a schedule, the receiver sleeps in the kernel (futex),
   and a handoff is how late it is awake. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Nothing else lies in 128 bytes, as processors fetch lines in pairs. */
static _Alignas(128) struct { _Atomic int count; char rest[124]; } line;
static int rounds, cpus[2];
static double period, start, *took;

static double now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set)) exit(1);
}

static void await(int count) {
  for (int seen; (seen = atomic_load(&line.count)) < count;)
    if (period > 0) syscall(SYS_futex, &line.count, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void *receive(void *unused) {
  pin(cpus[1]);
  for (int round = 0; round < rounds; round++) {
    await(period > 0 ? round + 1 : 2 * round + 1);
    if (period > 0) took[round] = now_ns() - (start + round * period);
    else atomic_store(&line.count, 2 * round + 2);
  }
  return unused;
}

static void send_on_schedule(int round) {
  while (now_ns() < start + round * period);
  atomic_store(&line.count, round + 1);
  syscall(SYS_futex, &line.count, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void send_and_await(int round) {
  double sent = now_ns();
  atomic_store(&line.count, 2 * round + 1);
  await(2 * round + 2);
  took[round] = (now_ns() - sent) / 2;
}

int main(int count, char **words) {
  if (count != 5) return 2;
  rounds = atoi(words[1]), cpus[0] = atoi(words[2]), cpus[1] = atoi(words[3]), period = atof(words[4]);
  took = calloc(rounds, sizeof *took);
  start = now_ns() + 2e6;
  pthread_t other;
  pin(cpus[0]);
  if (took == NULL || pthread_create(&other, NULL, receive, NULL)) return 1;
  for (int round = 0; round < rounds; round++) (period > 0 ? send_on_schedule : send_and_await)(round);
  pthread_join(other, NULL);
  for (int round = 0; round < rounds; round++) printf("%.0f\n", took[round]);
  return 0;
}
