/* The floor of an order's round trip: the same number of bytes to another process over loopback and back, by two
   programs that do nothing else and never sleep. Prints one round trip a line, in nanoseconds. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void whole(int fd, char *bytes, size_t length, ssize_t (*step)(int, void *, size_t, int)) {
  for (size_t done = 0; done < length;) {
    ssize_t count = step(fd, bytes + done, length - done, MSG_DONTWAIT);
    if (count > 0) done += count;
    else if (count == 0 || errno != EAGAIN) _exit(count == 0 ? 0 : 1);
  }
}

static ssize_t send_some(int fd, void *bytes, size_t length, int flags) { return send(fd, bytes, length, flags); }

static double now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

int main(int count, char **words) {
  if (count != 4) return 2;
  int rounds = atoi(words[1]), request = atoi(words[2]), answer = atoi(words[3]), one = 1;
  static char bytes[65536];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1)) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  pid_t venue = fork();
  int fd = venue == 0 ? accept(listener, NULL, NULL) : socket(AF_INET, SOCK_STREAM, 0);
  if (venue != 0 && connect(fd, (struct sockaddr *)&address, size)) return 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  for (int round = 0; venue == 0;) {
    whole(fd, bytes, request, recv);
    whole(fd, bytes, answer, send_some);
    if (++round == rounds) return 0;
  }
  for (int round = 0; round < rounds; round++) {
    double started = now_ns();
    whole(fd, bytes, request, send_some);
    whole(fd, bytes, answer, recv);
    printf("%.0f\n", now_ns() - started);
  }
  waitpid(venue, NULL, 0);
  return 0;
}
