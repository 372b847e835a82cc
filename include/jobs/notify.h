#pragma once

/* Tells systemd (Type=notify) "READY=1", "STOPPING=1", ...; nothing without NOTIFY_SOCKET. */
void notify_systemd(const char *state);
