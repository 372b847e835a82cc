#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* Between embedded.c (the life of the private cluster) and cluster.c (its programs, its user, its files). */

struct cluster {
    char data[4096];     /* settings.data, ours */
    char folder[4200];   /* data/cluster: PGDATA, of the cluster's user, 0700 */
    char socket[4200];   /* data/socket: 0700 as well; who cannot enter it cannot connect */
    char log[4200];      /* data/postgres.log, 0600 */
    char programs[4096]; /* folder of initdb and postgres */
    uid_t user;          /* whom the cluster runs as: `postgres` when we are root, else ourselves */
    gid_t group;
    const char *user_name;
};

bool cluster_locate(struct cluster *); /* fills it in, makes the folders, finds the programs; false after complaining */
bool cluster_make(struct cluster *);   /* initdb, unless done; false after complaining */

/* Starts a program of PostgreSQL as the cluster's user, in a session of its own, its output in the log; arguments[0] is filled in
   for it and dies with the call. -1: could not fork. */
pid_t cluster_spawn(const struct cluster *, const char *program, char *arguments[]);
pid_t cluster_pid(const struct cluster *);                  /* of the postmaster that runs in this folder, whoever started it; 0: none */
int cluster_signal_all(const struct cluster *, int signal); /* all processes that work in the folder; 0: only counts them */
