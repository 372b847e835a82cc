#pragma once
#include <jansson.h>
#include <stdbool.h>

enum field_type {
    TEXT, /* code points counted; line feeds, returns and tabs allowed, other control characters not */
    LINE, /* TEXT without line feeds; what turns the direction of writing turns it back (text/visible.h) */
    INTEGER,
    NUMBER, /* a JSON number between min and max */
    BOOLEAN,
    CHOICE,
    ID,       /* a UUID */
    CODE,     /* [a-z0-9_-]{1,32} */
    DAY,      /* 2026-11-22; in paths also "today" where the route's argument is called day */
    INSTANT,  /* RFC 3339 with any offset */
    PHONE,    /* digits, blanks, dashes, a leading +; 5 to 20 digits; normalised to digits with the leading + kept */
    MAIL,     /* an address such as name@example.cn, at most 254 ASCII characters, no quotes */
    URL,      /* http:// or https://, visible ASCII characters, at most 2000, without a user */
    PASSWORD, /* 8 to 200 characters unless min and max are given; hashed off the workers; SQL gets :<name>_hash only */
    DURATION, /* ISO 8601 in days, hours, minutes, seconds: P7D, PT1H30M; min and max in seconds */
    TIME,     /* of day: 22:00 or 22:00:00 */
    OBJECT,   /* its members are `fields` */
    LIST,     /* at most 50 of the type `entry` with min, max and choices; a TEXT has one character at least; of OBJECTs min to max */
    SEARCH,   /* LINE in which there is something to be found (text/sought.h); SQL gets also :sought, what is looked for, as JSON */
    CURSOR,   /* made by the server; SQL gets :after_key and :after_id */
};

/* One input: a member of a JSON body, or a parameter in the query of a GET or DELETE. */
struct field {
    const char *name; /* in JSON, in OpenAPI and as :name in SQL */
    enum field_type type;
    bool required;
    bool sealed;   /* personal: SQL gets :<name>_sealed and :<name>_hash, never the text; not part of :input */
    long min, max; /* code points of a TEXT, value of an INTEGER or NUMBER, seconds of a DURATION, entries of a LIST of OBJECT */
    const char *const *choices; /* of a CHOICE; ends with NULL */
    const char *otherwise;      /* value when absent */
    const struct field *fields; /* of an OBJECT, or of each in a LIST of them */
    enum field_type entry;      /* of a LIST; TEXT unless given */
};
