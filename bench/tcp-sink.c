/*
 * tcp-sink PORT: reads what comes on 127.0.0.1:PORT and drops it.
 *
 * One thread, one epoll loop, one large buffer, one recv() each time a socket has something: what the
 * kernel charges for bringing the bytes in, and so the least that any server can need.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024, MOST_EVENTS = 128 };

static int
die(const char *what)
{
  fprintf(stderr, "tcp-sink: %s: %s\n", what, strerror(errno));
  return 1;
}

static void
watch(int epoll_fd, int fd)
{
  struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
    exit(die("epoll_ctl"));
}

static void
take(int epoll_fd, int listener)
{
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0)
    watch(epoll_fd, fd);
}

static void
drop(int fd, char *buffer)
{
  ssize_t n = recv(fd, buffer, BUFFER_BYTES, 0);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
    close(fd);
}

static void
serve(int epoll_fd, int listener)
{
  static char buffer[BUFFER_BYTES];
  struct epoll_event events[MOST_EVENTS];
  for (;;) {
    int n = epoll_wait(epoll_fd, events, MOST_EVENTS, -1);
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd == listener)
        take(epoll_fd, listener);
      else
        drop(events[i].data.fd, buffer);
    }
  }
}

int
main(int argc, char **argv)
{
  if (argc != 2) {
    fprintf(stderr, "usage: tcp-sink PORT\n");
    return 2;
  }
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t) atoi(argv[1])),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  int one = 1;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *) &address, sizeof address) < 0 ||
      listen(listener, 1024) < 0)
    return die("cannot listen");
  int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  watch(epoll_fd, listener);
  serve(epoll_fd, listener);
}
