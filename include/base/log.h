#pragma once
#include <stdbool.h>

/*
 * One line an event, logfmt, whole lines to stderr: at=2026-11-22T05:42:16.123456Z level=info event="listening" address=...
 * Never bodies, names, tokens, phone numbers; nothing of an anonymous sender.
 */
enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Pairs of key and value follow the event's name, then NULL; a NULL value leaves its pair out. */
void log_event(enum log_level, const char *event, ...) __attribute__((sentinel));
/* A line of its own, "echo-wall: ...", to whoever starts the program by hand. Returns false. */
bool log_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_threshold(enum log_level); /* what is less important is not written */

/* From now on this thread's lines are written together by log_flush(), which it calls before it waits; errors and warnings at once. */
void log_gather(void);
void log_flush(void);

/* A number as text for log_event, valid until the end of the full expression's block (a compound literal holds it). */
struct log_number {
    char text[24];
};
const char *log_number(struct log_number *into, long long number);
#define LOG_NUMBER(number) log_number(&(struct log_number){{0}}, (number))
