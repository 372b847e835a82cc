#pragma once
#include <stdbool.h>

/*
 * The process that decodes: what somebody sent is read by libraries of 100,000 lines, so it is done where a flaw gains nothing. No file can be
 * opened, no socket, no process; memory and time are limited. In: the picture on descriptor 0. Out: the picture anew on 1, its thumbnail on 3.
 */
enum confined_end { CONFINED_DONE, CONFINED_BROKEN, CONFINED_FULL, CONFINED_UNABLE };

/* `echo-wall --image-worker`: started by picture_rewrite() only. Returns the exit status, a confined_end. */
int image_worker(void);
/* From here on only what decoding needs: seccomp kills whoever calls anything else. False: it cannot be done here. */
bool confine(void);
