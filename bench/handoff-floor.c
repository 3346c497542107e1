/* The floor of a handoff between two threads: a number in one cache line goes to the other processor and back, and
   nothing else. Prints half of each round trip a line, in nanoseconds. Who waits looks without end, or sleeps in the
   kernel (futex) and is woken each time. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Nothing else lies in 128 bytes, as processors fetch lines in pairs. */
static _Alignas(128) struct { _Atomic int hops; char rest[124]; } line;
static int rounds, cpus[2], sleeps;

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

static void hand_on(int hop) {
  atomic_store(&line.hops, hop);
  if (sleeps) syscall(SYS_futex, &line.hops, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void await(int hop) {
  for (int seen; (seen = atomic_load(&line.hops)) < hop;)
    if (sleeps) syscall(SYS_futex, &line.hops, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void *answer(void *unused) {
  pin(cpus[1]);
  for (int round = 0; round < rounds; round++) {
    await(2 * round + 1);
    hand_on(2 * round + 2);
  }
  return unused;
}

int main(int count, char **words) {
  if (count != 5) return 2;
  rounds = atoi(words[1]), cpus[0] = atoi(words[2]), cpus[1] = atoi(words[3]), sleeps = !strcmp(words[4], "sleep");
  double *took = calloc(rounds, sizeof *took);
  pthread_t other;
  pin(cpus[0]);
  if (took == NULL || pthread_create(&other, NULL, answer, NULL)) return 1;
  for (int round = 0; round < rounds; round++) {
    double started = now_ns();
    hand_on(2 * round + 1);
    await(2 * round + 2);
    took[round] = (now_ns() - started) / 2;
  }
  pthread_join(other, NULL);
  for (int round = 0; round < rounds; round++) printf("%.0f\n", took[round]);
  return 0;
}
