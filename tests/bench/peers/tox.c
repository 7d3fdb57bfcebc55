/* Two Tox nodes in one process on loopback: how long until friends are connected, and how long a message and its
 * answer take. Prints one JSON line. Each node is driven at the pace the library asks for (tox_iteration_interval). */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tox/tox.h>

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool connected[2];
static int received[2];

static void on_request(Tox *tox, const uint8_t *key, const uint8_t *text, size_t length, void *who) {
  (void)text, (void)length, (void)who;
  tox_friend_add_norequest(tox, key, NULL);
}
static void on_status(Tox *tox, uint32_t friend_number, TOX_CONNECTION status, void *who) {
  (void)tox, (void)friend_number;
  connected[*(int *)who] = status != TOX_CONNECTION_NONE;
}
static void on_message(Tox *tox, uint32_t friend_number, TOX_MESSAGE_TYPE type, const uint8_t *text, size_t length, void *who) {
  (void)type;
  received[*(int *)who]++;
  if (*(int *)who == 1) tox_friend_send_message(tox, friend_number, TOX_MESSAGE_TYPE_NORMAL, text, length, NULL);
}

static Tox *node(uint16_t port) {
  struct Tox_Options *options = tox_options_new(NULL);
  tox_options_set_ipv6_enabled(options, false);
  tox_options_set_local_discovery_enabled(options, false);
  tox_options_set_start_port(options, port);
  tox_options_set_end_port(options, port);
  Tox *tox = tox_new(options, NULL);
  tox_options_free(options);
  if (tox == NULL) exit(2);
  tox_callback_friend_request(tox, on_request);
  tox_callback_friend_connection_status(tox, on_status);
  tox_callback_friend_message(tox, on_message);
  return tox;
}

static Tox *nodes[2];
static double due[2];

static void turn(void) {
  static int names[2] = {0, 1};
  double next = 1e18;
  for (int i = 0; i < 2; i++) {
    if (now_ms() >= due[i]) {
      tox_iterate(nodes[i], &names[i]);
      due[i] = now_ms() + tox_iteration_interval(nodes[i]);
    }
    if (due[i] < next) next = due[i];
  }
  double wait = next - now_ms();
  if (wait > 0) {
    struct timespec pause = {(time_t)(wait / 1e3), (long)((wait - 1e3 * (long)(wait / 1e3)) * 1e6)};
    nanosleep(&pause, NULL);
  }
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int count, char **arguments) {
  int rounds = count > 1 ? atoi(arguments[1]) : 50;
  uint16_t port = (uint16_t)(count > 2 ? atoi(arguments[2]) : 43101);
  for (int i = 0; i < 2; i++) nodes[i] = node((uint16_t)(port + i));
  for (int i = 0; i < 2; i++) {
    uint8_t key[TOX_PUBLIC_KEY_SIZE];
    tox_self_get_dht_id(nodes[1 - i], key);
    tox_bootstrap(nodes[i], "127.0.0.1", (uint16_t)(port + 1 - i), key, NULL);
  }
  while (tox_self_get_connection_status(nodes[0]) == TOX_CONNECTION_NONE ||
         tox_self_get_connection_status(nodes[1]) == TOX_CONNECTION_NONE)
    turn();

  uint8_t address[TOX_ADDRESS_SIZE];
  tox_self_get_address(nodes[1], address);
  double begun = now_ms();
  uint32_t friend_number = tox_friend_add(nodes[0], address, (const uint8_t *)"hello", 5, NULL);
  while ((!connected[0] || !connected[1]) && now_ms() - begun < 60e3) turn();
  if (!connected[0] || !connected[1]) return 3;
  double connect = now_ms() - begun;

  double *times = calloc((size_t)rounds, sizeof *times);
  for (int i = 0; i < rounds; i++) {
    int before = received[0];
    double start = now_ms();
    tox_friend_send_message(nodes[0], friend_number, TOX_MESSAGE_TYPE_NORMAL, (const uint8_t *)"measure", 7, NULL);
    while (received[0] == before && now_ms() - start < 10e3) turn();
    times[i] = now_ms() - start;
  }
  qsort(times, (size_t)rounds, sizeof *times, by_size);
  printf("{\"connectMs\":%.2f,\"roundTripMs\":%.3f}\n", connect, times[rounds / 2]);
  return 0;
}
