// A clock that can be made to jump, for programs that read the time through the C library: preloaded, it adds as
// many microseconds as the file named in CHAOS_CLOCK says. That file holds one 64-bit number.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset;

__attribute__((constructor)) static void open_clock(void) {
	const char *name = getenv("CHAOS_CLOCK");
	int file = name ? open(name, O_RDONLY) : -1;
	if (file < 0)
		return;
	void *page = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
	if (page != MAP_FAILED)
		offset = page;
	close(file);
}

int clock_gettime(clockid_t clock, struct timespec *t) {
	int failed = syscall(SYS_clock_gettime, clock, t);
	if (failed || !offset || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
		return failed;
	int64_t nanoseconds = t->tv_nsec + *offset % 1000000 * 1000;
	t->tv_sec += *offset / 1000000;
	if (nanoseconds < 0) {
		nanoseconds += 1000000000;
		t->tv_sec--;
	}
	t->tv_sec += nanoseconds / 1000000000;
	t->tv_nsec = nanoseconds % 1000000000;
	return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
	struct timespec t;
	int failed = clock_gettime(CLOCK_REALTIME, &t);
	now->tv_sec = t.tv_sec;
	now->tv_usec = t.tv_nsec / 1000;
	(void)zone;
	return failed;
}

time_t time(time_t *to) {
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	if (to)
		*to = t.tv_sec;
	return t.tv_sec;
}
