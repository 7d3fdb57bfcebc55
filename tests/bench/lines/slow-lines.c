/* Lines between network namespaces on which every packet takes so many milliseconds: `slow-lines MS NAME:ADDRESS …` makes an
 * interface in each namespace and carries what they send to each other. Prints a line when it is ready; runs until killed.
 * Of multicast every other one gets a copy: browsers look each other's names up so (mDNS). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define MAX_ENDS 8
#define MAX_PACKET 2048
/* More than a second of anything sent here. */
#define MAX_WAITING 65536

struct packet {
  double due;
  int from;
  ssize_t length;
  uint8_t data[MAX_PACKET];
};

static int ends;
static int lines[MAX_ENDS];
static uint32_t addresses[MAX_ENDS];
static struct packet *waiting[MAX_WAITING];
static size_t first, next;

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* A new interface in a namespace, with its address and a default route: without one browsers gather no candidates. */
static int open_line(const char *name, const char *address) {
  char command[256];
  snprintf(command, sizeof command, "/run/netns/%s", name);
  int space = open(command, O_RDONLY);
  if (space < 0 || setns(space, CLONE_NEWNET) < 0) fail(name);
  close(space);
  int line = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (line < 0) fail("/dev/net/tun");
  struct ifreq request;
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  strcpy(request.ifr_name, "eth0");
  if (ioctl(line, TUNSETIFF, &request) < 0) fail("TUNSETIFF");
  snprintf(command, sizeof command,
           "ip address add %s/24 dev eth0 && ip link set eth0 up mtu 1400 && ip route add default dev eth0", address);
  if (system(command) != 0) fail("ip");
  return line;
}

static void take(int end, double delay) {
  for (;;) {
    struct packet *packet = malloc(sizeof *packet);
    if (packet == NULL) fail("malloc");
    packet->length = read(lines[end], packet->data, MAX_PACKET);
    packet->from = end;
    packet->due = now_ms() + delay;
    int is_ipv4 = packet->length >= 20 && packet->data[0] >> 4 == 4;
    if (is_ipv4 && next - first < MAX_WAITING) waiting[next++ % MAX_WAITING] = packet;
    else {
      ssize_t length = packet->length;
      free(packet);
      if (length < 0) return;
    }
  }
}

static void give(struct packet *packet) {
  uint32_t to;
  memcpy(&to, packet->data + 16, 4);
  int is_for_all = ntohl(to) >> 28 == 14;
  for (int end = 0; end < ends; end++) {
    if (end == packet->from || !(is_for_all || to == addresses[end])) continue;
    /* What an end has no room for is lost, as on any line. */
    if (write(lines[end], packet->data, (size_t)packet->length) < 0 && errno != EAGAIN) perror("write");
  }
  free(packet);
}

int main(int count, char **arguments) {
  if (count < 4 || count - 2 > MAX_ENDS) return 2;
  double delay = atof(arguments[1]);
  for (ends = 0; ends < count - 2; ends++) {
    char *address = strchr(arguments[ends + 2], ':');
    if (address == NULL) return 2;
    *address++ = 0;
    addresses[ends] = inet_addr(address);
    lines[ends] = open_line(arguments[ends + 2], address);
  }
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    struct pollfd watched[MAX_ENDS];
    for (int end = 0; end < ends; end++) watched[end] = (struct pollfd){.fd = lines[end], .events = POLLIN};
    double wait = first == next ? 1e3 : waiting[first % MAX_WAITING]->due - now_ms();
    if (wait < 0) wait = 0;
    struct timespec patience = {.tv_sec = (time_t)(wait / 1e3), .tv_nsec = (long)(wait * 1e6) % 1000000000L};
    ppoll(watched, (nfds_t)ends, &patience, NULL);
    for (int end = 0; end < ends; end++)
      if (watched[end].revents & POLLIN) take(end, delay);
    while (first != next && waiting[first % MAX_WAITING]->due <= now_ms()) give(waiting[first++ % MAX_WAITING]);
  }
}
